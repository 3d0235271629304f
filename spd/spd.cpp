#include "spd/spd.h"

#include <algorithm>
#include <tuple>
#include <utility>

namespace spd {

Snapshot::Snapshot(std::vector<Policy> policies) : policies_(std::move(policies)) {
  const auto rank = [](const Policy& p) {
    const bool before_protect = p.action == Action::bypass || p.action == Action::discard;
    const bool behind_protect = p.action == Action::trap || p.action == Action::hold;
    return std::tuple(-static_cast<std::int64_t>(p.priority), before_protect ? 0 : behind_protect ? 2 : 1);
  };
  std::stable_sort(policies_.begin(), policies_.end(),
                   [&](const Policy& a, const Policy& b) { return rank(a) < rank(b); });
}

const Policy* Snapshot::find(Direction direction, const PacketKey& key) const {
  // The SPD is an ordered database (RFC 4301 4.4.1): the first match decides.
  for (const auto& policy : policies_) {
    if (policy.direction == direction && policy.selectors.matches(key)) return &policy;
  }
  return nullptr;
}

std::size_t Spd::remove(BundleId bundle) {
  return std::erase_if(policies_, [&](const Policy& p) { return p.bundle == bundle; });
}

}  // namespace spd
