// AH encapsulation (RFC 4302 3.3) of a run of packets by one SA, in place. What comes out is a whole IP
// packet: AH covers the IP header in front of it, so that header is made here and not by a socket.
//
//   tunnel      | new IP header | AH | inner packet |
//   transport   | its own IP header, what routers read | AH | upper layer |
#pragma once

#include <cstdint>
#include <span>

#include "esp/esp_encap.h"

namespace esp {

// As encapsulate() of ESP. In transport mode the `split` of each item is that of its packet.
void ah_encapsulate(OutboundSa& sa, std::span<EncapItem> items, std::span<const std::uint8_t> run) noexcept;

}  // namespace esp
