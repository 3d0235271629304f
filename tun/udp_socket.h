// A UDP socket that knows to which local address each datagram came, and sends from the one it is told.
#pragma once

#include <memory>
#include <span>

#include "tun/options.h"
#include "tun/packet_io.h"
#include "tun/socket_options.h"

namespace tun {

// One instruction of a classic BPF program (struct sock_filter), so that whoever knows the protocol can pass
// one in.
struct FilterInstruction {
  std::uint16_t code;
  std::uint8_t jump_true, jump_false;
  std::uint32_t k;
};

struct UdpOptions {
  base::Endpoint bind;
  std::uint32_t mark = 0;      // SO_MARK
  bool reuse_port = false;     // member of a group on this endpoint
  int buffer_bytes = 8 << 20;  // SO_RCVBUF and SO_SNDBUF, forced where permitted
  // gso and gro: trains of datagrams where the kernel has them.
  OffloadOptions offload = kNoOffload;
};

class UdpSocket : public PacketSource, public PacketSink {
 public:
  // Errors name the endpoint and the reason ("port 500 of 0.0.0.0 is taken by another process").
  static base::Result<std::unique_ptr<UdpSocket>> open(const UdpOptions& options);
  // Proves by a plain bind that no other daemon holds the endpoint; before a group is opened there.
  static base::Status probe(const base::Endpoint& endpoint);
  ~UdpSocket() override;

  // Chooses the socket of the SO_REUSEPORT group for each datagram: the program returns the index in bind
  // order.
  base::Status attach_group_filter(std::span<const FilterInstruction> program);

  int descriptor() const override { return descriptor_; }
  const base::Endpoint& bound() const { return bound_; }  // the port is the real one where 0 was asked for
  // Of gso and gro, what is at work.
  OffloadOptions offload() const { return {false, false, send_trains_, receive_trains_}; }
  // Frames carry local (the address the datagram came to) and remote.
  base::Status recv_batch(base::PacketPool& pool, base::PacketBatch& batch, std::uint64_t& dropped) override;
  std::uint64_t send_batch(base::PacketBatch& batch) override;
  // One datagram, for IKE: `local` unset lets the kernel choose. The error carries errno's text.
  base::Status send_one(const base::Endpoint& local, const base::Endpoint& remote, base::ByteSpan payload);

 private:
  UdpSocket(int descriptor, base::Endpoint bound) : descriptor_(descriptor), bound_(bound) {}
  void enable_offload(const OffloadOptions& wanted);
  int descriptor_;
  base::Endpoint bound_;
  bool send_trains_ = false, receive_trains_ = false;
  DontFragmentSwitch dont_fragment_;
};

}  // namespace tun
