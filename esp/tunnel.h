// Tunnel mode (RFC 4301 5.1.2, 5.2): what goes into a tunnel and what may come out.
//
// Outer IP headers are written and read by the kernel, since UDP and raw sockets carry payloads only; their
// DSCP and ECN travel beside the packet (base::Frame::traffic_class, esp/traffic_class.h).
#pragma once

#include <cstdint>
#include <optional>

#include "base/bytes.h"
#include "base/ip.h"
#include "esp/counters.h"
#include "spd/selector.h"

namespace esp {

// The next header of an inner packet: 4 for IPv4, 41 for IPv6.
constexpr std::uint8_t next_header_of(base::IpFamily family) {
  return family == base::IpFamily::v4 ? base::ip_protocol::kIpIp : base::ip_protocol::kIpv6;
}

// Judges the decrypted text of a packet without its ESP trailer. nullopt: deliver its first `length` octets
// (what follows is TFC padding, RFC 4303 2.7). Else the reason to drop it.
std::optional<Counter> accept_inner(std::uint8_t next_header, base::ByteSpan text,
                                    const spd::SelectorPair& selectors, std::uint32_t& length);

}  // namespace esp
