#include "tun/clear_policies.h"

namespace tun {

namespace {

using base::Prefix;

bool overlap(const Prefix& a, const Prefix& b) {
  return a.range().contains(b.address) || b.range().contains(a.address);
}

GuardPair pair_of(const ClearPolicy& policy, std::int64_t level) {
  GuardPair pair{policy.bypass, policy.from, policy.to};
  pair.level = level;
  pair.ip_protocol = policy.ip_protocol;
  pair.from_ports = policy.from_ports;
  pair.to_ports = policy.to_ports;
  pair.in_interface = policy.in_interface;
  return pair;
}

GuardPair pair_of_bypass(const ClearPolicy& bypass, std::size_t before) {
  return pair_of(bypass, before == 0 ? kFirstLevel : bypass.priority);
}

}  // namespace

// Prefixes that overlap hold the one given, or lie in it, and then stand one behind the other.
void ClearPolicies::visit_overlapping(Index& index, const ClearPolicy& policy, const Visit& visit) {
  const auto visit_each = [&](Same& same) {
    for (auto& [other, uses] : same) {
      if (overlap(other.to, policy.to)) visit(other, uses);
    }
  };
  for (int length = 0; length < policy.from.length && !index.empty(); ++length) {
    const auto found = index.find(base::prefix_of(policy.from.address, length));
    if (found != index.end()) visit_each(found->second);
  }
  const base::AddressRange range = policy.from.range();
  for (auto it = index.lower_bound(policy.from); it != index.end() && range.contains(it->first.address);
       ++it) {
    visit_each(it->second);
  }
}

void ClearPolicies::change(const ClearPolicy& policy, int by, const OnPair& on_pair) {
  Index& index = policy.bypass ? bypasses_ : others_;
  Same& same = index[policy.from];
  std::size_t& uses = same[policy].uses;
  const bool was = uses != 0;
  uses += static_cast<std::size_t>(by);
  const bool is = uses != 0;
  if (was != is) policy.bypass ? change_bypass(policy, by, on_pair) : change_other(policy, by, on_pair);
  if (is) return;
  same.erase(policy);
  if (same.empty()) index.erase(policy.from);
}

void ClearPolicies::change_bypass(const ClearPolicy& policy, int by, const OnPair& on_pair) {
  std::size_t before = 0;
  visit_overlapping(others_, policy, [&](const ClearPolicy& other, Uses&) {
    if (other.priority <= policy.priority) return;
    on_pair(pair_of(other, policy.priority), by);
    ++before;
  });
  on_pair(pair_of_bypass(policy, before), by);
  bypasses_[policy.from][policy].before = before;
}

void ClearPolicies::change_other(const ClearPolicy& policy, int by, const OnPair& on_pair) {
  visit_overlapping(bypasses_, policy, [&](const ClearPolicy& bypass, Uses& uses) {
    if (policy.priority <= bypass.priority) return;
    on_pair(pair_of(policy, bypass.priority), by);
    const std::size_t was = uses.before;
    uses.before += static_cast<std::size_t>(by);
    if ((was == 0) == (uses.before == 0)) return;
    on_pair(pair_of_bypass(bypass, was), -1);
    on_pair(pair_of_bypass(bypass, uses.before), +1);
  });
}

}  // namespace tun
