// What every packet passes around its integrity check, with ESP and with AH (RFC 4303 3.4.3, RFC 4302 3.4.3).
#pragma once

#include <cstdint>
#include <optional>

#include "esp/counters.h"
#include "esp/sa.h"

namespace esp {

// Before: duplicates and packets of an SA that is over are rejected before the costly check. Fills the full
// sequence number of a received low half.
std::optional<Counter> admit_before(const InboundSa& sa, std::uint32_t sequence_low, std::uint64_t& sequence);
// After it: the window moves for packets alone that passed (`ok`).
std::optional<Counter> admit_after(InboundSa& sa, bool ok, std::uint64_t sequence);

// Counts a drop, of either direction, in the traffic of its SA.
void count_drop(SaTraffic& traffic, Counter reason);

}  // namespace esp
