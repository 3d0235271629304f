// Routes into the TUN device for what the installed children protect and what traps wait for, and the guard
// against clear text.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/log.h"
#include "base/strong.h"
#include "config/model.h"
#include "spd/selector.h"
#include "tun/guard.h"
#include "tun/netlink.h"
#include "tun/routing_plan.h"

namespace daemon_app {

// What one child wants routed.
struct RoutedChild {
  spd::SelectorPair selectors;
  std::uint32_t inner_mtu = 0;  // octets of the largest packet that its SA takes
  base::Endpoint outer_local, outer_remote;
  bool udp_encap = false;
  bool operator==(const RoutedChild&) const = default;
};

// The paths of one child: each pair of a local and a remote prefix of one family. The source hint is the
// first of our addresses that lies inside the local selector.
std::vector<tun::ProtectedPath> paths_of(const RoutedChild& child,
                                         const std::vector<tun::LocalAddress>& ours);

// Of the IKE thread alone. Failures are logged; the tunnel then works for whoever routes by hand. A child
// that wants the same as another one, as after each rekey, costs the kernel nothing.
class Routing {
 public:
  Routing(tun::Netlink& netlink, const config::Daemon& options, std::string device, base::LogSink& log);
  ~Routing();  // removes everything

  void put(base::ChildId id, RoutedChild child);
  void remove(base::ChildId id);

  // The MTU of the first link towards a peer, in octets; 1500 where the kernel has no answer.
  std::uint32_t outer_mtu(const base::IpAddress& remote);
  // Which of our addresses faces a peer; nullopt where the kernel has no way there.
  std::optional<base::IpAddress> source_towards(const base::IpAddress& remote);

 private:
  std::unique_ptr<tun::ClearTextGuard> open_guard();
  void apply();
  bool is_wanted(const RoutedChild& child) const;  // by one of the children
  std::vector<tun::LocalAddress> addresses();
  void apply_device_mtu();
  void warn(const base::Error& error);

  tun::Netlink& netlink_;
  const config::Daemon& options_;
  const std::string device_;
  base::LogSink& log_;
  std::unique_ptr<tun::ClearTextGuard> guard_;  // null where nf_tables is missing, or with `routes: false`
  tun::RoutingTable table_;
  std::map<base::ChildId, RoutedChild> children_;
  std::vector<tun::LocalAddress> ours_;  // when routes were made last
  bool failed_ = false;                  // at that time; the next change tries again
  std::uint32_t device_mtu_ = 0;
};

}  // namespace daemon_app
