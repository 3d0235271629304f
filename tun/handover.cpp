#include "tun/handover.h"

#include <sys/eventfd.h>
#include <unistd.h>

namespace tun {

base::Result<std::unique_ptr<Handover>> Handover::open(std::size_t threads) {
  FileDescriptor wake_up(eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC));
  if (!wake_up.is_open()) return base::local_error("eventfd: no descriptor left");
  return std::unique_ptr<Handover>(new Handover(threads, std::move(wake_up)));
}

Handover::Handover(std::size_t threads, FileDescriptor wake_up) : wake_up_(std::move(wake_up)) {
  for (std::size_t i = 0; i < threads; ++i) {
    rings_.push_back(std::make_unique<base::SpscRing<base::Frame>>(kWaiting));
  }
}

bool Handover::push(std::size_t thread, base::Frame& frame) {
  if (!rings_[thread]->try_push(frame)) return false;
  wake();
  return true;
}

// One system call for all that comes until the owner looks.
void Handover::wake() {
  if (woken_.exchange(true)) return;
  const std::uint64_t one = 1;
  [[maybe_unused]] const ssize_t written = write(wake_up_.get(), &one, sizeof one);
}

base::Status Handover::recv_batch(base::PacketPool&, base::PacketBatch& batch, std::uint64_t&) {
  std::uint64_t count = 0;
  [[maybe_unused]] const ssize_t got = read(wake_up_.get(), &count, sizeof count);
  // Before the rings are looked at: whoever comes behind that wakes again.
  woken_.store(false);
  for (const auto& ring : rings_) {
    base::Frame frame;
    while (!batch.full() && ring->try_pop(frame)) batch.push(std::move(frame));
  }
  if (batch.full()) wake();  // there may be more
  return {};
}

}  // namespace tun
