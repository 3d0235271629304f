// Named counters of one shard or of one SA. Written by one thread with relaxed stores, read by any.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <string_view>

namespace esp {

enum class Counter : std::uint8_t {
#define COUNTER(identifier, text, unit, description) identifier,
#include "esp/counters.def"
#undef COUNTER
  count_
};
constexpr std::size_t kCounters = static_cast<std::size_t>(Counter::count_);

std::string_view name(Counter counter);
std::string_view unit(Counter counter);
std::string_view description(Counter counter);

// Aligned so that no two threads' counters share a cache line.
class alignas(64) Counters {
 public:
  void add(Counter counter, std::uint64_t n = 1) {
    auto& c = values_[static_cast<std::size_t>(counter)];
    c.store(c.load(std::memory_order_relaxed) + n, std::memory_order_relaxed);
  }
  std::uint64_t get(Counter counter) const {
    return values_[static_cast<std::size_t>(counter)].load(std::memory_order_relaxed);
  }

 private:
  std::array<std::atomic<std::uint64_t>, kCounters> values_{};
};

}  // namespace esp
