#include "base/packet.h"

namespace base {

void BufferRef::reset() {
  PacketBuffer* buffer = std::exchange(buffer_, nullptr);
  if (buffer == nullptr) return;
  if (buffer->references.fetch_sub(1, std::memory_order_acq_rel) == 1) buffer->home->give_back(buffer);
}

PacketPool::PacketPool(std::size_t buffers) {
  for (std::size_t i = 0; i < buffers; ++i) {
    // Uninitialised on purpose: pages that no packet reaches are never touched.
    memory_.emplace_back(new std::uint8_t[kBufferCapacity]);
    auto buffer = std::make_unique<PacketBuffer>();
    buffer->data = memory_.back().get();
    buffer->home = this;
    buffer->next = free_;
    free_ = buffer.get();
    buffers_.push_back(std::move(buffer));
  }
}

PacketPool::~PacketPool() = default;

BufferRef PacketPool::take() {
  if (hot_ == nullptr) hot_ = returned_.exchange(nullptr, std::memory_order_acquire);
  PacketBuffer*& list = hot_ != nullptr ? hot_ : free_;
  if (list == nullptr) return {};
  PacketBuffer* buffer = list;
  list = buffer->next;
  buffer->next = nullptr;
  buffer->references.store(1, std::memory_order_relaxed);
  return BufferRef(buffer);
}

void PacketPool::give_back(PacketBuffer* buffer) {
  PacketBuffer* head = returned_.load(std::memory_order_relaxed);
  do {
    buffer->next = head;
  } while (
      !returned_.compare_exchange_weak(head, buffer, std::memory_order_release, std::memory_order_relaxed));
}

}  // namespace base
