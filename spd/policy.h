// One rule of the security policy database, RFC 4301 4.4.1.
#pragma once

#include <atomic>
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

// What a policy has matched. One for each thread that sends: written by it alone, read by any.
struct alignas(64) PolicyTraffic {
  std::atomic<std::uint64_t> packets{0}, bytes{0};
  void add(std::uint64_t p, std::uint64_t b) {
    packets.store(packets.load(std::memory_order_relaxed) + p, std::memory_order_relaxed);
    bytes.store(bytes.load(std::memory_order_relaxed) + b, std::memory_order_relaxed);
  }
};

// A rule. Children, manual policies and eroutes all become these, in one list in order of priority.
struct Policy {
  std::uint64_t id = 0;  // unique in its table
  std::int32_t priority =
      0;  // higher comes first; at equal priority bypass and discard before protect before traps
  Direction direction = Direction::outbound;
  Action action = Action::discard;
  SelectorPair selectors;
  BundleId bundle;                                      // the SAs, for protect
  std::string name;                                     // of the child or the policy, for listings
  std::shared_ptr<std::vector<PolicyTraffic>> traffic;  // by lane of the sender; null: nobody asks
};

// The priority that a child or an eroute gets from its selectors: longer prefixes, a protocol and ports count
// more.
std::int32_t priority_of(const SelectorPair& selectors);

// "bypass", "protect", …
std::string_view name(Action action);

}  // namespace spd
