#include "spd/selector.h"

#include <algorithm>

namespace spd {
namespace {

// A TS payload counts its selectors in one octet (RFC 7296 3.13).
constexpr std::size_t kMaxSelectors = 255;

bool has_ports(const TrafficSelector& ts) { return ts.first_port <= ts.last_port; }

bool contains_ports(const TrafficSelector& outer, const TrafficSelector& inner) {
  // ALL includes OPAQUE, a restricted range does not (RFC 4301 4.4.1.1).
  if (outer.all_ports()) return inner.opaque() || has_ports(inner);
  if (outer.opaque() || inner.opaque()) return outer.opaque() && inner.opaque();
  return has_ports(inner) && outer.first_port <= inner.first_port && inner.last_port <= outer.last_port;
}

// The common ports into `out`; false where there are none.
bool intersect_ports(const TrafficSelector& a, const TrafficSelector& b, TrafficSelector& out) {
  if (a.opaque() || b.opaque()) {
    const bool common = (a.opaque() || a.all_ports()) && (b.opaque() || b.all_ports());
    out.first_port = 65535;
    out.last_port = 0;
    return common;
  }
  out.first_port = std::max(a.first_port, b.first_port);
  out.last_port = std::min(a.last_port, b.last_port);
  return has_ports(a) && has_ports(b) && out.first_port <= out.last_port;
}

// Adds `part` unless the list covers it; what it covers goes. A part that takes over the first place keeps
// it.
void add_part(TrafficSelectors& list, const TrafficSelector& part) {
  const auto covers_part = [&](const TrafficSelector& have) { return have.contains(part); };
  if (std::any_of(list.begin(), list.end(), covers_part)) return;
  const bool in_front = !list.empty() && part.contains(list.front());
  std::erase_if(list, [&](const TrafficSelector& have) { return part.contains(have); });
  if (list.size() < kMaxSelectors) list.insert(in_front ? list.begin() : list.end(), part);
}

}  // namespace

bool has_port_numbers(std::uint8_t protocol) {
  return protocol == 6 || protocol == 17 || protocol == 33 || protocol == 132 || protocol == 136;
}

bool TrafficSelector::contains(const TrafficSelector& other) const {
  if (other.range.last < other.range.first || !range.contains(other.range)) return false;
  return (protocol == 0 || protocol == other.protocol) && contains_ports(*this, other);
}

bool TrafficSelector::matches(const base::IpAddress& address, std::uint8_t packet_protocol,
                              std::uint16_t port, bool port_known) const {
  if (!range.contains(address)) return false;
  if (protocol != 0 && protocol != packet_protocol) return false;
  if (all_ports()) return true;
  // OPAQUE stands for ports that cannot be seen, as in later fragments (RFC 4301 4.4.1.1).
  if (!port_known || opaque()) return !port_known && opaque();
  return first_port <= port && port <= last_port;
}

std::optional<TrafficSelector> intersect(const TrafficSelector& a, const TrafficSelector& b) {
  TrafficSelector out;
  if (a.range.first.family() != b.range.first.family()) return {};
  out.range = {std::max(a.range.first, b.range.first), std::min(a.range.last, b.range.last)};
  if (out.range.last < out.range.first) return {};
  if (a.protocol != 0 && b.protocol != 0 && a.protocol != b.protocol) return {};
  out.protocol = a.protocol != 0 ? a.protocol : b.protocol;
  if (!intersect_ports(a, b, out)) return {};
  return out;
}

TrafficSelectors narrow(const TrafficSelectors& proposed, const TrafficSelectors& allowed) {
  // "the responder MUST narrow the Traffic Selectors to a subset that includes the initiator's first choices"
  // (RFC 7296 2.9): proposals are taken in their order, so the parts of the first come first.
  TrafficSelectors out;
  for (const auto& p : proposed) {
    for (const auto& a : allowed) {
      if (const auto part = intersect(p, a)) add_part(out, *part);
    }
  }
  return out;
}

bool covered(const TrafficSelectors& inner, const TrafficSelectors& outer) {
  return std::all_of(inner.begin(), inner.end(), [&](const TrafficSelector& i) {
    return std::any_of(outer.begin(), outer.end(), [&](const TrafficSelector& o) { return o.contains(i); });
  });
}

bool SelectorPair::matches(const PacketKey& key) const {
  const auto on_side = [&](const TrafficSelectors& side, const base::IpAddress& address, std::uint16_t port) {
    return std::any_of(side.begin(), side.end(), [&](const TrafficSelector& ts) {
      return ts.matches(address, key.protocol, port, key.ports_known);
    });
  };
  return on_side(local, key.local, key.local_port) && on_side(remote, key.remote, key.remote_port);
}

SelectorPair selectors_of(const PacketKey& key) {
  const auto side = [&](const base::IpAddress& address, std::uint16_t port) {
    TrafficSelector ts = TrafficSelector::of(address);
    ts.protocol = key.protocol;
    // RFC 7296 3.13.1: without ports the field spans them all. So it does for ICMP: an answer has another
    // type.
    if (key.ports_known && has_port_numbers(key.protocol)) ts.first_port = ts.last_port = port;
    return ts;
  };
  return {{side(key.local, key.local_port)}, {side(key.remote, key.remote_port)}};
}

std::string text(const TrafficSelectors& list) {
  std::string out;
  for (const auto& ts : list) {
    if (!out.empty()) out += ", ";
    out += ts.text();
  }
  return out;
}

}  // namespace spd
