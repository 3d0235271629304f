// Transport mode: what stands in front of ESP or AH in a packet of this host (RFC 4303 3.1.1, RFC 4302
// 3.1.1), and the header that a received payload gets. "In transport mode, ESP is applied only to whole IP
// datagrams (not to IP fragments)" (RFC 4303 3.3.4).
#pragma once

#include <array>
#include <cstdint>
#include <optional>

#include "base/bytes.h"
#include "base/ip.h"
#include "esp/counters.h"
#include "esp/sa.h"

namespace esp {

// Where ESP or AH goes in a packet.
//
//   IPv4   | header, options |                                       ^ | upper layer
//   IPv6   | header | hop-by-hop, destination*, routing, fragment |  ^ | destination | upper layer
//
// Destination options stand in front only where a routing header follows them.
struct TransportSplit {
  std::uint32_t header = 0;      // octets in front
  std::uint32_t next_at = 0;     // offset of the octet that names what follows
  std::uint8_t next_header = 0;  // its value
  bool bare = true;              // there is nothing in front but the fixed header
};

// `packet` is one that parse_ip takes. nullopt where its headers are cut off.
std::optional<TransportSplit> split_for_transport(base::ByteSpan packet);

// The two hosts that an SA in transport mode lies between, as their packets name them: the single address of
// each side's selectors, else the outer address. They differ from the outer ones behind NAT (RFC
// 7296 2.23.1).
struct Hosts {
  base::IpAddress local, remote;
};
Hosts transport_hosts(const SaParams& params, const base::Endpoint& outer_local,
                      const base::Endpoint& outer_remote);

// Writes total length, what follows, and the checksum of IPv4 into the IP header that `packet` begins with.
void finish_header(base::MutableByteSpan packet, std::uint32_t next_at, std::uint8_t next_header);

// A fixed IP header (20 or 40 octets) for `payload` octets, with hop limit 64; returns its length. Of one
// family.
constexpr std::size_t kMaxFixedHeader = 40;
std::uint32_t write_header(std::uint8_t* out, const base::IpAddress& source,
                           const base::IpAddress& destination, std::uint8_t next_header,
                           std::uint32_t payload);

// Judges the decrypted text of a packet that came in transport mode, without its ESP trailer. nullopt:
// deliver it behind `header`, of which `header_size` octets are filled. The IP header that arrived stays with
// the kernel, so it is made anew. Where `params` say that UDP surrounds the packet, NAT may have changed its
// addresses, and the checksum in `text` is computed again (RFC 3948 3.1.2, second way).
std::optional<Counter> accept_transport(const SaParams& params, std::uint8_t next_header, const Hosts& hosts,
                                        base::MutableByteSpan text,
                                        std::array<std::uint8_t, kMaxFixedHeader>& header,
                                        std::uint32_t& header_size);

// Computes the checksum of TCP, UDP or ICMPv6 in `text` anew; nothing where UDP over IPv4 goes without one.
void renew_checksum(std::uint8_t protocol, const Hosts& hosts, base::MutableByteSpan text);

}  // namespace esp
