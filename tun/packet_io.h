// Batches of packets from and to the kernel. Implementations: TUN queue, UDP socket, raw socket; fakes in
// tests.
#pragma once

#include "base/packet.h"
#include "base/result.h"

namespace tun {

// Octets at which a source may end a batch although more is waiting: what stays in the processor's cache.
constexpr std::size_t kLongBatch = std::size_t{3} * 65536;

class PacketSource {
 public:
  virtual ~PacketSource() = default;
  virtual int descriptor() const = 0;  // readable when recv_batch has something to do
  // Fills `batch` until it is full, has kLongBatch octets or nothing more is waiting; never blocks. Packets
  // lie at base::kHeadroom in buffers of `pool`. The count of packets lost to a lack of buffers or to
  // truncation is added to `dropped`. An error is one that ends the source (device gone); transient ones
  // (ECONNREFUSED from ICMP, EAGAIN) are not reported.
  virtual base::Status recv_batch(base::PacketPool& pool, base::PacketBatch& batch,
                                  std::uint64_t& dropped) = 0;
};

class PacketSink {
 public:
  virtual ~PacketSink() = default;
  // Sends all frames of `batch` (a train of `count` segments as one send where the kernel can, else one by
  // one), and empties it. Returns how many segments the kernel refused; never blocks.
  virtual std::uint64_t send_batch(base::PacketBatch& batch) = 0;
};

}  // namespace tun
