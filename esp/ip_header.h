// Minimal reading of IPv4 (RFC 791) and IPv6 (RFC 8200) headers: what selectors and lengths need. Pure.
#pragma once

#include <optional>

#include "base/bytes.h"
#include "base/ip.h"
#include "spd/selector.h"

namespace esp {

// What one IP packet says of itself.
struct IpPacket {
  base::IpAddress source, destination;
  std::uint16_t source_port = 0, destination_port = 0;  // for ICMP both are type << 8 | code
  std::uint8_t protocol = 0;                            // of the layer above, behind IPv6 extension headers
  bool ports_known = true;         // false in a later fragment, and where the ports are cut off
  bool fragment = false;           // part of a packet; ports are known in the first part alone
  bool may_fragment = false;       // IPv4 without DF
  std::uint8_t hop_limit = 0;      // or TTL
  std::uint8_t traffic_class = 0;  // or TOS: DSCP and ECN
  std::uint32_t length = 0;        // octets, headers included, at most those given

  base::IpFamily family() const { return source.family(); }
  // The key of a packet that goes out (source is our side), or that comes in (destination is).
  spd::PacketKey outbound_key() const {
    return {source, destination, source_port, destination_port, protocol, ports_known};
  }
  spd::PacketKey inbound_key() const {
    return {destination, source, destination_port, source_port, protocol, ports_known};
  }
};

// Reads the packet that `bytes` starts with; octets behind its length are ignored. nullopt where it is no
// whole packet: a foreign version, a header length that is too small, a length beyond `bytes`, or extension
// headers that are cut off or more than kMaxExtensionHeaders. Checksums are not looked at.
std::optional<IpPacket> parse_ip(base::ByteSpan bytes);
constexpr int kMaxExtensionHeaders = 16;

// The same for what follows an IP header that is not there: fills `out` from `next_header` on, whose source
// and destination are set. False as above.
bool parse_payload(std::uint8_t next_header, base::ByteSpan payload, IpPacket& out);

// Extension headers (IANA protocol numbers) that routers or the destination read before ESP or AH.
constexpr std::uint8_t kHopByHop = 0, kRouting = 43, kFragmentHeader = 44, kDestinationOptions = 60;

}  // namespace esp
