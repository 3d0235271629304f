#include "apps/daemon/trap_table.h"

namespace daemon_app {

TrapTable::Standing TrapTable::put(const ikev2::InstallTrap& trap) {
  const auto known = find(trap.profile, trap.child);
  const base::ChildId id = known ? *known : base::ChildId{next_++};
  Trap& standing = traps_[id];
  const bool changed = !known || standing.selectors != trap.selectors;
  const base::Endpoint remote = trap.remote.address.is_set() ? trap.remote : standing.remote;
  standing = Trap{trap.profile, trap.child, trap.selectors, trap.local, remote};
  return {id, standing, changed};
}

std::optional<base::ChildId> TrapTable::remove(const std::string& profile, const std::string& child) {
  const auto id = find(profile, child);
  if (id) traps_.erase(*id);
  return id;
}

std::optional<base::ChildId> TrapTable::find(const std::string& profile, const std::string& child) const {
  for (const auto& [id, trap] : traps_) {
    if (trap.profile == profile && trap.child == child) return id;
  }
  return {};
}

const Trap* TrapTable::find(base::ChildId id) const {
  const auto found = traps_.find(id);
  return found == traps_.end() ? nullptr : &found->second;
}

}  // namespace daemon_app
