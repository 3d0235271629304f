#include "apps/daemon/clock.h"

#include <fmt/format.h>

#include <ctime>

namespace daemon_app {

std::string iso_time(WallTime at) {
  using namespace std::chrono;
  const auto since_epoch = duration_cast<milliseconds>(at.time_since_epoch());
  const auto whole = floor<seconds>(since_epoch);
  const std::time_t seconds_since_epoch = whole.count();
  std::tm utc{};
  gmtime_r(&seconds_since_epoch, &utc);
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:03}Z", utc.tm_year + 1900, utc.tm_mon + 1,
                     utc.tm_mday, utc.tm_hour, utc.tm_min, utc.tm_sec, (since_epoch - whole).count());
}

}  // namespace daemon_app
