// Checksums of the transport headers of whole IP packets.
#pragma once

#include <cstdint>

#include "base/bytes.h"
#include "base/checksum.h"

namespace tun {

// What TCP and UDP add to their own octets (RFC 9293 3.1, RFC 768, RFC 8200 8.1): addresses of the IP packet
// `packet`, protocol, and `length` octets from the transport header on.
std::uint32_t pseudo_header_sum(base::ByteSpan packet, std::uint8_t protocol, std::uint32_t length);

// Completes a checksum that the kernel left at half way: the field at start + offset holds the sum of the
// pseudo header, and the rest from `start` on is to be added. False where the field lies outside.
bool complete_checksum(base::MutableByteSpan packet, std::uint16_t start, std::uint16_t offset);

}  // namespace tun
