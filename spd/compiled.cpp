#include "spd/compiled.h"

#include <algorithm>

namespace spd {

Rank Rank::of(const Policy& policy, std::int64_t place) {
  const bool in_front = policy.action == Action::bypass || policy.action == Action::discard;
  const bool behind = policy.action == Action::trap || policy.action == Action::hold;
  return {-static_cast<std::int64_t>(policy.priority), in_front ? 0 : behind ? 2 : 1, place};
}

Compiled::Compiled(std::vector<RankedPolicy> policies) : policies_(std::move(policies)) {
  std::array<std::vector<RangeItem>, 2> items;
  for (std::uint32_t i = 0; i < policies_.size(); ++i) {
    const Policy& policy = *policies_[i].policy;
    for (const TrafficSelector& remote : policy.selectors.remote) {
      for (const TrafficSelector& local : policy.selectors.local) {
        items[static_cast<std::size_t>(policy.direction)].push_back({remote.range, local.range, i});
      }
    }
  }
  for (std::size_t direction = 0; direction < items.size(); ++direction) {
    index_[direction] = RangeIndex(items[direction]);
  }
}

std::uint32_t Compiled::find(Direction direction, const PacketKey& key,
                             const std::vector<std::uint32_t>& gone) const {
  // The SPD is an ordered database (RFC 4301 4.4.1): the first match decides.
  const auto accepts = [&](std::uint32_t i) {
    return policies_[i].policy->selectors.matches(key) && !std::binary_search(gone.begin(), gone.end(), i);
  };
  return index_[static_cast<std::size_t>(direction)].find(key.remote, key.local, kNone, accepts);
}

std::uint32_t Compiled::index_of(const Rank& rank) const {
  const auto found = std::lower_bound(policies_.begin(), policies_.end(), rank,
                                      [](const RankedPolicy& p, const Rank& r) { return p.rank < r; });
  if (found == policies_.end() || found->rank != rank) return kNone;
  return static_cast<std::uint32_t>(found - policies_.begin());
}

}  // namespace spd
