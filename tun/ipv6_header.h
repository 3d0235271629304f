// The IPv6 header that a raw socket keeps for itself, made again of what the kernel tells beside a message.
#pragma once

#include <sys/socket.h>

#include <array>
#include <cstdint>

#include "base/packet.h"
#include "base/result.h"

namespace tun {

// Octets of the extension headers of one packet, beyond which it is not taken.
constexpr std::size_t kExtensionRoom = 256;

// The extension headers of one message, in their order in the packet: that of the control messages.
class Ipv6Extensions {
 public:
  // Has a socket tell them (RFC 3542 6.1, 8.1, 9.1): hop-by-hop and destination options, routing headers.
  static base::Status ask(int descriptor);
  // Takes `item` where it is one.
  void take(const cmsghdr& item);
  // Whether they were more than there is room for.
  bool overflowed() const { return overflowed_; }
  // Puts them and an IPv6 header in front of `frame`, between whose payload, of protocol `next_header`, and
  // them nothing has been. Hop limit 64, no flow label.
  void put_in_front(base::Frame& frame, std::uint8_t next_header) const;

 private:
  std::array<std::uint8_t, kExtensionRoom> octets_;
  std::size_t size_ = 0;
  std::uint8_t first_ = 0;  // which one it begins with
  bool overflowed_ = false;
};

}  // namespace tun
