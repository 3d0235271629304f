// What Outbound does with packets that are too long for the path, and its probes of the path.
#include <array>

#include "esp/esp_encap.h"
#include "esp/ip_fragment.h"
#include "esp/outbound.h"

namespace esp {
namespace {

// What `text` octets become on the wire, IP header included.
std::uint32_t outer_size_of(const OutboundSa& sa, std::uint32_t text) {
  constexpr std::uint32_t kUdpHeader = 8, kEspHeader = 8, kTrailer = 2;
  const std::uint32_t header = sa.params.remote.address.is_v6() ? 40 : 20;
  const std::uint32_t padded = (text + kTrailer + sa.alignment() - 1) / sa.alignment() * sa.alignment();
  return header + (sa.params.udp_encap ? kUdpHeader : 0) + kEspHeader + padded +
         static_cast<std::uint32_t>(sa.cipher->iv_size() + sa.cipher->icv_size());
}

}  // namespace

void Outbound::refuse_too_big(std::uint32_t mtu, base::Frame&& packet, OutboundResult& out) noexcept {
  counters_.add(Counter::out_too_big);
  refuse(Refusal::too_big, mtu, std::move(packet), out);
}

void Outbound::refuse(Refusal why, std::uint32_t mtu, base::Frame&& packet, OutboundResult& out) noexcept {
  const std::size_t at = out.icmp.size();
  if (!out.icmp.push(std::move(packet))) return counters_.add(Counter::icmp_limited);
  out.icmp_why[at] = why;
  out.icmp_mtu[at] = mtu;
}

// Whether a packet that is too long becomes fragments before encryption.
bool Outbound::cuts(const OutboundSa& sa, const IpPacket& inner) const noexcept {
  if (!path_.fragment_before || !inner.may_fragment || sa.params.mode != Mode::tunnel) return false;
  // The receiver refuses later fragments where the selectors ask for ports (RFC 4301 7).
  spd::PacketKey later = inner.outbound_key();
  later.ports_known = false;
  return sa.params.selectors.matches(later);
}

void Outbound::cut(const spd::Policy& policy, const IpPacket& inner, const base::Frame& packet,
                   std::uint32_t mtu, OutboundResult& out) noexcept {
  if (packet.gso.payload != 0) return split(packet, out);
  const std::uint32_t count = fragments_of(packet.bytes(), mtu);
  if (count == 0) return counters_.add(Counter::out_too_big);
  counters_.add(Counter::out_cut);
  for (std::uint32_t i = 0; i < count; ++i) {
    base::Frame part;
    if (pool_ != nullptr) part.buffer = pool_->take();
    if (!part.buffer) return counters_.add(Counter::out_no_buffer);  // without this one the rest is of no use
    part.offset = base::kHeadroom;
    const std::uint32_t length = write_fragment(packet.bytes(), mtu, i, part.data());
    part.set_single(base::kHeadroom, length);
    IpPacket said = inner;
    said.length = length;
    said.fragment = true;
    said.ports_known = inner.ports_known && i == 0;
    protect(policy, said, std::move(part), out);
  }
}

void Outbound::send_probe(base::ChildId child, PathProbe probe, std::uint32_t outer_size,
                          OutboundResult& out) noexcept {
  const Bundle* const bundle = sad_.find(child);
  if (bundle == nullptr || bundle->chain || bundle->outbound.front()->is_ah()) return;
  OutboundSa& sa = *bundle->outbound.front();
  const std::uint32_t header = sa.params.remote.address.is_v6() ? 40 : 20;
  std::uint32_t text = outer_size == 0 ? kProbeText : sa.inner_mtu(outer_size);
  if (outer_size != 0 && sa.params.mode == Mode::transport) text -= std::min(text, header);
  if (text < kProbeText || text > base::kMaxFrame) return;
  std::array<EncapItem, 1> items;
  EncapItem& item = items.front();
  if (pool_ != nullptr) item.frame.buffer = pool_->take();
  if (!item.frame.buffer) return counters_.add(Counter::out_no_buffer);
  item.frame.set_single(base::kHeadroom, text);
  item.frame.dont_fragment = outer_size != 0;
  item.sa = &sa;
  item.next_header = base::ip_protocol::kNoNext;
  if (probe.kind == ProbeKind::question) probe.size = outer_size_of(sa, text);
  write_probe(probe, item.frame.bytes());
  const std::array<std::uint8_t, 1> run{0};
  const std::uint64_t packets = sa.traffic.packets.load(std::memory_order_relaxed);
  encapsulate(sa, items, run, rng_);
  sa.traffic.packets.store(packets, std::memory_order_relaxed);  // no traffic of anybody's
  if (item.drop) return counters_.add(*item.drop);
  counters_.add(Counter::out_probe);
  set_outer_addresses(item.frame, sa.params);
  emit(sa.params.udp_encap ? out.udp : out.raw, std::move(item.frame), out);
}

}  // namespace esp
