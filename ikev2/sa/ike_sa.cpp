#include "ikev2/sa/ike_sa.h"

#include <algorithm>

namespace ikev2 {

ChildSa* IkeSa::find_child(base::ChildId child) {
  const auto it =
      std::find_if(children.begin(), children.end(), [&](const ChildSa& c) { return c.id == child; });
  return it == children.end() ? nullptr : &*it;
}

ChildSa* IkeSa::find_child_by_spi_out(base::Spi spi) {
  const auto it =
      std::find_if(children.begin(), children.end(), [&](const ChildSa& c) { return c.spi_out == spi; });
  return it == children.end() ? nullptr : &*it;
}

const ChildSa* IkeSa::find_installed(const std::string& child_name) const {
  const auto it = std::find_if(children.rbegin(), children.rend(), [&](const ChildSa& c) {
    return c.state == ChildState::installed && c.config.name == child_name;
  });
  return it == children.rend() ? nullptr : &*it;
}

std::unordered_set<std::string_view> IkeSa::installed_names() const {
  std::unordered_set<std::string_view> names;
  for (const ChildSa& child : children) {
    if (child.state == ChildState::installed) names.insert(child.config.name);
  }
  return names;
}

std::unique_ptr<IkeSa> successor_of(const IkeSa& old) {
  auto fresh = std::make_unique<IkeSa>();
  fresh->peer = old.peer;
  fresh->local = old.local;
  fresh->remote = old.remote;
  fresh->natt = old.natt;
  fresh->local_behind_nat = old.local_behind_nat;
  fresh->remote_behind_nat = old.remote_behind_nat;
  fresh->force_udp = old.force_udp;
  fresh->fragmentation = old.fragmentation;
  fresh->path_mtu = old.path_mtu;
  fresh->mobility = old.mobility;
  // The question is the old one's still, and hashes of NAT detection hold the SPIs.
  fresh->mobility.route_job = JobId{};
  fresh->mobility.seen_as.clear();
  fresh->local_id = old.local_id;
  fresh->remote_id = old.remote_id;
  fresh->reauth_at = old.reauth_at;
  fresh->auth_ends = old.auth_ends;
  return fresh;
}

Identity local_identity(const IkeSa& sa, const PeerConfig& peer) {
  return peer.local_id.value_or(Identity::of(sa.local.address));
}

IdentityPattern remote_pattern(const IkeSa& sa, const PeerConfig& peer) {
  return peer.remote_id.value_or(IdentityPattern(Identity::of(sa.remote.address)));
}

}  // namespace ikev2
