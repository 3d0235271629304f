// The clear-text guard: packets that claim to come from behind a peer and arrive in clear, on another device
// than ours, are dropped before the kernel looks where they go (RFC 4301 5.2, step 3a). A policy routing rule
// cannot do that alone: the kernel delivers to its own addresses before it comes to our rules. So the guard
// is an nf_tables table of our own, one for each address family, in the prerouting hook; "nft list ruleset"
// shows it, with a counter at each drop.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/ip.h"
#include "base/result.h"
#include "tun/options.h"

namespace tun {

// All given parts must hold. The first rule that matches decides; what matches none passes.
struct GuardRule {
  base::IpFamily family = base::IpFamily::v4;
  bool drop = false;         // else: passes the guard
  std::string in_interface;  // empty: any
  std::optional<base::Prefix> from, to;
  std::uint8_t ip_protocol = 0;        // 0: any
  std::uint16_t destination_port = 0;  // 0: any
  bool later_fragment = false;         // only fragments that do not hold the beginning, and so no ports
  // Only Neighbor Discovery (RFC 4861: ICMPv6 types 133 to 137), which finds the link address of a peer that
  // is a neighbour, and cannot be protected before it has (RFC 3756).
  bool neighbour_discovery = false;
  bool operator==(const GuardRule&) const = default;
};

class ClearTextGuard {
 public:
  // Errors say that nf_tables is missing, or the capability (CAP_NET_ADMIN).
  static base::Result<std::unique_ptr<ClearTextGuard>> open(const RoutingOptions& options);
  ~ClearTextGuard();

  // Puts these rules in the place of what was there, in one step; no rules: the tables go. Rules that only
  // come behind the present ones of their family leave those, and their counters, as they are. Takes over
  // what a crashed predecessor with the same RoutingOptions::protocol left.
  base::Status apply(const std::vector<GuardRule>& rules);
  base::Status clear() { return apply({}); }

 private:
  struct Impl;
  explicit ClearTextGuard(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace tun
