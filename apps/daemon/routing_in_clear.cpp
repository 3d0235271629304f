// What the policies of RoutedChild say of packets that come in clear.
#include <fmt/core.h>

#include <algorithm>
#include <set>

#include "apps/daemon/routing.h"
#include "spd/policy.h"

namespace daemon_app {
namespace {

using spd::TrafficSelector;
using tun::PortBlock;

// What is selected beside addresses: a packet from the peer is from the remote ports.
struct Ports {
  std::uint8_t protocol = 0;  // 0: any
  std::vector<PortBlock> from, to;
};

// Nothing where no packet is selected. Where the guard cannot see what is (OPAQUE ports, RFC 4301 4.4.1.1, or
// types of other protocols than ICMP) a bypass lets in nothing, and others hold for the whole protocol.
std::optional<Ports> ports_of(const TrafficSelector& local, const TrafficSelector& remote, bool bypass) {
  const std::uint8_t protocol = local.protocol != 0 ? local.protocol : remote.protocol;
  if (remote.protocol != 0 && remote.protocol != protocol) return {};
  const std::vector<PortBlock> all{PortBlock{}};
  const auto unseen = bypass ? std::optional<Ports>() : Ports{protocol, all, all};
  if (local.opaque() || remote.opaque()) return unseen;
  if (protocol == base::ip_protocol::kIcmp || protocol == base::ip_protocol::kIcmpv6) {
    // Both sides speak of the one type and code that a packet has (RFC 7296 3.13.1).
    const auto first = std::max(local.first_port, remote.first_port);
    const auto last = std::min(local.last_port, remote.last_port);
    if (last < first) return {};
    return Ports{protocol, tun::to_port_blocks(first, last), all};
  }
  if (local.all_ports() && remote.all_ports()) return Ports{protocol, all, all};
  if (!spd::has_port_numbers(protocol)) return unseen;
  return Ports{protocol, tun::to_port_blocks(remote.first_port, remote.last_port),
               tun::to_port_blocks(local.first_port, local.last_port)};
}

// One pair of selectors, into one policy for each pair of prefixes, ports and interface.
class Spread {
 public:
  explicit Spread(const RoutedChild& child) : child_(child) {
    policy_.priority = child.priority.value_or(spd::priority_of(child.selectors));
    policy_.bypass = child.bypass;
  }

  base::Status add(const TrafficSelector& local, const TrafficSelector& remote) {
    if (local.range.first.family() != remote.range.first.family()) return {};
    auto ports = ports_of(local, remote, child_.bypass);
    if (!ports) return {};
    const auto from = base::to_prefixes(remote.range), to = base::to_prefixes(local.range);
    const std::size_t interfaces = std::max<std::size_t>(1, child_.interfaces.size());
    const std::size_t more = from.size() * to.size() * ports->from.size() * ports->to.size() * interfaces;
    if (all_.size() + more > kMostClearPolicies) {
      if (child_.bypass) return too_many(local, remote);
      ports = Ports{0, {PortBlock{}}, {PortBlock{}}};
    }
    policy_.ip_protocol = ports->protocol;
    for (const auto& from_prefix : from) {
      for (const auto& to_prefix : to) {
        policy_.from = from_prefix;
        policy_.to = to_prefix;
        add_ports(*ports);
      }
    }
    return {};
  }
  std::vector<tun::ClearPolicy> take() { return {all_.begin(), all_.end()}; }

 private:
  static base::Error too_many(const TrafficSelector& local, const TrafficSelector& remote) {
    return base::local_error(
        fmt::format("the inbound bypass {} -> {} lets in nothing that comes in clear: its ranges take more "
                    "than {} pairs of prefixes and ports; write it with prefixes, or as several",
                    local.text(), remote.text(), kMostClearPolicies));
  }
  void add_ports(const Ports& ports) {
    for (const PortBlock& from : ports.from) {
      for (const PortBlock& to : ports.to) {
        policy_.from_ports = from;
        policy_.to_ports = to;
        add_interfaces();
      }
    }
  }
  void add_interfaces() {
    if (child_.interfaces.empty()) all_.insert(policy_);
    for (const std::string& interface : child_.interfaces) {
      policy_.in_interface = interface;
      all_.insert(policy_);
    }
  }

  const RoutedChild& child_;
  tun::ClearPolicy policy_;
  std::set<tun::ClearPolicy> all_;  // selectors may overlap
};

}  // namespace

base::Result<std::vector<tun::ClearPolicy>> clear_policies_of(const RoutedChild& child) {
  Spread spread(child);
  const bool silent = child.use == tun::PathUse::routed || child.use == tun::PathUse::neither;
  if (silent) return spread.take();
  for (const auto& local : child.selectors.local) {
    for (const auto& remote : child.selectors.remote) RETURN_IF_ERROR(spread.add(local, remote));
  }
  return spread.take();
}

}  // namespace daemon_app
