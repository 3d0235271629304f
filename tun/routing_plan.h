// Which routes and rules the kernel needs for a set of protected paths: a pure function, and its applier.
//
// Rules, from RoutingOptions::rule_priority p on, in each address family that is in use:
//   p    our own outer packets, by their mark, pass by everything below
//   p+1  where a peer lies inside a remote prefix: its IKE, ESP and AH packets, and the look-ups by which
//        reverse-path filtering judges them, pass as well
//   p+2  what comes out of the TUN device passes the guard
//   p+3  so do local senders, reverse look-ups, and our own networks where they lie inside a remote prefix
//   p+4  what still claims to come from behind a peer came in clear, and is not forwarded (RFC 4301 5.2, step
//        3a: what should have been protected and was not is discarded)
//   p+5  our table: remote prefixes into the TUN device
//   p+9  where the passes lead
//
// What cannot be passed: with strict reverse-path filtering (net.ipv4.conf.*.rp_filter = 1), ARP requests and
// fragmented UDP packets of a peer that lies inside a remote prefix. The kernel's reverse look-up for them
// has neither protocol nor ports, and to let those pass would let clear text out. ARP matters only where the
// peer is on the same link. Loose filtering (2) accepts both.
//
// The rules hold for what is forwarded. The kernel delivers to its own addresses before it comes to them, so
// the same is said to the netfilter guard (tun/guard.h), which sees all that comes in. One of the two may be
// missing from a kernel.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "tun/guard.h"
#include "tun/netlink.h"

namespace tun {

// One pair of traffic selectors as prefixes, and the outer addresses that carry it.
struct ProtectedPath {
  base::Prefix local, remote;  // of one family
  std::optional<base::IpAddress> source_hint;
  std::uint32_t mtu = 0;                     // of inner packets; 0: the device's
  base::Endpoint outer_local, outer_remote;  // of either family
  bool udp_encap = false;
  bool operator==(const ProtectedPath&) const = default;
};

struct RoutingPlan {
  std::vector<Route> routes;  // one for each destination
  std::vector<Rule> rules;    // in the order in which they are installed
  std::vector<GuardRule> guard;
  bool operator==(const RoutingPlan&) const = default;
};

// No I/O. Paths with the same remote prefix share a route, with the smallest MTU and the first source hint.
// A local prefix inside the remote one of the same path gets a throw route, so that the networks here stay
// reachable beside, say, a remote 0.0.0.0/0. The ports are ours, of IKE without and with the non-ESP marker.
RoutingPlan plan_routing(const std::vector<ProtectedPath>& paths, const std::string& tun_device,
                         const RoutingOptions& options, std::uint16_t ike_port, std::uint16_t natt_port);

// What is installed, and the way from there to another plan without a gap: the guard stands before the first
// route leads into the device, what stays is not touched, and what goes, goes last.
class RoutingTable {
 public:
  // Without a guard (where nf_tables is missing) routes and rules are kept all the same.
  explicit RoutingTable(Netlink& netlink, ClearTextGuard* guard = nullptr)
      : netlink_(netlink), guard_(guard) {}

  // After an error the plan is installed in part, and known to be; a later call continues from there.
  base::Status apply(const RoutingPlan& plan);
  base::Status clear() { return apply({}); }
  const RoutingPlan& installed() const { return installed_; }

 private:
  base::Status add_missing(const RoutingPlan& plan);
  base::Status remove_superfluous(const RoutingPlan& plan);

  base::Status set_guard(const std::vector<GuardRule>& rules);

  Netlink& netlink_;
  ClearTextGuard* guard_;
  RoutingPlan installed_;
};

}  // namespace tun
