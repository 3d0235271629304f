// Time as an argument. There is no now() here: apps and tun read the clock and pass it down.
#pragma once

#include <chrono>

namespace base {

// A clock without now(): its time points come from CLOCK_MONOTONIC in the daemon, from a variable in tests.
struct MonotonicTime {
  using duration = std::chrono::nanoseconds;
  using rep = duration::rep;
  using period = duration::period;
  using time_point = std::chrono::time_point<MonotonicTime>;
  static constexpr bool is_steady = true;
};

using Duration = std::chrono::nanoseconds;
using Instant = MonotonicTime::time_point;

inline double to_seconds(Duration d) { return std::chrono::duration<double>(d).count(); }
inline std::int64_t whole_seconds(Duration d) {
  return std::chrono::duration_cast<std::chrono::seconds>(d).count();
}

}  // namespace base
