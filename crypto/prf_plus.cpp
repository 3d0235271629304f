#include <algorithm>
#include <cstring>
#include <stdexcept>

#include "crypto/prf.h"

namespace crypto {

// prf+ (K,S) = T1 | T2 | T3 | …
//   T1 = prf (K, S | 0x01)
//   T2 = prf (K, T1 | S | 0x02)                                                         RFC 7296 2.13
base::SecretBytes prf_plus(const PrfFunction& prf, base::ByteSpan key, base::ByteSpan seed,
                           std::size_t length) {
  // The counter is one octet, so prf+ ends there. A caller that asks for more is wrong, and must not go on
  // with repeated key material.
  if (length > 255 * prf.output_size()) throw std::length_error("prf+ ends after 255 blocks");

  base::SecretBytes out(length);
  base::SecretBytes block;
  std::uint8_t counter = 0;
  for (std::size_t filled = 0; filled < length;) {
    ++counter;
    block = prf.compute(key, {block.span(), seed, base::ByteSpan(&counter, 1)});
    const std::size_t count = std::min(block.size(), length - filled);
    std::memcpy(out.mutable_span().data() + filled, block.span().data(), count);
    filled += count;
  }
  return out;
}

}  // namespace crypto
