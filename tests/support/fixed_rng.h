// Randomness that is the same in every run.
#pragma once

#include <algorithm>
#include <deque>

#include "base/rng.h"

namespace test {

// Octets that were put in come out first, in order; then a sequence that depends on the seed alone
// (splitmix64, public domain).
class FixedRng : public base::Rng {
 public:
  explicit FixedRng(std::uint64_t seed = 1) : state_(seed) {}

  // Makes the next octets drawn these.
  void put(base::ByteSpan octets) { queue_.insert(queue_.end(), octets.begin(), octets.end()); }

  void fill(base::MutableByteSpan out) override {
    for (std::uint8_t& octet : out) octet = next();
  }

 private:
  std::uint8_t next() {
    if (!queue_.empty()) {
      const std::uint8_t octet = queue_.front();
      queue_.pop_front();
      return octet;
    }
    state_ += 0x9e3779b97f4a7c15u;
    std::uint64_t z = state_;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return static_cast<std::uint8_t>((z ^ (z >> 31)) >> 56);
  }

  std::uint64_t state_;
  std::deque<std::uint8_t> queue_;
};

}  // namespace test
