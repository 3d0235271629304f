#include "tun/protected_paths.h"

#include <algorithm>

namespace tun {

namespace {

using base::IpFamily;

// Offsets from the first priority.
constexpr std::uint32_t kOwnPackets = 0, kOuterPass = 1, kDevicePass = 2, kLocalPass = 3, kGuard = 4,
                        kTable = 5, kEnd = 9;

// Link-local addresses mean the link, and no router forwards them (RFC 4291 2.5.6).
const base::Prefix kLinkLocal{base::IpAddress::v6(0xfe80ull << 48, 0), 10};

struct OuterProtocol {
  std::uint8_t ip_protocol = 0;
  std::uint16_t port = 0;  // ours; 0: the protocol has none
};

bool contains(const base::Prefix& outer, const base::Prefix& inner) {
  return outer.range().contains(inner.range());
}

// Whether the local prefix is our part of what the peer calls its own.
bool is_island(const ProtectedPath& path) {
  return contains(path.remote, path.local) && path.remote != path.local;
}

base::Prefix whole(const base::IpAddress& address) { return {address, address.bits()}; }

// The prefix in a form for rules that share a priority: the kernel would take an empty one for a wildcard
// when it looks for a rule to add or remove, and skip or hit another. Two halves mean the same.
std::vector<base::Prefix> without_empty(const base::Prefix& prefix) {
  if (prefix.length > 0) return {prefix};
  const base::IpAddress& low = prefix.address;
  const base::IpAddress high =
      low.is_v4() ? base::IpAddress::v4(1u << 31) : base::IpAddress::v6(std::uint64_t{1} << 63, 0);
  return {{low, 1}, {high, 1}};
}

template <class Key>
void count(std::map<Key, std::size_t>& counts, const Key& key, int by) {
  const auto found = counts.try_emplace(key, 0).first;
  found->second += static_cast<std::size_t>(by);
  if (found->second == 0) counts.erase(found);
}

Rule rule(IpFamily family, std::uint32_t priority, Rule::Action action) {
  Rule made;
  made.family = family;
  made.priority = priority;
  made.action = action;
  return made;
}

Rule pass(const RoutingOptions& options, IpFamily family, std::uint32_t offset, std::uint32_t target) {
  Rule made = rule(family, options.rule_priority + offset, Rule::Action::go_to);
  made.target = options.rule_priority + target;
  return made;
}

// Both directions of one protocol with an outer address of ours. The way out is for the reverse look-up that
// judges what came in: the kernel makes it as if from the loopback device.
void outer_pass(std::vector<Rule>& rules, const RoutingOptions& options, const base::IpAddress& ours,
                const OuterProtocol& protocol) {
  Rule in = pass(options, ours.family(), kOuterPass, kEnd);
  in.to = whole(ours);
  in.ip_protocol = protocol.ip_protocol;
  in.destination_port = protocol.port;
  rules.push_back(in);
  Rule out = pass(options, ours.family(), kOuterPass, kEnd);
  out.from = whole(ours);
  out.in_interface = "lo";
  out.ip_protocol = protocol.ip_protocol;
  out.source_port = protocol.port;
  rules.push_back(out);
}

// The peer's address and port are left open: anybody may begin to negotiate, a NAT may change both at any
// time, and what comes to these ports ends in the daemon. Both encapsulations pass, because both must be
// accepted at any time (RFC 7296 2.23).
std::vector<OuterProtocol> outer_protocols(std::uint16_t ike_port, std::uint16_t natt_port) {
  return {{base::ip_protocol::kUdp, ike_port},
          {base::ip_protocol::kUdp, natt_port},
          {base::ip_protocol::kEsp, 0},
          {base::ip_protocol::kAh, 0}};
}

}  // namespace

void ProtectedPaths::change(const ClearPolicy& policy, int by) {
  in_clear_.change(policy, by, [this](const GuardPair& pair, int more) { change_pair(pair, more); });
}

void ProtectedPaths::change(const ProtectedPath& path, int by) {
  if (path.use == PathUse::none) return;
  const IpFamily family = path.remote.address.family();
  const bool routed = path.use == PathUse::both || path.use == PathUse::routed;
  const bool guarded = path.use == PathUse::both || path.use == PathUse::kept_out;
  if (routed) change_route(path, by);
  count(families_, family, by);
  if (path.outer_local.is_set()) count(outer_, path.outer_local, by);
  if (is_island(path)) {
    if (routed) {
      count(islands_, path.local, by);
      changed_.destinations.insert(path.local);
    }
    if (guarded) change_pair({true, path.local, {base::IpAddress::any(family), 0}}, by);
  }
  if (guarded) change_pair({false, path.remote, path.local}, by);
  for (const std::uint8_t protocol : path.plain) {
    count(plain_, {path.outer_local, path.outer_remote, protocol}, by);
  }
}

void ProtectedPaths::change_pair(const GuardPair& pair, int by) {
  count(pairs_, pair, by);
  changed_.pairs.insert(pair);
}

void ProtectedPaths::change_route(const ProtectedPath& path, int by) {
  const auto found = remotes_.try_emplace(path.remote).first;
  Uses& uses = found->second;
  uses.paths += static_cast<std::size_t>(by);
  if (path.mtu != 0) count(uses.mtus, path.mtu, by);
  if (path.source_hint) count(uses.sources, *path.source_hint, by);
  if (uses.paths == 0) remotes_.erase(found);
  changed_.destinations.insert(path.remote);
  if (contains(path.remote, kLinkLocal)) {
    with_link_local_ += static_cast<std::size_t>(by);
    changed_.destinations.insert(kLinkLocal);
  }
}

std::optional<Route> ProtectedPaths::route_to(const base::Prefix& destination) const {
  const auto found = remotes_.find(destination);
  if (found != remotes_.end()) {
    const Uses& uses = found->second;
    Route route{destination, device_, {}, 0};
    if (!uses.sources.empty()) route.source = uses.sources.begin()->first;
    if (!uses.mtus.empty()) route.mtu = uses.mtus.begin()->first;
    return route;
  }
  const bool stays_here =
      islands_.count(destination) != 0 || (with_link_local_ != 0 && destination == kLinkLocal);
  return stays_here ? std::optional(Route{destination, "", {}, 0}) : std::nullopt;
}

void ProtectedPaths::add_rules(std::vector<Rule>& rules, IpFamily family) const {
  // Targets before the rules that lead there.
  rules.push_back(rule(family, options_.rule_priority + kEnd, Rule::Action::nop));
  rules.push_back(rule(family, options_.rule_priority + kTable, Rule::Action::lookup));
  rules.back().table = options_.table;
  rules.push_back(pass(options_, family, kOwnPackets, kEnd));
  rules.back().mark = options_.mark;
  for (const auto& [ours, uses] : outer_) {
    if (ours.family() != family) continue;
    for (const OuterProtocol& protocol : outer_protocols(ike_port_, natt_port_)) {
      outer_pass(rules, options_, ours, protocol);
    }
  }
  add_plain_rules(rules, family);
  rules.push_back(pass(options_, family, kDevicePass, kTable));
  rules.back().in_interface = device_;
  rules.push_back(pass(options_, family, kLocalPass, kTable));
  rules.back().in_interface = "lo";
}

// Rules of one priority all have the same parts (tun/netlink.h), so these do not say whose packets: the data
// path, and the netfilter guard, look at that.
void ProtectedPaths::add_plain_rules(std::vector<Rule>& rules, IpFamily family) const {
  const std::size_t first = rules.size();
  for (const auto& [one, uses] : plain_) {
    if (one.ours.family() != family) continue;
    std::vector<Rule> pair;
    outer_pass(pair, options_, one.ours, {one.ip_protocol, 0});
    const auto begin = rules.begin() + static_cast<std::ptrdiff_t>(first);
    if (std::find(begin, rules.end(), pair.front()) == rules.end()) {
      rules.insert(rules.end(), pair.begin(), pair.end());
    }
  }
}

void ProtectedPaths::add_passes(std::vector<GuardRule>& passes, IpFamily family) const {
  const auto add = [&]() -> GuardRule& {
    passes.emplace_back().family = family;
    return passes.back();
  };
  add().in_interface = device_;
  add().in_interface = "lo";
  if (family == IpFamily::v6) add().neighbour_discovery = true;
  for (const auto& [ours, uses] : outer_) {
    if (ours.family() != family) continue;
    for (const OuterProtocol& protocol : outer_protocols(ike_port_, natt_port_)) {
      GuardRule& outer = add();
      outer.to = whole(ours);
      outer.ip_protocol = protocol.ip_protocol;
      outer.destination_port = protocol.port;
    }
    // Of a fragmented UDP packet only the first part has ports; without it the others come to nothing.
    GuardRule& fragment = add();
    fragment.to = whole(ours);
    fragment.ip_protocol = base::ip_protocol::kUdp;
    fragment.later_fragment = true;
  }
  for (const auto& [one, uses] : plain_) {
    if (one.ours.family() != family) continue;
    GuardRule& plain = add();
    plain.from = whole(one.peer);
    plain.to = whole(one.ours);
    plain.ip_protocol = one.ip_protocol;
  }
}

std::vector<Rule> ProtectedPaths::rules() const {
  std::vector<Rule> rules;
  for (const auto& [family, uses] : families_) add_rules(rules, family);
  return rules;
}

std::vector<GuardRule> ProtectedPaths::passes() const {
  std::vector<GuardRule> passes;
  for (const auto& [family, uses] : families_) add_passes(passes, family);
  return passes;
}

RoutingPlan ProtectedPaths::plan() const {
  RoutingPlan plan{{}, rules(), passes(), {}};
  std::set<base::Prefix> destinations;
  for (const auto& [remote, uses] : remotes_) destinations.insert(remote);
  for (const auto& [island, uses] : islands_) destinations.insert(island);
  if (with_link_local_ != 0) destinations.insert(kLinkLocal);
  for (const base::Prefix& destination : destinations) plan.routes.push_back(*route_to(destination));
  for (const auto& [pair, uses] : pairs_) plan.guarded.push_back(pair);
  return plan;
}

std::vector<Rule> rules_of(const GuardPair& pair, const RoutingOptions& options) {
  const IpFamily family = pair.from.address.family();
  std::vector<Rule> rules;
  if (pair.level) return rules;
  if (pair.pass) {
    rules.push_back(pass(options, family, kLocalPass, kTable));
    rules.back().from = pair.from;
    return rules;
  }
  for (const base::Prefix& from : without_empty(pair.from)) {
    for (const base::Prefix& to : without_empty(pair.to)) {
      rules.push_back(rule(family, options.rule_priority + kGuard, Rule::Action::blackhole));
      rules.back().from = from;
      rules.back().to = to;
    }
  }
  return rules;
}

}  // namespace tun
