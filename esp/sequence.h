// Outbound sequence numbers, RFC 4303 2.2 and 3.3.3.
#pragma once

#include <cstdint>
#include <optional>

namespace esp {

// "the sender MUST NOT send a packet on an SA if doing so would cause the sequence number to cycle" (RFC 4303
// 3.3.3). That is behind 2^32-1 without ESN, behind 2^64-2 with it.
inline bool sequence_used_up(std::uint64_t next, bool esn) {
  constexpr std::uint64_t kLast = 0xffffffff;
  constexpr std::uint64_t kLastEsn = ~std::uint64_t{0} - 1;
  return next == 0 || next > (esn ? kLastEsn : kLast);
}

// Takes the next number from `next` (the first is 1), or nullopt where the numbers of the SA are used up. The
// low 32 bits travel in the packet.
inline std::optional<std::uint64_t> take_sequence(std::uint64_t& next, bool esn) {
  if (sequence_used_up(next, esn)) return {};
  return next++;
}

}  // namespace esp
