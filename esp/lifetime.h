// Hard limits of an SA by octets and packets, RFC 4301 4.4.2.1.
#pragma once

#include "esp/sa.h"

namespace esp {

// Whether the SA must carry no more. Limits count inner packets and their octets; 0 is no limit. The packet
// that reaches an octet limit still passes, the one after it does not.
inline bool past_hard_lifetime(const SaParams& params, const SaTraffic& traffic) {
  const auto reached = [](std::uint64_t limit, const std::atomic<std::uint64_t>& value) {
    return limit != 0 && value.load(std::memory_order_relaxed) >= limit;
  };
  return reached(params.lifetime_packets, traffic.packets) || reached(params.lifetime_bytes, traffic.bytes);
}

}  // namespace esp
