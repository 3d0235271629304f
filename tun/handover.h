// Frames that other data threads hand to one: what landed with them, and belongs to it.
#pragma once

#include <atomic>
#include <memory>
#include <vector>

#include "base/spsc_ring.h"
#include "tun/file_descriptor.h"
#include "tun/packet_io.h"

namespace tun {

class Handover : public PacketSource {
 public:
  // Frames that may wait from each of the threads; their buffers belong to those.
  static constexpr std::size_t kWaiting = 64;

  // `threads` of them hand over, each by its number. Fails where no descriptor is left.
  static base::Result<std::unique_ptr<Handover>> open(std::size_t threads);

  // By the thread of that number alone. False when too many wait: the frame is left with the caller.
  bool push(std::size_t thread, base::Frame& frame);

  int descriptor() const override { return wake_up_.get(); }
  // In the order in which each thread has handed them over. Takes nothing from `pool`, and loses nothing.
  base::Status recv_batch(base::PacketPool& pool, base::PacketBatch& batch, std::uint64_t& dropped) override;

 private:
  explicit Handover(std::size_t threads, FileDescriptor wake_up);
  void wake();

  std::vector<std::unique_ptr<base::SpscRing<base::Frame>>> rings_;  // by thread
  FileDescriptor wake_up_;
  std::atomic<bool> woken_{false};  // the descriptor is readable, or about to be
};

}  // namespace tun
