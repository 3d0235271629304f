#include "apps/daemon/child_finder.h"

#include <variant>

#include "spd/policy.h"

namespace daemon_app {

void ChildFinder::look_at(const ikev2::PeerConfig& profile) {
  if (!profile.can_initiate()) return;
  const auto* const remote = std::get_if<base::IpAddress>(&profile.remote_address);
  for (const ikev2::ChildConfig& child : profile.children) {
    spd::SelectorPair selectors{child.local_ts, child.remote_ts};
    // What is left out is the host's own address, as far as that is known before there is an SA.
    if (selectors.local.empty() && profile.local_address)
      selectors.local = {spd::TrafficSelector::of(*profile.local_address)};
    if (selectors.remote.empty() && remote != nullptr) selectors.remote = {spd::TrafficSelector::of(*remote)};
    if (!selectors.has_both_sides() || !selectors.matches(packet_)) continue;
    const std::int32_t priority = spd::priority_of(selectors);
    if (best_ && priority <= priority_) continue;
    best_ = ChildName{profile.name, child.name};
    priority_ = priority;
  }
}

}  // namespace daemon_app
