#include "apps/daemon/routing.h"

#include <fmt/core.h>

#include <algorithm>
#include <set>

namespace daemon_app {
namespace {

std::optional<base::IpAddress> source_inside(const base::AddressRange& range,
                                             const std::vector<tun::LocalAddress>& ours) {
  for (const auto& local : ours) {
    if (range.contains(local.address)) return local.address;
  }
  return {};
}

// To which of our addresses IKE and ESP pass the guard. What is kept out belongs to no SA: then to all of
// ours that it is for, or there could never be one.
std::vector<base::IpAddress> outer_addresses(const RoutedChild& child, const base::AddressRange& local,
                                             const std::vector<tun::LocalAddress>& ours) {
  std::vector<base::IpAddress> outer;
  if (child.use == tun::PathUse::kept_out) {
    for (const auto& one : ours) {
      if (local.contains(one.address)) outer.push_back(one.address);
    }
  }
  if (outer.empty()) outer.push_back(child.outer_local);
  return outer;
}

// One side of a child: each prefix once, since selectors may differ in protocol and ports alone, with what
// goes by the selector that has brought it.
struct Part {
  base::Prefix prefix;
  std::optional<base::IpAddress> source;
  std::vector<base::IpAddress> outer;
};
template <class Fill>
std::vector<Part> parts_of(const spd::TrafficSelectors& selectors, const Fill& fill) {
  std::vector<Part> parts;
  std::set<base::Prefix> seen;
  for (const auto& selector : selectors) {
    for (const auto& prefix : base::to_prefixes(selector.range)) {
      if (seen.insert(prefix).second) fill(selector, parts.emplace_back(Part{prefix, {}, {}}));
    }
  }
  return parts;
}

std::size_t count(const std::vector<Part>& parts, base::IpFamily family) {
  return static_cast<std::size_t>(std::count_if(
      parts.begin(), parts.end(), [&](const Part& part) { return part.prefix.address.family() == family; }));
}

}  // namespace

base::Status check_selectors(const spd::SelectorPair& selectors) {
  const auto plain = [](const spd::TrafficSelector&, Part&) {};
  const auto local = parts_of(selectors.local, plain), remote = parts_of(selectors.remote, plain);
  std::size_t pairs = 0;
  for (const auto family : {base::IpFamily::v4, base::IpFamily::v6})
    pairs += count(local, family) * count(remote, family);
  if (pairs <= kMostPaths) return {};
  return base::local_error(fmt::format(
      "its traffic selectors are {} pairs of prefixes, more than the {} of one child", pairs, kMostPaths));
}

std::vector<tun::ProtectedPath> paths_of(const RoutedChild& child,
                                         const std::vector<tun::LocalAddress>& ours) {
  std::vector<tun::ProtectedPath> paths;
  if (child.use == tun::PathUse::none) return paths;
  const auto local = parts_of(child.selectors.local, [&](const spd::TrafficSelector& selector, Part& part) {
    part.source = source_inside(selector.range, ours);
    part.outer = outer_addresses(child, selector.range, ours);
  });
  const auto remote = parts_of(child.selectors.remote, [](const spd::TrafficSelector&, Part&) {});
  for (const Part& from : local) {
    for (const Part& to : remote) {
      if (from.prefix.address.family() != to.prefix.address.family()) continue;
      for (const auto& outer : from.outer) {
        paths.push_back({from.prefix, to.prefix, from.source, child.inner_mtu, outer, child.outer_remote,
                         child.plain, child.use});
      }
    }
  }
  return paths;
}

Routing::Routing(tun::Netlink& netlink, const config::Daemon& options, std::string device, base::LogSink& log)
    : netlink_(netlink),
      options_(options),
      device_(std::move(device)),
      log_(log),
      guard_(open_guard()),
      paths_(device_, options.routing, options.ike_port, options.natt_port),
      table_(netlink, guard_.get(), options.routing) {
  look_at_addresses();
}

std::unique_ptr<tun::ClearTextGuard> Routing::open_guard() {
  if (!options_.routes) return nullptr;
  auto guard = tun::ClearTextGuard::open(options_.routing);
  base::Status usable;
  if (guard.has_error()) {
    usable = guard.error();
  } else {
    usable = (*guard)->clear();  // what a crash has left; and the first word with nf_tables
  }
  if (usable.has_value()) return std::move(*guard);
  warn(base::local_error("packets in clear to addresses of this host cannot be kept out: " +
                         usable.error().reason));
  return nullptr;
}

Routing::~Routing() {
  const base::Status cleared = table_.clear();
  if (cleared.has_error()) warn(cleared.error());
}

void Routing::put(base::ChildId id, RoutedChild child) {
  const auto found = children_.find(id);
  if (found != children_.end() && found->second.child == child && table_.is_complete()) return;
  Routed routed = make_routed(std::move(child));
  for (const auto& path : routed.paths) paths_.add(path);
  for (const auto& policy : routed.in_clear) paths_.add(policy);
  ++mtus_[routed.child.inner_mtu];
  // Of inbound policies that protect the kernel has nothing, unless there are bypasses.
  const bool silent = routed.paths.empty() && found == children_.end() && table_.is_complete();
  if (found != children_.end()) take(found->second);  // once the new ones stand: what both want stays
  children_[id] = std::move(routed);
  if (!silent || paths_.has_changed()) apply();
}

Routing::Routed Routing::make_routed(RoutedChild child) {
  Routed routed{std::move(child), {}, {}};
  if (!options_.routes) return routed;
  routed.paths = paths_of(routed.child, ours_);
  auto in_clear = clear_policies_of(routed.child);
  if (in_clear.has_error()) {
    warn(in_clear.error());
  } else {
    routed.in_clear = std::move(*in_clear);
  }
  return routed;
}

void Routing::remove(base::ChildId id) {
  const auto found = children_.find(id);
  if (found == children_.end()) return;
  const bool silent = found->second.paths.empty() && table_.is_complete();
  take(found->second);
  children_.erase(found);
  if (!silent || paths_.has_changed()) apply();
}

void Routing::take(const Routed& gone) {
  for (const auto& path : gone.paths) paths_.remove(path);
  for (const auto& policy : gone.in_clear) paths_.remove(policy);
  const auto found = mtus_.find(gone.child.inner_mtu);
  if (--found->second == 0) mtus_.erase(found);
}

void Routing::look_at_addresses() {
  auto addresses = netlink_.addresses();
  if (addresses.has_value()) {
    ours_ = std::move(*addresses);
  } else {
    warn(addresses.error());
  }
}

void Routing::addresses_changed() {
  const auto before = ours_;
  look_at_addresses();
  if (!options_.routes || ours_ == before) return;
  for (auto& [id, routed] : children_) {
    auto paths = paths_of(routed.child, ours_);
    for (const auto& path : paths) paths_.add(path);
    for (const auto& path : routed.paths) paths_.remove(path);
    routed.paths = std::move(paths);
  }
  apply();
}

std::uint32_t Routing::outer_mtu(const base::IpAddress& remote) {
  const auto mtu = netlink_.mtu_towards(remote);
  return mtu.has_error() || *mtu == 0 ? 1500 : *mtu;
}

std::optional<base::IpAddress> Routing::source_towards(const base::IpAddress& remote) {
  const auto source = netlink_.source_for(remote);
  if (source.has_error()) return {};
  return *source;
}

void Routing::apply() {
  apply_device_mtu();
  const base::Status applied = table_.apply(paths_);
  if (applied.has_error()) warn(applied.error());
}

void Routing::apply_device_mtu() {
  const std::uint32_t largest = mtus_.empty() ? 0 : mtus_.rbegin()->first;
  if (options_.tun.mtu != 0 || largest == 0 || largest == device_mtu_) return;
  const base::Status set = netlink_.set_mtu(device_, largest);
  if (set.has_error()) {
    warn(set.error());
  } else {
    device_mtu_ = largest;
  }
}

void Routing::warn(const base::Error& error) {
  log_.write({base::LogLevel::warning, "routing", error.reason, {{"device", device_}}});
}

}  // namespace daemon_app
