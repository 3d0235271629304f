// TCP's maximum segment size (RFC 9293 3.7.1): what the two ends of a connection tell each other in their
// SYNs is lowered to what fits through the tunnel, so that nothing has to be fragmented, and no ICMP is
// needed.
#pragma once

#include <cstdint>

#include "base/bytes.h"
#include "base/ip.h"

namespace esp {

// Whether TCP follows the fixed IP header of `packet`, which is a whole one, or its options of IPv4.
inline bool is_tcp(base::ByteSpan packet) {
  return packet[packet[0] >> 4 == 6 ? 6 : 9] == base::ip_protocol::kTcp;
}

// `packet` is one for which is_tcp() is true. In a SYN, an MSS option that asks for more than packets of
// `inner_mtu` octets can carry is lowered, and the checksum brought up to date; nothing else is changed. No
// option is added. Never below 536, which every host takes (RFC 9293 3.7.1).
void clamp_mss(base::MutableByteSpan packet, std::uint32_t inner_mtu) noexcept;

}  // namespace esp
