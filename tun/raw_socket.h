// Raw IP sockets, one per family, for protocols without ports (ESP 50, AH 51; the number is the caller's
// business).
#pragma once

#include <memory>
#include <optional>
#include <span>

#include "tun/packet_io.h"
#include "tun/udp_socket.h"

namespace tun {

class RawSocket : public PacketSource, public PacketSink {
 public:
  // What received frames begin with.
  enum class Contents : std::uint8_t {
    payload,  // what follows the IP header
    // The IP header. That of IPv6 stays with the kernel and is made anew, with the hop-by-hop and destination
    // options and routing headers that it had, of up to 256 octets.
    packet,
  };
  // Errors name the missing capability (CAP_NET_RAW).
  static base::Result<std::unique_ptr<RawSocket>> open(base::IpFamily family, std::uint8_t protocol,
                                                       std::uint32_t mark,
                                                       Contents contents = Contents::payload,
                                                       int buffer_bytes = 8 << 20);
  // One that receives nothing, and whose packets get DF whatever their frames say: several threads may send
  // by it.
  static base::Result<std::unique_ptr<RawSocket>> open_unfragmented(base::IpFamily family,
                                                                    std::uint8_t protocol,
                                                                    std::uint32_t mark);
  ~RawSocket() override;

  int descriptor() const override { return descriptor_; }
  // Frames have local and remote with port 0.
  base::Status recv_batch(base::PacketPool& pool, base::PacketBatch& batch, std::uint64_t& dropped) override;
  std::uint64_t send_batch(base::PacketBatch& batch) override;

 private:
  RawSocket(int descriptor, base::IpFamily family, std::uint8_t protocol, Contents contents)
      : descriptor_(descriptor), family_(family), protocol_(protocol), contents_(contents) {}
  int descriptor_;
  base::IpFamily family_;
  std::uint8_t protocol_;
  Contents contents_;
};

// Whole IP packets, header included, put on their way by the kernel's own routing (outbound bypass, ICMP
// answers).
class IpSocket {
 public:
  // Errors name the missing capability (CAP_NET_RAW, CAP_NET_ADMIN for the mark).
  static base::Result<std::unique_ptr<IpSocket>> open(base::IpFamily family, std::uint32_t mark);
  ~IpSocket();
  // The destination is the one in each packet's header. Returns how many were refused: of the other family,
  // no route, or longer than the route's MTU (the kernel does not fragment what comes with its header).
  std::uint64_t send_batch(base::PacketBatch& batch);

 private:
  explicit IpSocket(int descriptor) : descriptor_(descriptor) {}
  int descriptor_;
};

}  // namespace tun
