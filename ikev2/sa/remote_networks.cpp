#include "ikev2/sa/remote_networks.h"

namespace ikev2 {

void RemoteNetworks::add(base::ChildId child, const spd::TrafficSelectors& remote) {
  std::vector<base::Prefix>& prefixes = of_child_[child];
  for (const spd::TrafficSelector& ts : remote) {
    for (const base::Prefix& prefix : base::to_prefixes(ts.range)) {
      prefixes_[prefix.length].emplace(prefix.address, child);
      prefixes.push_back(prefix);
    }
  }
}

void RemoteNetworks::remove(base::ChildId child) {
  const auto found = of_child_.find(child);
  if (found == of_child_.end()) return;
  for (const base::Prefix& prefix : found->second) {
    const auto bucket = prefixes_.find(prefix.length);
    if (bucket == prefixes_.end()) continue;
    bucket->second.erase({prefix.address, child});
    if (bucket->second.empty()) prefixes_.erase(bucket);
  }
  of_child_.erase(found);
}

std::set<base::ChildId> RemoteNetworks::overlapping(const spd::TrafficSelectors& remote) const {
  std::set<base::ChildId> children;
  for (const spd::TrafficSelector& ts : remote) {
    for (const auto& [length, entries] : prefixes_) {
      if (length > ts.range.first.bits()) continue;  // of IPv6
      // From the prefix that holds the first address to the one that holds the last.
      const base::IpAddress first = base::prefix_of(ts.range.first, length).address;
      auto at = entries.lower_bound({first, base::ChildId{}});
      for (; at != entries.end() && at->first <= ts.range.last; ++at) children.insert(at->second);
    }
  }
  return children;
}

}  // namespace ikev2
