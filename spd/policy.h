// One rule of the security policy database, RFC 4301 4.4.1.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/strong.h"
#include "spd/selector.h"

namespace spd {

// trap: packets wait, and the first asks for an SA. hold: they wait, and somebody has asked already.
enum class Action : std::uint8_t { bypass, discard, protect, reject, trap, hold };
enum class Direction : std::uint8_t { outbound, inbound };

using BundleId = base::ChildId;

// A rule. Children, manual policies and eroutes all become these, in one list in order of priority.
struct Policy {
  std::uint64_t id = 0;  // unique in its table
  std::int32_t priority =
      0;  // higher comes first; at equal priority bypass and discard before protect before traps
  Direction direction = Direction::outbound;
  Action action = Action::discard;
  SelectorPair selectors;
  BundleId bundle;   // the SAs, for protect
  std::string name;  // of the child or the policy, for listings
};

// The priority that a child or an eroute gets from its selectors: longer prefixes, a protocol and ports count
// more.
std::int32_t priority_of(const SelectorPair& selectors);

// "bypass", "protect", …
std::string_view name(Action action);

}  // namespace spd
