// Traffic selectors: which packets belong to an SA (RFC 7296 2.9 and 3.13, RFC 4301 4.4.1.1). Pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/ip.h"
#include "base/result.h"

namespace spd {

// What the data path knows of one packet. `local` is our side whichever way the packet goes. Ports are 0
// where the protocol has none; for ICMP, `local_port` and `remote_port` both hold type << 8 | code (RFC
// 7296 3.13.1).
struct PacketKey {
  base::IpAddress local, remote;
  std::uint16_t local_port = 0, remote_port = 0;
  std::uint8_t protocol = 0;
  bool ports_known = true;  // false in a fragment that is not the first: matches only selectors of all ports
  bool operator==(const PacketKey&) const = default;
};

// Whether the protocol (an IANA number) has ports in the sense of TCP.
bool has_port_numbers(std::uint8_t protocol);

// One selector of one side. protocol 0: any. first_port > last_port (65535, 0): OPAQUE, ports unknowable.
struct TrafficSelector {
  base::AddressRange range;
  std::uint8_t protocol = 0;
  std::uint16_t first_port = 0, last_port = 65535;

  bool operator==(const TrafficSelector&) const = default;
  bool all_ports() const { return first_port == 0 && last_port == 65535; }
  bool opaque() const { return first_port == 65535 && last_port == 0; }
  bool contains(const TrafficSelector& other) const;
  // One side of a packet.
  bool matches(const base::IpAddress& address, std::uint8_t packet_protocol, std::uint16_t port,
               bool port_known) const;

  static TrafficSelector of(const base::AddressRange& range) { return {range, 0, 0, 65535}; }
  static TrafficSelector of(const base::IpAddress& address) {
    return of(base::AddressRange{address, address});
  }
  // "net/bits" or "a-b" or an address, then optionally "|tcp/443", "|udp/1000-2000", "|icmp", "|50".
  static base::Result<TrafficSelector> parse(std::string_view text);
  // The same form: a range where it is no prefix, the protocol and ports where restricted.
  std::string text() const;
};

using TrafficSelectors = std::vector<TrafficSelector>;

// The common part, or nullopt where there is none.
std::optional<TrafficSelector> intersect(const TrafficSelector& a, const TrafficSelector& b);

// What a responder answers (RFC 7296 2.9): the parts of `proposed` that `allowed` covers, without repeats,
// the first proposed selector's part in front; empty means TS_UNACCEPTABLE.
TrafficSelectors narrow(const TrafficSelectors& proposed, const TrafficSelectors& allowed);
// Whether every selector of `inner` lies within one of `outer`: what an initiator demands of an answer.
bool covered(const TrafficSelectors& inner, const TrafficSelectors& outer);

// Both sides of one SA.
struct SelectorPair {
  TrafficSelectors local, remote;
  bool operator==(const SelectorPair&) const = default;
  bool matches(const PacketKey& key) const;
  bool has_both_sides() const { return !local.empty() && !remote.empty(); }
};

// Of the conversation that a packet belongs to: its addresses, its protocol, and its ports where they are
// known and the protocol has any.
SelectorPair selectors_of(const PacketKey& key);

std::string text(const TrafficSelectors& list);  // "10.0.0.0/8, 192.0.2.1-192.0.2.9|tcp/80"

}  // namespace spd
