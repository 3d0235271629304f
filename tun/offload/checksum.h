// The internet checksum (RFC 1071) over packets: what TCP, UDP and IPv4 headers carry.
#pragma once

#include <cstdint>

#include "base/bytes.h"

namespace tun {

// The sum of the 16-bit words of `bytes` in network order, an odd last octet padded with zero, folded to 16
// bits, not complemented. Sums of parts that begin at even offsets can be added with add_sums.
std::uint32_t word_sum(base::ByteSpan bytes);
constexpr std::uint32_t add_sums(std::uint32_t a, std::uint32_t b) {
  const std::uint32_t sum = a + b;
  return (sum & 0xffff) + (sum >> 16);
}

// What TCP and UDP add to their own octets (RFC 9293 3.1, RFC 768, RFC 8200 8.1): addresses of the IP packet
// `packet`, protocol, and `length` octets from the transport header on.
std::uint32_t pseudo_header_sum(base::ByteSpan packet, std::uint8_t protocol, std::uint32_t length);

// As it stands in the packet. UDP writes 0xffff in place of 0 (RFC 768).
constexpr std::uint16_t finish_sum(std::uint32_t sum) { return static_cast<std::uint16_t>(~sum & 0xffff); }

// Completes a checksum that the kernel left at half way: the field at start + offset holds the sum of the
// pseudo header, and the rest from `start` on is to be added. False where the field lies outside.
bool complete_checksum(base::MutableByteSpan packet, std::uint16_t start, std::uint16_t offset);

}  // namespace tun
