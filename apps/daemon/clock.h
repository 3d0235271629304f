// The daemon's clocks. Everything below apps/ takes time as an argument.
#pragma once

#include <chrono>
#include <string>

#include "base/time.h"

namespace daemon_app {

using WallTime = std::chrono::system_clock::time_point;

// CLOCK_MONOTONIC.
inline base::Instant monotonic_now() {
  return base::Instant(
      std::chrono::duration_cast<base::Duration>(std::chrono::steady_clock::now().time_since_epoch()));
}
inline std::chrono::steady_clock::time_point to_steady(base::Instant at) {
  return std::chrono::steady_clock::time_point(
      std::chrono::duration_cast<std::chrono::steady_clock::duration>(at.time_since_epoch()));
}

// ISO 8601 in UTC with milliseconds: 2026-11-22T10:00:00.123Z.
std::string iso_time(WallTime at);

}  // namespace daemon_app
