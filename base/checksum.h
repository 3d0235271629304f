// The internet checksum (RFC 1071): what IP, ICMP, TCP and UDP headers carry.
#pragma once

#include <cstdint>

#include "base/bytes.h"

namespace base {

// A sum of words, folded to 16 bits with the carries added back in.
constexpr std::uint32_t fold_sum(std::uint64_t sum) {
  while (sum >> 16 != 0) sum = (sum & 0xffff) + (sum >> 16);
  return static_cast<std::uint32_t>(sum);
}

// The sum of the 16-bit words of `bytes` in network order, an odd last octet padded with zero, folded, not
// complemented. Sums of parts that begin at even offsets can be added with add_sums.
std::uint32_t word_sum(ByteSpan bytes);
// The same, and copies the octets to `to`, which does not overlap them: in one pass.
std::uint32_t copy_and_sum(std::uint8_t* to, ByteSpan from);
constexpr std::uint32_t add_sums(std::uint32_t a, std::uint32_t b) { return fold_sum(std::uint64_t{a} + b); }

// The sum as it stands in the packet. UDP writes 0xffff in place of 0 (RFC 768).
constexpr std::uint16_t finish_sum(std::uint32_t sum) { return static_cast<std::uint16_t>(~sum & 0xffff); }

// The checksum over the octets, ready to be stored. `seed` is a sum to go on from.
inline std::uint16_t internet_checksum(ByteSpan bytes, std::uint32_t seed = 0) {
  return finish_sum(add_sums(fold_sum(seed), word_sum(bytes)));
}

}  // namespace base
