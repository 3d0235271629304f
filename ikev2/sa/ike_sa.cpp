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

Identity local_identity(const IkeSa& sa, const PeerConfig& peer) {
  return peer.local_id.value_or(Identity::of(sa.local.address));
}

IdentityPattern remote_pattern(const IkeSa& sa, const PeerConfig& peer) {
  return peer.remote_id.value_or(IdentityPattern(Identity::of(sa.remote.address)));
}

}  // namespace ikev2
