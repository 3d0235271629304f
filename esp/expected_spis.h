// The SPIs that we have offered to peers, for the data threads: a packet that bears one of them and finds no
// SA may be early.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>

#include "base/strong.h"

namespace esp {

// A set that may hold more than was put in, never less: one count for all SPIs with the same lower half of a
// mix of their bits. One thread writes, any reads.
class ExpectedSpis {
 public:
  void add(base::Spi spi) noexcept { change(spi, 1); }
  // Of one that was added.
  void remove(base::Spi spi) noexcept { change(spi, -1); }
  bool may_hold(base::Spi spi) const noexcept {
    return counts_[index(spi)].load(std::memory_order_acquire) != 0;
  }

 private:
  // A count that has come to its end stays there.
  static constexpr std::uint8_t kMany = 255;

  static std::size_t index(base::Spi spi) { return (spi.value ^ (spi.value >> 16)) & 0xffff; }
  void change(base::Spi spi, int by) noexcept {
    auto& count = counts_[index(spi)];
    const std::uint8_t now = count.load(std::memory_order_relaxed);
    if (now != kMany) count.store(static_cast<std::uint8_t>(now + by), std::memory_order_release);
  }

  std::array<std::atomic<std::uint8_t>, 0x10000> counts_{};
};

}  // namespace esp
