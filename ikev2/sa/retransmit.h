// When a request is sent again, RFC 7296 2.1 and 2.4: growing intervals with jitter. Pure.
#pragma once

#include <cmath>

#include "base/rng.h"
#include "base/time.h"
#include "ikev2/config.h"

namespace ikev2 {

// How long to wait for an answer after send number `sends` (counting from 1). The longest wait is 30 s.
inline base::Duration retransmit_wait(const RetransmitConfig& config, int sends, base::Rng& rng) {
  const double grown = base::to_seconds(config.initial) * std::pow(config.factor, sends - 1);
  const double jitter = 1.0 + 0.1 * (static_cast<double>(rng.u32()) / 4294967296.0);
  const double seconds = std::min(grown * jitter, 30.0);
  return std::chrono::duration_cast<base::Duration>(std::chrono::duration<double>(seconds));
}

}  // namespace ikev2
