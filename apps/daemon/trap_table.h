// The traps that stand, and the ids by which policies, routes and the data thread know them.
#pragma once

#include <map>
#include <optional>
#include <string>

#include "base/strong.h"
#include "ikev2/action.h"

namespace daemon_app {

struct Trap {
  std::string profile, child;
  spd::SelectorPair selectors;
  base::Endpoint local, remote;  // outer; unset where unknown
};

class TrapTable {
 public:
  struct Standing {
    base::ChildId id;
    Trap& trap;
    bool changed = false;  // it is new, or has other selectors than before
  };
  // Puts it in the place of that child's trap, which keeps its id. A peer whose address the new one does not
  // say stays where it was.
  Standing put(const ikev2::InstallTrap& trap);
  // The id that it had; nullopt where none stood.
  std::optional<base::ChildId> remove(const std::string& profile, const std::string& child);
  std::optional<base::ChildId> find(const std::string& profile, const std::string& child) const;
  const Trap* find(base::ChildId id) const;
  const std::map<base::ChildId, Trap>& all() const { return traps_; }

 private:
  // Beyond those that the engine gives to children; never used again.
  std::uint64_t next_ = std::uint64_t{1} << 63;
  std::map<base::ChildId, Trap> traps_;
};

}  // namespace daemon_app
