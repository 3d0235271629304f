// Randomness as an argument.
#pragma once

#include "base/bytes.h"

namespace base {

class Rng {
 public:
  virtual ~Rng() = default;
  // Fills with unpredictable octets, or ends the process: there is no safe way to go on without randomness.
  virtual void fill(MutableByteSpan out) = 0;

  std::uint64_t u64() {
    std::array<std::uint8_t, 8> b;
    fill(b);
    return load_be64(b.data());
  }
  std::uint32_t u32() { return static_cast<std::uint32_t>(u64()); }
  Bytes bytes(std::size_t count) {
    Bytes b(count);
    fill(b);
    return b;
  }
};

}  // namespace base
