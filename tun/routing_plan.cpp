#include "tun/routing_plan.h"

#include <algorithm>
#include <functional>
#include <map>
#include <set>

namespace tun {

namespace {

using base::IpFamily;

// Offsets from the first priority.
constexpr std::uint32_t kOwnPackets = 0, kOuterPass = 1, kDevicePass = 2, kLocalPass = 3, kGuard = 4,
                        kTable = 5, kEnd = 9;

bool contains(const base::Prefix& outer, const base::Prefix& inner) {
  return outer.range().contains(inner.range());
}

// The prefix in a form for rules that share a priority: the kernel would take an empty one for a wildcard
// when it looks for a rule to add or remove, and skip or hit another. Two halves mean the same.
std::vector<base::Prefix> without_empty(const base::Prefix& prefix) {
  if (prefix.length > 0) return {prefix};
  const base::IpAddress& low = prefix.address;
  const base::IpAddress high =
      low.is_v4() ? base::IpAddress::v4(1u << 31) : base::IpAddress::v6(std::uint64_t{1} << 63, 0);
  return {{low, 1}, {high, 1}};
}

class Planner {
 public:
  Planner(const std::vector<ProtectedPath>& paths, const std::string& device, const RoutingOptions& options)
      : paths_(paths), device_(device), options_(options) {
    for (const ProtectedPath& path : paths_) {
      remotes_.insert(path.remote);
      lengths_.insert(path.remote.length);
    }
  }

  RoutingPlan plan(std::uint16_t ike_port, std::uint16_t natt_port) {
    for (const IpFamily family : {IpFamily::v4, IpFamily::v6}) {
      if (!in_use(family)) continue;
      // Targets before the rules that lead there.
      rule(family, kEnd, Rule::Action::nop);
      rule(family, kTable, Rule::Action::lookup).table = options_.table;
      pass(family, kOwnPackets, kEnd).mark = options_.mark;
      outer_passes(family, ike_port, natt_port);
      pass(family, kDevicePass, kTable).in_interface = device_;
      pass(family, kLocalPass, kTable).in_interface = "lo";
      guard_pass(family).in_interface = device_;
      guard_pass(family).in_interface = "lo";
      if (family == IpFamily::v6) guard_pass(family).neighbour_discovery = true;
      local_networks(family);
      guard(family);
    }
    routes();
    return std::move(plan_);
  }

 private:
  bool in_use(IpFamily family) const {
    return std::any_of(remotes_.begin(), remotes_.end(),
                       [&](const base::Prefix& remote) { return remote.address.family() == family; });
  }

  // Remote prefixes may be thousands, but they have few lengths.
  bool in_a_remote(const base::IpAddress& address) const {
    return std::any_of(lengths_.begin(), lengths_.end(), [&](int length) {
      return length <= address.bits() && remotes_.count(base::prefix_of(address, length)) != 0;
    });
  }

  Rule& rule(IpFamily family, std::uint32_t offset, Rule::Action action) {
    Rule& made = plan_.rules.emplace_back();
    made.family = family;
    made.priority = options_.rule_priority + offset;
    made.action = action;
    return made;
  }

  Rule& pass(IpFamily family, std::uint32_t offset, std::uint32_t target) {
    Rule& made = rule(family, offset, Rule::Action::go_to);
    made.target = options_.rule_priority + target;
    return made;
  }

  GuardRule& guard_pass(IpFamily family) {
    GuardRule& made = plan_.guard.emplace_back();
    made.family = family;
    return made;
  }

  // Both directions of one protocol between two outer addresses; `port` is ours, 0 for none. The way out is
  // for the reverse look-up that judges what came in: the kernel makes it as if from the loopback device.
  void outer_pass(const base::IpAddress& ours, const base::IpAddress& theirs, std::uint8_t protocol,
                  std::uint16_t port) {
    Rule& in = pass(ours.family(), kOuterPass, kEnd);
    in.from = base::Prefix{theirs, theirs.bits()};
    in.to = base::Prefix{ours, ours.bits()};
    in.ip_protocol = protocol;
    in.destination_port = port;
    GuardRule& seen = guard_pass(ours.family());
    seen.from = in.from;
    seen.to = in.to;
    seen.ip_protocol = protocol;
    seen.destination_port = port;
    Rule& out = pass(ours.family(), kOuterPass, kEnd);
    out.from = base::Prefix{ours, ours.bits()};
    out.to = base::Prefix{theirs, theirs.bits()};
    out.in_interface = "lo";
    out.ip_protocol = protocol;
    out.source_port = port;
  }

  // The peer's port is left open: a NAT may change it at any time. Both encapsulations pass whichever is in
  // use, because both must be accepted at any time (RFC 7296 2.23).
  void outer_passes(IpFamily family, std::uint16_t ike_port, std::uint16_t natt_port) {
    std::set<std::pair<base::IpAddress, base::IpAddress>> done;
    for (const ProtectedPath& path : paths_) {
      const base::IpAddress& ours = path.outer_local.address;
      const base::IpAddress& theirs = path.outer_remote.address;
      if (ours.family() != family || theirs.family() != family) continue;
      if (!done.insert({ours, theirs}).second || !in_a_remote(theirs)) continue;
      outer_pass(ours, theirs, base::ip_protocol::kUdp, ike_port);
      outer_pass(ours, theirs, base::ip_protocol::kUdp, natt_port);
      outer_pass(ours, theirs, base::ip_protocol::kEsp, 0);
      outer_pass(ours, theirs, base::ip_protocol::kAh, 0);
      // Of a fragmented UDP packet only the first part has ports; without it the others come to nothing.
      GuardRule& fragment = guard_pass(family);
      fragment.from = base::Prefix{theirs, theirs.bits()};
      fragment.to = base::Prefix{ours, ours.bits()};
      fragment.ip_protocol = base::ip_protocol::kUdp;
      fragment.later_fragment = true;
    }
  }

  // Whether the local prefix is our part of what the peer calls its own.
  static bool is_island(const ProtectedPath& path) {
    return contains(path.remote, path.local) && path.remote != path.local;
  }

  void local_networks(IpFamily family) {
    std::set<base::Prefix> done;
    for (const ProtectedPath& path : paths_) {
      if (path.local.address.family() != family || !is_island(path)) continue;
      if (!done.insert(path.local).second) continue;
      pass(family, kLocalPass, kTable).from = path.local;
      guard_pass(family).from = path.local;
    }
  }

  void guard(IpFamily family) {
    std::set<std::pair<base::Prefix, base::Prefix>> done;
    for (const ProtectedPath& path : paths_) {
      if (path.remote.address.family() != family) continue;
      if (!done.insert({path.remote, path.local}).second) continue;
      GuardRule& seen = guard_pass(family);
      seen.drop = true;
      seen.from = path.remote;
      seen.to = path.local;
      for (const base::Prefix& from : without_empty(path.remote)) {
        for (const base::Prefix& to : without_empty(path.local)) {
          Rule& made = rule(family, kGuard, Rule::Action::blackhole);
          made.from = from;
          made.to = to;
        }
      }
    }
  }

  void routes() {
    for (const ProtectedPath& path : paths_) {
      const auto [place, is_new] = route_to_.emplace(path.remote, plan_.routes.size());
      if (is_new) {
        plan_.routes.push_back({path.remote, device_, path.source_hint, path.mtu});
        continue;
      }
      Route& route = plan_.routes[place->second];
      if (!route.source) route.source = path.source_hint;
      if (path.mtu != 0) route.mtu = route.mtu == 0 ? path.mtu : std::min(route.mtu, path.mtu);
    }
    for (const ProtectedPath& path : paths_) {
      if (is_island(path)) add_throw(path.local);
    }
    // Link-local addresses mean the link, and no router forwards them (RFC 4291 2.5.6).
    const base::Prefix link_local{base::IpAddress::v6(0xfe80ull << 48, 0), 10};
    if (std::any_of(remotes_.begin(), remotes_.end(),
                    [&](const base::Prefix& remote) { return contains(remote, link_local); })) {
      add_throw(link_local);
    }
  }

  void add_throw(const base::Prefix& destination) {
    if (!route_to_.emplace(destination, plan_.routes.size()).second) return;
    plan_.routes.push_back({destination, "", {}, 0});
  }

  const std::vector<ProtectedPath>& paths_;
  const std::string& device_;
  const RoutingOptions& options_;
  std::set<base::Prefix> remotes_;
  std::set<int> lengths_;                         // of remotes_
  std::map<base::Prefix, std::size_t> route_to_;  // which of the plan's routes
  RoutingPlan plan_;
};

// Looks up what a list held when this was made; the list must live on unchanged.
template <class T>
class Lookup {
 public:
  explicit Lookup(const std::vector<T>& all) : sorted_(all.begin(), all.end()) {
    std::sort(sorted_.begin(), sorted_.end(), std::less<T>());
  }
  bool holds(const T& one) const {
    return std::binary_search(sorted_.begin(), sorted_.end(), one, std::less<T>());
  }

 private:
  std::vector<std::reference_wrapper<const T>> sorted_;
};

}  // namespace

RoutingPlan plan_routing(const std::vector<ProtectedPath>& paths, const std::string& tun_device,
                         const RoutingOptions& options, std::uint16_t ike_port, std::uint16_t natt_port) {
  return Planner(paths, tun_device, options).plan(ike_port, natt_port);
}

base::Status RoutingTable::add_missing(const RoutingPlan& plan) {
  const RoutingPlan before = installed_;
  const Lookup rules(before.rules);
  std::set<Rule> added;
  for (const Rule& rule : plan.rules) {
    if (rules.holds(rule) || !added.insert(rule).second) continue;
    RETURN_IF_ERROR(netlink_.add_rule(rule));
    installed_.rules.push_back(rule);
  }
  const Lookup routes(before.routes);
  for (const Route& route : plan.routes) {
    if (routes.holds(route)) continue;
    RETURN_IF_ERROR(netlink_.add_route(route));
    // A new route took the place of an older one to the same destination.
    std::erase_if(installed_.routes, [&](const Route& old) { return old.destination == route.destination; });
    installed_.routes.push_back(route);
  }
  return {};
}

base::Status RoutingTable::remove_superfluous(const RoutingPlan& plan) {
  const Lookup routes(plan.routes);
  for (std::size_t i = installed_.routes.size(); i-- > 0;) {
    if (routes.holds(installed_.routes[i])) continue;
    RETURN_IF_ERROR(netlink_.remove_route(installed_.routes[i]));
    installed_.routes.erase(installed_.routes.begin() + static_cast<std::ptrdiff_t>(i));
  }
  const Lookup rules(plan.rules);
  for (std::size_t i = installed_.rules.size(); i-- > 0;) {
    if (rules.holds(installed_.rules[i])) continue;
    RETURN_IF_ERROR(netlink_.remove_rule(installed_.rules[i]));
    installed_.rules.erase(installed_.rules.begin() + static_cast<std::ptrdiff_t>(i));
  }
  return {};
}

base::Status RoutingTable::set_guard(const std::vector<GuardRule>& rules) {
  if (installed_.guard == rules) return {};
  if (guard_ != nullptr) RETURN_IF_ERROR(guard_->apply(rules));
  installed_.guard = rules;
  return {};
}

base::Status RoutingTable::apply(const RoutingPlan& plan) {
  RETURN_IF_ERROR(set_guard(plan.guard));
  RETURN_IF_ERROR(add_missing(plan));
  return remove_superfluous(plan);
}

}  // namespace tun
