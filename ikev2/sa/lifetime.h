// When an SA is to be renewed and when it ends. Pure.
#pragma once

#include <optional>

#include "base/rng.h"
#include "base/time.h"

namespace ikev2 {

// A number in [0, 1) for jitter.
inline double fraction(base::Rng& rng) { return static_cast<double>(rng.u32()) / 4294967296.0; }

inline base::Duration scaled(base::Duration duration, double factor) {
  return std::chrono::duration_cast<base::Duration>(
      std::chrono::duration<double>(base::to_seconds(duration) * factor));
}

// A lifetime is when the SA ends; renewal is due 5 to 10 % earlier, or up to `jitter` earlier where that is
// set, at a random point, so that SAs born together do not all come at once (RFC 7296 2.8).
inline base::Instant renewal_of(base::Instant now, base::Duration lifetime,
                                std::optional<base::Duration> jitter, base::Rng& rng) {
  const double random = fraction(rng);
  return now + lifetime - (jitter ? scaled(*jitter, random) : scaled(lifetime, 0.05 + 0.05 * random));
}

}  // namespace ikev2
