// Which routes, rules and guard the kernel needs for the paths that are protected: kept up to date path by
// path, without I/O.
//
// Rules, from RoutingOptions::rule_priority p on, in each address family that is in use:
//   p    our own outer packets, by their mark, pass by everything below
//   p+1  IKE, ESP and AH packets to our outer addresses, and the look-ups by which reverse-path filtering
//        judges them, pass as well; so do IP in IP and IPComp where a path has them in clear
//   p+2  what comes out of the TUN device passes the guard
//   p+3  so do local senders, reverse look-ups, and our own networks where they lie inside a remote prefix
//   p+4  what still claims to come from behind a peer came in clear, and is not forwarded (RFC 4301 5.2, step
//        3a: what should have been protected and was not is discarded)
//   p+5  our table: remote prefixes into the TUN device
//   p+9  where the passes lead
//
// The kernel goes through rules one by one, and delivers to its own addresses before it comes to them. So the
// guard is the netfilter one (tun/guard.h), which finds a pair among thousands at once and sees all that
// comes in; p+4, and our own networks of p+3, are rules only where nf_tables is missing. Inbound bypasses
// (tun/clear_policies.h) open the netfilter guard alone.
//
// What cannot be passed: with strict reverse-path filtering (net.ipv4.conf.*.rp_filter = 1), ARP requests and
// fragmented UDP packets of a peer that lies inside a remote prefix. The kernel's reverse look-up for them
// has neither protocol nor ports, and to let those pass would let clear text out. ARP matters only where the
// peer is on the same link. Loose filtering (2) accepts both.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "tun/clear_policies.h"
#include "tun/guard.h"
#include "tun/netlink.h"

namespace tun {

// What is done for a path.
enum class PathUse : std::uint8_t {
  both,      // as for a child: what goes there is routed into the device, what comes in clear is kept out
  routed,    // the first alone
  kept_out,  // the second alone
  neither,   // its outer packets pass
  none,      // nothing: there is no path
};

// One pair of traffic selectors as prefixes, and our outer address.
struct ProtectedPath {
  base::Prefix local, remote;  // of one family
  std::optional<base::IpAddress> source_hint;
  std::uint32_t mtu = 0;        // of inner packets; 0: the device's
  base::IpAddress outer_local;  // of either family; may be unset
  // IP protocols that come from `outer_remote` to `outer_local` with no ESP and no AH around: IP in IP,
  // IPComp.
  base::IpAddress outer_remote{};
  std::vector<std::uint8_t> plain{};
  PathUse use = PathUse::both;
  auto operator<=>(const ProtectedPath&) const = default;
};

// All that the kernel needs, in full.
struct RoutingPlan {
  std::vector<Route> routes;       // one for each destination, by destination
  std::vector<Rule> rules;         // in the order in which they are installed, without those of pairs
  std::vector<GuardRule> passes;   // of the netfilter guard
  std::vector<GuardPair> guarded;  // by value
  bool operator==(const RoutingPlan&) const = default;
};

// A path may be added more than once, and goes when it was removed as often. Paths with the same remote
// prefix share a route, with the smallest MTU and the lowest source hint. A local prefix inside the remote
// one of the same path gets a throw route, so that the networks here stay reachable beside, say, a remote
// 0.0.0.0/0.
class ProtectedPaths {
 public:
  // The ports are ours, of IKE without and with the non-ESP marker.
  ProtectedPaths(std::string tun_device, const RoutingOptions& options, std::uint16_t ike_port,
                 std::uint16_t natt_port)
      : device_(std::move(tun_device)), options_(options), ike_port_(ike_port), natt_port_(natt_port) {}

  void add(const ProtectedPath& path) { change(path, +1); }
  void remove(const ProtectedPath& path) { change(path, -1); }  // one that was added
  void add(const ClearPolicy& policy) { change(policy, +1); }
  void remove(const ClearPolicy& policy) { change(policy, -1); }  // one that was added

  RoutingPlan plan() const;
  // Part of plan(): the cost is that of the part.
  std::optional<Route> route_to(const base::Prefix& destination) const;
  bool is_guarded(const GuardPair& pair) const { return pairs_.count(pair) != 0; }
  std::vector<Rule> rules() const;
  std::vector<GuardRule> passes() const;

  // What may have changed since the last call; rules() and passes() always may have.
  struct Changed {
    std::set<base::Prefix> destinations;
    std::set<GuardPair> pairs;
  };
  Changed take_changed() { return std::exchange(changed_, {}); }
  bool has_changed() const { return !changed_.destinations.empty() || !changed_.pairs.empty(); }

 private:
  template <class Key>
  using Counts = std::map<Key, std::size_t>;
  struct Uses {  // of one remote prefix
    Counts<std::uint32_t> mtus;
    Counts<base::IpAddress> sources;
    std::size_t paths = 0;
  };

  // What comes in clear from one outer address to another.
  struct PlainPass {
    base::IpAddress ours, peer;
    std::uint8_t ip_protocol = 0;
    auto operator<=>(const PlainPass&) const = default;
  };

  void change(const ProtectedPath& path, int by);
  void change(const ClearPolicy& policy, int by);
  void change_pair(const GuardPair& pair, int by);
  void change_route(const ProtectedPath& path, int by);
  bool in_use(base::IpFamily family) const { return families_.count(family) != 0; }
  void add_rules(std::vector<Rule>& rules, base::IpFamily family) const;
  void add_plain_rules(std::vector<Rule>& rules, base::IpFamily family) const;
  void add_passes(std::vector<GuardRule>& passes, base::IpFamily family) const;

  const std::string device_;
  const RoutingOptions options_;
  const std::uint16_t ike_port_, natt_port_;
  std::map<base::Prefix, Uses> remotes_;
  Counts<base::Prefix> islands_;  // local prefixes inside the remote ones of their paths
  Counts<GuardPair> pairs_;
  ClearPolicies in_clear_;
  Counts<base::IpAddress> outer_;  // our outer addresses
  Counts<PlainPass> plain_;
  Counts<base::IpFamily> families_;  // of inner packets
  std::size_t with_link_local_ = 0;  // remote prefixes that hold the link-local addresses
  Changed changed_;
};

// The routing rules that stand in for a pair where there is no netfilter guard; none for one with a level.
std::vector<Rule> rules_of(const GuardPair& pair, const RoutingOptions& options);

}  // namespace tun
