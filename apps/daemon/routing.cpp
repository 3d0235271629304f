#include "apps/daemon/routing.h"

#include <algorithm>

namespace daemon_app {
namespace {

std::optional<base::IpAddress> source_inside(const base::AddressRange& range,
                                             const std::vector<tun::LocalAddress>& ours) {
  for (const auto& local : ours) {
    if (range.contains(local.address)) return local.address;
  }
  return {};
}

}  // namespace

std::vector<tun::ProtectedPath> paths_of(const RoutedChild& child,
                                         const std::vector<tun::LocalAddress>& ours) {
  std::vector<tun::ProtectedPath> paths;
  for (const auto& local : child.selectors.local) {
    const auto source = source_inside(local.range, ours);
    for (const auto& remote : child.selectors.remote) {
      if (local.range.first.family() != remote.range.first.family()) continue;
      for (const auto& from : base::to_prefixes(local.range)) {
        for (const auto& to : base::to_prefixes(remote.range)) {
          tun::ProtectedPath path{
              from, to, source, child.inner_mtu, child.outer_local, child.outer_remote, child.udp_encap};
          // Selectors may differ in protocol and ports alone.
          if (std::find(paths.begin(), paths.end(), path) == paths.end()) paths.push_back(path);
        }
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
      table_(netlink, guard_.get()) {}

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

bool Routing::is_wanted(const RoutedChild& child) const {
  return std::any_of(children_.begin(), children_.end(),
                     [&](const auto& one) { return one.second == child; });
}

void Routing::put(base::ChildId id, RoutedChild child) {
  const auto found = children_.find(id);
  // What the child wanted until now may go.
  const bool changes = !is_wanted(child) || (found != children_.end() && found->second != child);
  children_[id] = std::move(child);
  if (changes || failed_ || (options_.routes && addresses() != ours_)) apply();
}

void Routing::remove(base::ChildId id) {
  const auto found = children_.find(id);
  if (found == children_.end()) return;
  const RoutedChild gone = std::move(found->second);
  children_.erase(found);
  if (!is_wanted(gone) || failed_) apply();
}

std::vector<tun::LocalAddress> Routing::addresses() {
  auto addresses = netlink_.addresses();
  if (addresses.has_value()) return std::move(*addresses);
  warn(addresses.error());
  return {};
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
  if (!options_.routes) return;
  ours_ = addresses();
  std::vector<tun::ProtectedPath> paths;
  for (const auto& [id, child] : children_) {
    auto more = paths_of(child, ours_);
    paths.insert(paths.end(), more.begin(), more.end());
  }
  const base::Status applied = table_.apply(
      tun::plan_routing(paths, device_, options_.routing, options_.ike_port, options_.natt_port));
  failed_ = applied.has_error();
  if (failed_) warn(applied.error());
}

void Routing::apply_device_mtu() {
  if (options_.tun.mtu != 0 || children_.empty()) return;
  std::uint32_t largest = 0;
  for (const auto& [id, child] : children_) largest = std::max(largest, child.inner_mtu);
  if (largest == 0 || largest == device_mtu_) return;
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
