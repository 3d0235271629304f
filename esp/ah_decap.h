// AH decapsulation (RFC 4302 3.4) of a run of packets by one SA, in place.
#pragma once

#include <cstdint>
#include <span>

#include "esp/esp_decap.h"

namespace esp {

// As decapsulate() of ESP. Each item's packet is a whole IP packet, and its `ah` says where the AH is.
void ah_decapsulate(InboundSa& sa, std::span<DecapItem> items, std::span<const std::uint8_t> run) noexcept;

}  // namespace esp
