// The clear-text guard: packets that claim to come from behind a peer and arrive in clear, on another device
// than ours, are dropped before the kernel looks where they go (RFC 4301 5.2, step 3a). A policy routing rule
// cannot do that alone: the kernel delivers to its own addresses before it comes to our rules. So the guard
// is an nf_tables table of our own, one for each address family, in the prerouting hook; "nft list ruleset"
// shows it, with a counter of what was dropped.
//
// A few rules that let packets pass stand in front; behind them, pairs of prefixes are looked up in sets, one
// set for each combination of lengths. So a packet costs the same with ten pairs and with ten thousand. What
// inbound bypasses let in is asked before the drops, from the highest priority down
// (tun/clear_policies.h).
#pragma once

#include <compare>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/ip.h"
#include "base/result.h"
#include "tun/options.h"

namespace tun {

// What passes the guard; all given parts must hold.
struct GuardRule {
  base::IpFamily family = base::IpFamily::v4;
  std::string in_interface;              // empty: any
  std::optional<base::Prefix> from, to;  // of that family
  std::uint8_t ip_protocol = 0;          // 0: any
  std::uint16_t destination_port = 0;    // 0: any
  bool later_fragment = false;           // only fragments that do not hold the beginning, and so no ports
  // Only Neighbor Discovery (RFC 4861: ICMPv6 types 133 to 137), which finds the link address of a peer that
  // is a neighbour, and cannot be protected before it has (RFC 3756).
  bool neighbour_discovery = false;
  bool operator==(const GuardRule&) const = default;
};

// The ports whose first `length` bits are those of `first`; of ICMP, types and codes (type << 8 | code).
struct PortBlock {
  std::uint16_t first = 0;  // the bits behind are zero
  int length = 0;           // bits; 0: all ports
  auto operator<=>(const PortBlock&) const = default;
};
// The fewest blocks that together equal the range, in order.
std::vector<PortBlock> to_port_blocks(std::uint16_t first, std::uint16_t last);

// Before every other level.
constexpr std::int64_t kFirstLevel = std::numeric_limits<std::int64_t>::max();

// What no GuardRule lets pass, from one prefix to the other: dropped, or, before that is asked, passed. What
// is in no pair passes.
struct GuardPair {
  bool pass = false;
  base::Prefix from, to;  // of one family
  // With a level the pair is asked between those two, the highest level first, and of one level those that do
  // not pass first. What such a pair does not let pass is not dropped for that: no lower level is asked for
  // it, but what drops is.
  std::optional<std::int64_t> level{};
  // The rest only with a level. Ports of a protocol that has some, or types and codes in `from_ports`.
  std::uint8_t ip_protocol = 0;  // 0: any
  PortBlock from_ports{}, to_ports{};
  std::string in_interface{};  // empty: any
  bool has_ports() const { return from_ports.length != 0 || to_ports.length != 0; }
  auto operator<=>(const GuardPair&) const = default;
};

struct GuardChange {
  std::vector<GuardRule> rules;           // all that there shall be, in order
  std::vector<GuardPair> added, removed;  // new ones, and ones that are there
};

class ClearTextGuard {
 public:
  // Errors say that nf_tables is missing, or the capability (CAP_NET_ADMIN).
  static base::Result<std::unique_ptr<ClearTextGuard>> open(const RoutingOptions& options);
  ~ClearTextGuard();

  // In one step; after an error all is as it was. With nothing left the tables go. The first change takes
  // over what a crashed predecessor with the same RoutingOptions::protocol left. Where somebody took our
  // tables away, they are whole again afterwards.
  base::Status change(const GuardChange& change);
  // Everything goes.
  base::Status clear();

 private:
  struct Impl;
  explicit ClearTextGuard(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace tun
