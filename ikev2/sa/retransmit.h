// When a request is sent again, RFC 7296 2.1 and 2.4: growing intervals with jitter. Pure.
#pragma once

#include <algorithm>
#include <cmath>

#include "base/rng.h"
#include "base/time.h"
#include "ikev2/config.h"
#include "ikev2/sa/lifetime.h"

namespace ikev2 {

// How long to wait for an answer after send number `sends` (counting from 1). The longest wait is 30 s.
inline base::Duration retransmit_wait(const RetransmitConfig& config, int sends, base::Rng& rng) {
  const auto grown = scaled(config.initial, std::pow(config.factor, sends - 1) * (1.0 + 0.1 * fraction(rng)));
  return std::min(grown, base::Duration(std::chrono::seconds(30)));
}

}  // namespace ikev2
