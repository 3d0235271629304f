// A bounded queue between exactly one producer thread and one consumer thread. Neither side ever waits.
#pragma once

#include <atomic>
#include <bit>
#include <cstddef>
#include <memory>
#include <utility>

namespace base {

template <class T>
class SpscRing {
 public:
  // Room for at least `capacity` elements; rounded up to a power of two.
  explicit SpscRing(std::size_t capacity)
      : size_(std::bit_ceil(capacity)), slots_(std::make_unique<T[]>(size_)) {}

  // Producer only. False when full: the element is left untouched with the caller.
  bool try_push(T& element) {
    const std::size_t tail = tail_.load(std::memory_order_relaxed);
    if (tail - head_.load(std::memory_order_acquire) == size_) return false;
    slots_[tail & (size_ - 1)] = std::move(element);
    tail_.store(tail + 1, std::memory_order_release);
    return true;
  }

  // Consumer only. False when empty.
  bool try_pop(T& out) {
    const std::size_t head = head_.load(std::memory_order_relaxed);
    if (head == tail_.load(std::memory_order_acquire)) return false;
    out = std::move(slots_[head & (size_ - 1)]);
    slots_[head & (size_ - 1)] = T{};
    head_.store(head + 1, std::memory_order_release);
    return true;
  }

 private:
  const std::size_t size_;
  std::unique_ptr<T[]> slots_;
  alignas(64) std::atomic<std::size_t> head_{0};
  alignas(64) std::atomic<std::size_t> tail_{0};
};

}  // namespace base
