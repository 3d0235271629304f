// Routes into the TUN device for what the installed children protect, and the guard against clear text.
#pragma once

#include <map>
#include <memory>
#include <string>

#include "base/log.h"
#include "base/strong.h"
#include "config/model.h"
#include "spd/selector.h"
#include "tun/netlink.h"
#include "tun/routing_plan.h"

namespace daemon_app {

// What one child wants routed.
struct RoutedChild {
  spd::SelectorPair selectors;
  std::uint32_t inner_mtu = 0;  // octets of the largest packet that its SA takes
};

// Of the IKE thread alone. Failures are logged; the tunnel then works for whoever routes by hand.
class Routing {
 public:
  Routing(tun::Netlink& netlink, const config::Daemon& options, std::string device, base::LogSink& log);
  ~Routing();  // removes everything

  void put(base::ChildId id, RoutedChild child);
  // `fresh` takes the place of `old`, without a moment in between.
  void replace(base::ChildId old, base::ChildId fresh, RoutedChild child);
  void remove(base::ChildId id);

  // The MTU of the first link towards a peer, less nothing; 1500 where the kernel has no answer.
  std::uint32_t outer_mtu(const base::IpAddress& remote);

 private:
  void apply();
  std::vector<tun::RoutedSelectors> wanted();
  void apply_device_mtu();

  tun::Netlink& netlink_;
  const config::Daemon& options_;
  const std::string device_;
  base::LogSink& log_;
  tun::RoutingTable table_;
  std::map<base::ChildId, RoutedChild> children_;
  std::uint32_t device_mtu_ = 0;
};

}  // namespace daemon_app
