#include "ikev2/reply_limiter.h"

#include "ikev2/sa/half_open.h"

namespace ikev2 {

bool ReplyLimiter::allow(const base::IpAddress& source, bool proved, base::Instant now) {
  if (now - window_ >= std::chrono::seconds(1)) {
    window_ = now;
    all_ = 0;
    by_source_.fill(0);
  }
  std::uint8_t& of_source = by_source_[std::hash<base::IpAddress>{}(source_of(source)) % kFields];
  if (of_source >= kOneSource || (!proved && all_ >= kAll)) return false;
  ++of_source;
  if (!proved) ++all_;
  return true;
}

}  // namespace ikev2
