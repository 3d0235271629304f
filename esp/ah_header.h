// The Authentication Header, RFC 4302 2, and what it covers of the headers in front of it (3.3.3.1). Pure.
//
//   | next header 1 | length 1 | reserved 2 | SPI 4 | sequence number 4 | ICV, padding |
#pragma once

#include <cstdint>
#include <optional>

#include "base/bytes.h"

namespace esp {

constexpr std::uint32_t kAhFixed = 12;  // octets in front of the ICV

// Octets of an AH with this ICV: whole words of 4 octets with IPv4, of 8 with IPv6 (RFC 4302 2.6).
constexpr std::uint32_t ah_size(std::size_t icv, bool v6) {
  const std::uint32_t unit = v6 ? 8 : 4;
  return (kAhFixed + static_cast<std::uint32_t>(icv) + unit - 1) / unit * unit;
}

// Where the AH of a packet is.
struct AhPlace {
  std::uint32_t at = 0;       // octets in front of it
  std::uint32_t next_at = 0;  // offset of the octet that says 51
  std::uint32_t total = 0;    // octets of the whole packet
};
// nullopt where `packet` is no whole IP packet that leads to an AH with at least its fixed part, or is a
// fragment.
std::optional<AhPlace> find_ah(base::ByteSpan packet);

// The most headers, AH included, that are taken.
constexpr std::size_t kMaxAhHeaders = 384;

// Makes `headers`, a copy of everything in front of the AH, what the ICV is computed over (RFC 4302 3.3.3.1
// and Appendix A): mutable fields and options zero, and what routing changes as it will be at the
// destination. False where a header or an option is not understood; the packet then must be dropped.
bool mute_headers(base::MutableByteSpan headers);

}  // namespace esp
