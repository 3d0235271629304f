#include "apps/daemon/packet_verdict.h"

#include <fmt/format.h>

#include <algorithm>

namespace daemon_app {
namespace {

bool has_address(const spd::TrafficSelectors& selectors, const base::IpAddress& address) {
  return std::any_of(selectors.begin(), selectors.end(),
                     [&](const auto& selector) { return selector.range.contains(address); });
}

bool has_protocol(const spd::TrafficSelectors& selectors, const base::IpAddress& address,
                  std::uint8_t protocol) {
  return std::any_of(selectors.begin(), selectors.end(), [&](const auto& selector) {
    return selector.range.contains(address) && (selector.protocol == 0 || selector.protocol == protocol);
  });
}

// The first thing about the packet that the selectors do not have.
std::string mismatch(const spd::SelectorPair& selectors, const spd::PacketKey& packet) {
  if (!has_address(selectors.local, packet.local))
    return fmt::format("source {} is not in {}", packet.local.text(), spd::text(selectors.local));
  if (!has_address(selectors.remote, packet.remote))
    return fmt::format("destination {} is not in {}", packet.remote.text(), spd::text(selectors.remote));
  if (!has_protocol(selectors.local, packet.local, packet.protocol))
    return fmt::format("the protocol is not that of {}", spd::text(selectors.local));
  if (!has_protocol(selectors.remote, packet.remote, packet.protocol))
    return fmt::format("the protocol is not that of {}", spd::text(selectors.remote));
  return fmt::format("the ports are not in {} and {}", spd::text(selectors.local),
                     spd::text(selectors.remote));
}

spd::PacketKey reversed(spd::PacketKey packet) {
  std::swap(packet.local, packet.remote);
  std::swap(packet.local_port, packet.remote_port);
  return packet;
}

}  // namespace

PacketVerdict judge(const spd::Snapshot& policies, const spd::PacketKey& packet, std::size_t limit) {
  PacketVerdict verdict;
  const auto back = reversed(packet);
  std::shared_ptr<const spd::Policy> reverse;
  for (const auto& policy : policies.policies()) {
    if (policy->direction != spd::Direction::outbound) continue;
    if (!reverse && policy->selectors.matches(back)) reverse = policy;
    if (policy->selectors.matches(packet)) {
      if (verdict.policy) {
        verdict.others.push_back({policy, "it matches too, but comes later"});
      } else {
        verdict.policy = policy;
      }
    } else if (limit > 0) {
      --limit;
      verdict.others.push_back({policy, mismatch(policy->selectors, packet)});
    } else {
      ++verdict.left_out;
    }
  }
  if (!verdict.policy) verdict.reverse = std::move(reverse);
  return verdict;
}

base::Result<spd::PacketKey> read_packet(const std::string& source, const std::string& destination,
                                         const std::string& protocol, std::uint32_t source_port,
                                         std::uint32_t destination_port) {
  const auto local = base::IpAddress::parse(source), remote = base::IpAddress::parse(destination);
  if (!local) return base::local_error("'" + source + "' is no address");
  if (!remote) return base::local_error("'" + destination + "' is no address");
  if (local->family() != remote->family())
    return base::local_error("source and destination are of different families");
  if (source_port > 65535 || destination_port > 65535) return base::local_error("a port is at most 65535");
  spd::PacketKey packet;
  packet.local = *local;
  packet.remote = *remote;
  if (!protocol.empty()) {
    ASSIGN_OR_RETURN(const auto selector, spd::TrafficSelector::parse(source + "|" + protocol));
    packet.protocol = selector.protocol;
  }
  if ((source_port != 0 || destination_port != 0) && !spd::has_port_numbers(packet.protocol))
    return base::local_error("ports are of protocols like tcp and udp");
  packet.local_port = static_cast<std::uint16_t>(source_port);
  packet.remote_port = static_cast<std::uint16_t>(destination_port);
  return packet;
}

}  // namespace daemon_app
