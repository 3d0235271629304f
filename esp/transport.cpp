#include "esp/transport.h"

#include <algorithm>

#include "base/checksum.h"
#include "esp/ip_header.h"

namespace esp {
namespace {

constexpr std::uint32_t kIpv4Header = 20, kIpv6Header = 40;
constexpr std::uint8_t kHopLimit = 64;

std::optional<TransportSplit> split_ipv6(base::ByteSpan packet) {
  TransportSplit split{kIpv6Header, 6, packet[6], true};
  std::uint8_t next = packet[6];
  std::size_t at = kIpv6Header;
  for (int i = 0; i < kMaxExtensionHeaders; ++i) {
    const bool in_front = next == kHopByHop || next == kRouting || next == kFragmentHeader;
    if (!in_front && next != kDestinationOptions) break;
    if (at + 8 > packet.size()) return {};
    const std::size_t size = next == kFragmentHeader ? 8 : std::size_t{8} * packet[at + 1] + 8;
    if (at + size > packet.size()) return {};
    const auto next_at = static_cast<std::uint32_t>(at);
    next = packet[at];
    at += size;
    if (in_front) split = {static_cast<std::uint32_t>(at), next_at, next, false};
  }
  return split;
}

// The one address that all selectors of a side name, or none.
base::IpAddress single_address(const spd::TrafficSelectors& side) {
  const base::IpAddress first = side.empty() ? base::IpAddress{} : side.front().range.first;
  const bool single = std::all_of(side.begin(), side.end(), [&](const spd::TrafficSelector& ts) {
    return ts.range.first == first && ts.range.last == first;
  });
  return single ? first : base::IpAddress{};
}

// The pseudo-header of TCP and UDP (RFC 9293 3.1, RFC 768) and of IPv6 (RFC 8200 8.1), summed up.
std::uint32_t pseudo_header(std::uint8_t protocol, const Hosts& hosts, std::size_t length) {
  std::array<std::uint8_t, 32> addresses{};
  const std::size_t size = hosts.remote.write(addresses.data());
  hosts.local.write(&addresses[size]);
  std::uint32_t sum = protocol + static_cast<std::uint32_t>(length);
  for (std::size_t i = 0; i < 2 * size; i += 2) sum += base::load_be16(&addresses[i]);
  return sum;
}

}  // namespace

std::optional<TransportSplit> split_for_transport(base::ByteSpan packet) {
  if (packet.size() >= kIpv6Header && packet[0] >> 4 == 6) return split_ipv6(packet);
  if (packet.size() < kIpv4Header) return {};
  const std::uint32_t header = 4u * (packet[0] & 15u);
  if (header < kIpv4Header || header > packet.size()) return {};
  return TransportSplit{header, 9, packet[9], header == kIpv4Header};
}

Hosts transport_hosts(const SaParams& params, const base::Endpoint& outer_local,
                      const base::Endpoint& outer_remote) {
  Hosts hosts{single_address(params.selectors.local), single_address(params.selectors.remote)};
  if (!hosts.local.is_set()) hosts.local = outer_local.address;
  if (!hosts.remote.is_set()) hosts.remote = outer_remote.address;
  return hosts;
}

void finish_header(base::MutableByteSpan packet, std::uint32_t next_at, std::uint8_t next_header) {
  packet[next_at] = next_header;
  if (packet[0] >> 4 == 6) {
    base::store_be16(&packet[4], static_cast<std::uint16_t>(packet.size() - kIpv6Header));
    return;
  }
  const std::size_t header = std::size_t{4} * (packet[0] & 15);
  base::store_be16(&packet[2], static_cast<std::uint16_t>(packet.size()));
  base::store_be16(&packet[10], 0);
  base::store_be16(&packet[10], base::internet_checksum(packet.first(header)));
}

std::uint32_t write_header(std::uint8_t* out, const base::IpAddress& source,
                           const base::IpAddress& destination, std::uint8_t next_header,
                           std::uint32_t payload) {
  const std::uint32_t size = source.is_v6() ? kIpv6Header : kIpv4Header;
  std::fill_n(out, size, std::uint8_t{0});
  if (source.is_v6()) {
    out[0] = 0x60;
    base::store_be16(&out[4], static_cast<std::uint16_t>(payload));
    out[6] = next_header;
    out[7] = kHopLimit;
    source.write(&out[8]);
    destination.write(&out[24]);
    return size;
  }
  out[0] = 0x45;
  base::store_be16(&out[2], static_cast<std::uint16_t>(size + payload));
  out[8] = kHopLimit;
  out[9] = next_header;
  source.write(&out[12]);
  destination.write(&out[16]);
  base::store_be16(&out[10], base::internet_checksum({out, size}));
  return size;
}

void renew_checksum(std::uint8_t protocol, const Hosts& hosts, base::MutableByteSpan text) {
  using namespace base::ip_protocol;
  std::size_t at = 0;
  if (protocol == kTcp && text.size() >= 20) at = 16;
  if (protocol == kUdp && text.size() >= 8) at = 6;
  if (protocol == kIcmpv6 && text.size() >= 4) at = 2;
  if (at == 0) return;
  if (protocol == kUdp) {
    if (base::load_be16(&text[at]) == 0) return;  // the sender computes none (RFC 768)
    const std::size_t length = base::load_be16(&text[4]);
    if (length >= 8 && length < text.size()) text = text.first(length);
  }
  base::store_be16(&text[at], 0);
  const std::uint16_t sum = base::internet_checksum(text, pseudo_header(protocol, hosts, text.size()));
  base::store_be16(&text[at], protocol == kUdp && sum == 0 ? 0xffff : sum);
}

std::optional<Counter> accept_transport(const SaParams& params, std::uint8_t next_header, const Hosts& hosts,
                                        base::MutableByteSpan text,
                                        std::array<std::uint8_t, kMaxFixedHeader>& header,
                                        std::uint32_t& header_size) {
  // Dummy packets are discarded without indicating an error (RFC 4303 2.6).
  if (next_header == base::ip_protocol::kNoNext) return Counter::in_dummy;
  if (!hosts.local.is_set() || hosts.local.family() != hosts.remote.family()) return Counter::in_selector;
  IpPacket inner;
  inner.source = hosts.remote;
  inner.destination = hosts.local;
  const std::size_t longest = hosts.local.is_v6() ? 65535 : 65535 - kIpv4Header;
  if (text.size() > longest || !parse_payload(next_header, text, inner)) return Counter::in_inner_size;
  if (inner.fragment) return Counter::in_fragment;
  // The packet must match the selectors of the SA it came on, or it is dropped (RFC 4301 5.2, step 4).
  if (!params.selectors.matches(inner.inbound_key())) return Counter::in_selector;
  if (params.udp_encap) renew_checksum(next_header, hosts, text);
  header_size = write_header(header.data(), hosts.remote, hosts.local, next_header,
                             static_cast<std::uint32_t>(text.size()));
  return {};
}

}  // namespace esp
