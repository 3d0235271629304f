// Routes into the TUN device for what the installed children protect and what traps wait for, and the guard
// against clear text.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/log.h"
#include "base/strong.h"
#include "config/model.h"
#include "spd/selector.h"
#include "tun/guard.h"
#include "tun/netlink.h"
#include "tun/protected_paths.h"
#include "tun/routing_table.h"

namespace daemon_app {

// What one child wants routed.
struct RoutedChild {
  spd::SelectorPair selectors;
  std::uint32_t inner_mtu = 0;  // octets of the largest packet that its SA takes
  base::IpAddress outer_local;  // unset: not known yet
  // As tun::ProtectedPath has them.
  base::IpAddress outer_remote{};
  std::vector<std::uint8_t> plain{};
  tun::PathUse use = tun::PathUse::both;
  // Of packets that come in clear, as tun::ClearPolicy has them:
  std::optional<std::int64_t> priority{};  // unset: that of a child
  bool bypass = false;                     // with `use` none
  std::vector<std::string> interfaces{};   // of a bypass: by which they come; empty: any
  bool operator==(const RoutedChild&) const = default;
};

// The paths of one child: each pair of a local and a remote prefix of one family. The source hint is the
// first of our addresses that lies inside the local selector.
std::vector<tun::ProtectedPath> paths_of(const RoutedChild& child,
                                         const std::vector<tun::LocalAddress>& ours);
// Refuses what would be more pairs than a child may have, with the number. A peer that has proved who it is
// may offer 255 ranges a side (RFC 7296 3.13), each of which is many prefixes.
base::Status check_selectors(const spd::SelectorPair& selectors);
constexpr std::size_t kMostPaths = 16384;
// What it says of packets that come in clear: where it is routed alone, nothing. Fails for a bypass that
// takes too many pairs of the guard (kMostClearPolicies); another policy then counts with all protocols and
// ports.
base::Result<std::vector<tun::ClearPolicy>> clear_policies_of(const RoutedChild& child);
constexpr std::size_t kMostClearPolicies = 4096;

// Of the IKE thread alone. Failures are logged; the tunnel then works for whoever routes by hand. A child
// costs the same whether there are few others or thousands, and one that wants what another one has, as after
// each rekey, costs the kernel nothing.
class Routing {
 public:
  Routing(tun::Netlink& netlink, const config::Daemon& options, std::string device, base::LogSink& log);
  ~Routing();  // removes everything

  void put(base::ChildId id, RoutedChild child);
  void remove(base::ChildId id);
  // The addresses of this host may be others: looks again.
  void addresses_changed();

  // The MTU of the first link towards a peer, in octets; 1500 where the kernel has no answer.
  std::uint32_t outer_mtu(const base::IpAddress& remote);
  // Which of our addresses faces a peer; nullopt where the kernel has no way there.
  std::optional<base::IpAddress> source_towards(const base::IpAddress& remote);

 private:
  struct Routed {
    RoutedChild child;
    std::vector<tun::ProtectedPath> paths;   // as they were added
    std::vector<tun::ClearPolicy> in_clear;  // likewise
  };

  std::unique_ptr<tun::ClearTextGuard> open_guard();
  void look_at_addresses();
  Routed make_routed(RoutedChild child);
  void take(const Routed& gone);
  void apply();
  void apply_device_mtu();
  void warn(const base::Error& error);

  tun::Netlink& netlink_;
  const config::Daemon& options_;
  const std::string device_;
  base::LogSink& log_;
  std::unique_ptr<tun::ClearTextGuard> guard_;  // null where nf_tables is missing, or with `routes: false`
  tun::ProtectedPaths paths_;
  tun::RoutingTable table_;
  std::unordered_map<base::ChildId, Routed> children_;
  std::map<std::uint32_t, std::size_t> mtus_;  // of the children, with their number
  std::vector<tun::LocalAddress> ours_;
  std::uint32_t device_mtu_ = 0;
};

}  // namespace daemon_app
