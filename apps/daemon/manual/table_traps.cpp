// Traps: what packets that wait there set going.
#include <algorithm>

#include "apps/daemon/manual/names.h"
#include "apps/daemon/manual/table.h"

namespace daemon_app {
namespace {

// How long packets wait at a trap that nobody answers; and where IKE is at work, which answers by itself, but
// not where a reload has taken the profile away.
constexpr std::chrono::seconds kTrapPatience{30}, kPatienceWithIke{300};
// Where the child does not take the packets that wait.
constexpr std::chrono::seconds kLeastPause{1};

}  // namespace

bool ManualTable::acquire(base::ChildId trap, const spd::PacketKey& packet, base::Instant now) {
  if (find_policy(trap) == nullptr) return false;
  const auto child = port_.acquire(packet);
  asked_[trap] = {now, packet, child};
  const std::string what = child
                               ? "a packet at a trap asks for child " + child->child + " of " + child->profile
                               : "a packet waits at a trap for an SA, and no profile has a child for it";
  log_.write({child ? base::LogLevel::info : base::LogLevel::warning,
              "acquire",
              what,
              {{"local", packet.local.text()},
               {"remote", packet.remote.text()},
               {"protocol", std::to_string(packet.protocol)},
               {"local_port", std::to_string(packet.local_port)},
               {"remote_port", std::to_string(packet.remote_port)}}});
  return true;
}

// At equal priority what protects stands before the trap; so the trap is met again once the child has gone,
// or another one has taken its place.
bool ManualTable::protect_by_child(ManualPolicyEntry& trap, const Asked& asked) {
  if (!trap.stands) return false;
  if (trap.child) port_.remove_policy(*trap.child, stand_in_id(trap.name));
  spd::Policy rule = rule_of(trap);
  rule.id = stand_in_id(trap.name);  // what has the trap's own id would let packets wait
  rule.action = spd::Action::protect;
  trap.child = port_.protect_by(*asked.child, std::move(rule), asked.packet);
  return trap.child.has_value();
}

void ManualTable::answered(const ChildName& child, base::Duration pause) {
  std::erase_if(asked_, [&](const auto& one) {
    const auto& [name, asked] = one;
    if (asked.child != child) return false;
    ManualPolicyEntry* const trap = find_policy(name);
    const bool up = trap != nullptr && protect_by_child(*trap, asked);
    port_.answer_trap(name, up ? base::Duration{} : std::max<base::Duration>(pause, kLeastPause));
    return true;
  });
}

void ManualTable::let_go_of_traps(base::Instant now) {
  std::erase_if(asked_, [&](const auto& one) {
    const auto& [name, asked] = one;
    if (now - asked.since < (asked.child ? kPatienceWithIke : kTrapPatience)) return false;
    port_.answer_trap(name, {});
    return true;
  });
}

}  // namespace daemon_app
