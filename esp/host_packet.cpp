#include "esp/host_packet.h"

#include <cstring>

namespace esp {
namespace {

constexpr std::uint32_t kEspHeader = 8, kUdpHeader = 8;

void write_udp(const SaParams& params, base::MutableByteSpan datagram) {
  base::store_be16(&datagram[0], params.local.port);
  base::store_be16(&datagram[2], params.remote.port);
  base::store_be16(&datagram[4], static_cast<std::uint16_t>(datagram.size()));
  // "the IPv4 UDP Checksum SHOULD be transmitted as a zero value" (RFC 3948 2.1); IPv6 needs one.
  base::store_be16(&datagram[6], params.remote.address.is_v6() ? 1 : 0);
  renew_checksum(base::ip_protocol::kUdp, {params.local.address, params.remote.address}, datagram);
}

}  // namespace

std::optional<Counter> take_host_packet(const OutboundSa& sa, const IpPacket& inner,
                                        EncapItem& item) noexcept {
  // "In transport mode, ESP is applied only to whole IP datagrams (not to IP fragments)" (RFC 4303 3.3.4;
  // RFC 4302 3.3.4 for AH).
  if (inner.fragment) return Counter::out_fragment;
  const Hosts hosts = transport_hosts(sa.params, sa.params.local, sa.params.remote);
  if (inner.source != hosts.local || inner.destination != hosts.remote) return Counter::out_not_host;
  base::Frame& frame = item.frame;
  const auto split = split_for_transport(frame.bytes());
  if (!split || inner.family() != sa.params.remote.address.family()) return Counter::out_header;
  item.split = *split;
  item.next_header = split->next_header;
  if (sa.is_ah()) return {};
  if (!split->bare) {
    const std::uint32_t gap = kEspHeader + static_cast<std::uint32_t>(sa.cipher->iv_size()) +
                              (sa.params.udp_encap ? kUdpHeader : 0);
    if (frame.headroom() < gap) return Counter::out_no_buffer;
    std::memmove(frame.data() - gap, frame.data(), split->header);
  }
  frame.set_single(frame.offset + split->header, frame.length - split->header);
  return {};
}

void put_headers_back(const SaParams& params, EncapItem& item) noexcept {
  base::Frame& frame = item.frame;
  const std::uint32_t udp = params.udp_encap ? kUdpHeader : 0;
  frame.set_single(frame.offset - udp, frame.length + udp);
  if (udp != 0) write_udp(params, frame.bytes());
  frame.set_single(frame.offset - item.split.header, frame.length + item.split.header);
  const base::MutableByteSpan packet = frame.bytes();
  const std::size_t addresses = packet[0] >> 4 == 6 ? 8 : 12;
  const std::size_t size = params.local.address.write(&packet[addresses]);
  params.remote.address.write(&packet[addresses + size]);
  finish_header(packet, item.split.next_at, udp != 0 ? base::ip_protocol::kUdp : base::ip_protocol::kEsp);
}

}  // namespace esp
