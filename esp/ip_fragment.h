// Fragmentation of inner IPv4 packets in front of a tunnel (RFC 791 3.2), so that the outer packets are
// whole. Pure.
#pragma once

#include <cstdint>

#include "base/bytes.h"

namespace esp {

// Into how many fragments of at most `mtu` octets an IPv4 packet goes; 0 where not even eight octets of
// payload fit beside the header. `packet` is a whole one.
std::uint32_t fragments_of(base::ByteSpan packet, std::uint32_t mtu);
// Writes fragment `i` of them to `to`, which has room for `mtu` octets; returns its length. Fragments of a
// fragment keep its offset. Options that are not to be copied become "no operation" behind the first.
std::uint32_t write_fragment(base::ByteSpan packet, std::uint32_t mtu, std::uint32_t i, std::uint8_t* to);

}  // namespace esp
