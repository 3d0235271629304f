// DSCP and ECN between the inner and the outer header of a tunnel: RFC 4301 5.1.2, RFC 6040. Pure.
#pragma once

#include <cstdint>

#include "base/bytes.h"

namespace esp {

// The Traffic Class of an IPv6 packet, the TOS octet of an IPv4 one: DSCP (6 bits), then ECN (2 bits).
// `packet` has its fixed header. The outer header of a tunnel gets that of the inner one as it is: RFC 4301
// 5.1.2.1 for DSCP, RFC 6040 4.1 (normal mode) for ECN.
std::uint8_t traffic_class_of(base::ByteSpan packet);
// Writes it; the checksum of an IPv4 header is brought up to date.
void set_traffic_class(base::MutableByteSpan packet, std::uint8_t traffic_class);

// What the path has said in the outer header goes on in the inner one (RFC 6040 4.2). False where the packet
// has to be dropped: its sender knows no ECN, and the path has marked it instead of dropping it.
bool merge_ecn(base::MutableByteSpan inner, std::uint8_t outer_traffic_class);

}  // namespace esp
