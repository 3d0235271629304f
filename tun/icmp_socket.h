// ICMP's "too big" about packets that this host has sent (RFC 792 and RFC 1191 4; RFC 4443 3.2), for the
// outer addresses of tunnels. One raw socket per family.
#pragma once

#include <array>
#include <memory>
#include <optional>

#include "base/ip.h"
#include "base/result.h"
#include "tun/file_descriptor.h"

namespace tun {

// What a router says. Anybody can say so: whoever uses it checks that the quoted packet is one of ours.
struct TooBig {
  std::uint32_t mtu = 0;                // octets that the next link takes; 0: it does not tell (RFC 1191 3)
  base::IpAddress source, destination;  // of the quoted packet
  std::uint8_t protocol = 0;
  std::uint32_t length = 0;  // octets of it, as its header says
  std::array<std::uint8_t, 16> payload{};
  std::size_t payload_size = 0;  // octets of its payload that are quoted, at most those
};

// Of a message as the socket gives it: ICMP over IPv4 with its IP header in front, ICMPv6 without. nullopt
// for every other message, and for one that quotes less than eight octets of payload. Pure.
std::optional<TooBig> read_too_big(base::IpFamily family, base::ByteSpan message);

class IcmpSocket {
 public:
  // Errors name the missing capability (CAP_NET_RAW).
  static base::Result<std::unique_ptr<IcmpSocket>> open(base::IpFamily family);
  int descriptor() const { return socket_.get(); }
  // The next one that waits; nullopt where nothing does. At most `kAtOnce` messages are looked at in one
  // call.
  std::optional<TooBig> receive();

 private:
  static constexpr int kAtOnce = 64;
  IcmpSocket(FileDescriptor made, base::IpFamily family) : socket_(std::move(made)), family_(family) {}
  FileDescriptor socket_;
  base::IpFamily family_;
};

}  // namespace tun
