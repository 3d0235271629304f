#include "esp/wrap.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <span>

#include "esp/ah_encap.h"
#include "esp/ah_header.h"
#include "esp/esp_encap.h"
#include "esp/lifetime.h"
#include "esp/traffic_class.h"
#include "esp/train.h"
#include "esp/transport.h"
#include "esp/tunnel.h"

namespace esp {
namespace {

constexpr std::uint32_t kLongest = 65535;  // octets of an IP packet here
constexpr std::uint32_t kMostAround = 96;  // octets that ESP or AH add, at most: header, IV, padding, ICV
constexpr std::array<std::uint8_t, 1> kOne{0};

// A packet that keeps its IP header has to be between the two hosts of the SA, and whole (RFC 4303 3.3.4).
std::optional<Counter> check_hosts(const SaParams& params, const IpPacket& inner) {
  if (inner.fragment) return Counter::out_fragment;
  const Hosts hosts = transport_hosts(params, params.local, params.remote);
  if (inner.source != hosts.local || inner.destination != hosts.remote) return Counter::out_not_host;
  return {};
}

// Puts an IP header in front, with the DSCP and ECN of the packet (RFC 4301 5.1.2.1, RFC 6040 4.1).
std::optional<Counter> enter_tunnel(const SaParams& params, std::uint8_t next_header, base::Frame& packet) {
  if (packet.length + kMaxFixedHeader > kLongest) return Counter::out_too_big;
  if (packet.headroom() < kMaxFixedHeader) return Counter::out_no_buffer;
  const bool dummy = next_header == base::ip_protocol::kNoNext;
  const std::uint8_t traffic_class = dummy ? std::uint8_t{0} : traffic_class_of(packet.bytes());
  std::array<std::uint8_t, kMaxFixedHeader> header;
  const std::uint32_t size =
      write_header(header.data(), params.local.address, params.remote.address, next_header, packet.length);
  packet.set_single(packet.offset - size, packet.length + size);
  std::memcpy(packet.data(), header.data(), size);
  set_traffic_class(packet.bytes(), traffic_class);
  return {};
}

// Octets that the path leaves for what ESP seals behind the IP header.
std::uint32_t text_room(const Bundle& bundle, std::size_t place) {
  std::uint32_t mtu = bundle.outbound.back()->params.outer_mtu;
  for (std::size_t i = bundle.outbound.size(); i-- > place;) mtu = bundle.outbound[i]->inner_mtu(mtu);
  const SaParams& params = bundle.outbound[place]->params;
  if (params.mode == Mode::tunnel) return mtu;
  const std::uint32_t header = params.remote.address.is_v6() ? 40 : 20;
  return mtu > header ? mtu - header : 0;
}

// Only an IP packet says where it ends (RFC 4303 2.7); a dummy has the length that it shall have.
bool can_be_padded(std::uint8_t next_header) {
  return next_header == base::ip_protocol::kIpIp || next_header == base::ip_protocol::kIpv6;
}

void pad(base::Frame& text, std::uint32_t size) {
  if (text.length >= size || text.tailroom() < size - text.length + kMostAround) return;
  std::memset(text.data() + text.length, 0, size - text.length);
  text.set_single(text.offset, size);
}

// Where the outermost header is, once all SAs have been applied. ESP leaves without an IP header where a
// socket writes the same one.
std::optional<Counter> leave(const SaParams& outermost, base::Frame& packet, Exit& exit) {
  packet.traffic_class = traffic_class_of(packet.bytes());
  set_outer_addresses(packet, outermost);
  exit = Exit::whole;
  if (outermost.transform != Transform::esp) return {};
  const auto split = split_for_transport(packet.bytes());
  if (!split || (!split->bare && outermost.udp_encap)) return Counter::out_header;
  if (!split->bare) return {};
  packet.set_single(packet.offset + split->header, packet.length - split->header);
  exit = outermost.udp_encap ? Exit::udp : Exit::raw;
  return {};
}

OutboundSa* esp_of(const Bundle& bundle, std::size_t& place) {
  for (place = 0; place < bundle.outbound.size(); ++place) {
    if (bundle.outbound[place]->params.transform == Transform::esp) return bundle.outbound[place].get();
  }
  return nullptr;
}

}  // namespace

std::optional<Counter> Wrapper::wrap(const Bundle& bundle, const IpPacket& inner, base::Frame& packet,
                                     Exit& exit) noexcept {
  const SaParams& innermost = bundle.outbound.front()->params;
  inner_length_ = packet.length;
  const auto drop = is_tunnel(innermost) ? enter_tunnel(innermost, next_header_of(inner.family()), packet)
                                         : check_hosts(innermost, inner);
  return drop ? drop : wrap_from(bundle, 0, packet, exit);
}

std::optional<Counter> Wrapper::wrap_from(const Bundle& bundle, std::size_t first, base::Frame& packet,
                                          Exit& exit) noexcept {
  for (std::size_t i = first; i < bundle.outbound.size(); ++i) {
    OutboundSa& sa = *bundle.outbound[i];
    if (past_hard_lifetime(sa.params, sa.traffic)) return Counter::out_expired;
    std::optional<Counter> drop;
    if (sa.params.transform == Transform::comp) drop = compress(sa, packet);
    if (sa.params.transform == Transform::esp) drop = encrypt(bundle, i, packet);
    if (sa.params.transform == Transform::ah) drop = authenticate(sa, packet);
    if (drop) return drop;
    if (!has_cipher(sa.params.transform)) sa.traffic.add(1, inner_length_);
    raise_alarm(sa, alarm_);
  }
  return leave(bundle.outbound.back()->params, packet, exit);
}

// "If the total size of a compressed payload and the IPComp header ... is not smaller than the size of the
// original payload, the IP datagram MUST be sent in the original non-compressed form" (RFC 3173 2.2).
std::optional<Counter> Wrapper::compress(OutboundSa& sa, base::Frame& packet) noexcept {
  const auto split = split_for_transport(packet.bytes());
  if (!split) return Counter::out_header;
  const base::MutableByteSpan payload = packet.bytes().subspan(split->header);
  base::ByteSpan smaller;
  if (payload.size() >= kCompressionThreshold && sa.habit.try_next()) {
    smaller = deflater_.compress(payload, payload.size() - kCompHeader);
    sa.habit.note(!smaller.empty());
  }
  bump(sa.comp.plain, payload.size());
  if (smaller.empty()) {
    bump(sa.comp.compressed, payload.size());
    counters_.add(Counter::out_not_compressed);
    return {};
  }
  write_comp_header(payload.data(), {split->next_header, static_cast<std::uint16_t>(sa.params.spi.value)});
  std::memcpy(payload.data() + kCompHeader, smaller.data(), smaller.size());
  const auto length = static_cast<std::uint32_t>(kCompHeader + smaller.size());
  bump(sa.comp.compressed, length);
  packet.set_single(packet.offset, split->header + length);
  finish_header(packet.bytes(), split->next_at, base::ip_protocol::kComp);
  return {};
}

std::optional<Counter> Wrapper::encrypt(const Bundle& bundle, std::size_t place,
                                        base::Frame& packet) noexcept {
  OutboundSa& sa = *bundle.outbound[place];
  const auto split = split_for_transport(packet.bytes());
  if (!split || split->header > kMaxAhHeaders) return Counter::out_header;
  std::array<std::uint8_t, kMaxAhHeaders> front;
  std::memcpy(front.data(), packet.data(), split->header);
  packet.set_single(packet.offset + split->header, packet.length - split->header);
  if (sa.params.tfc_size != 0 && can_be_padded(split->next_header)) {
    pad(packet, std::min(sa.params.tfc_size, text_room(bundle, place)));
  }
  text_length_ = packet.length;
  if (split->header + packet.length + kMostAround > kLongest) return Counter::out_too_big;
  std::array<EncapItem, 1> item;
  item[0].frame = std::move(packet);
  item[0].sa = &sa;
  item[0].next_header = split->next_header;
  item[0].inner_length = inner_length_;
  encapsulate(sa, item, kOne, rng_);
  packet = std::move(item[0].frame);
  if (item[0].drop) return item[0].drop;
  if (packet.headroom() < split->header) return Counter::out_no_buffer;
  packet.set_single(packet.offset - split->header, packet.length + split->header);
  std::memcpy(packet.data(), front.data(), split->header);
  finish_header(packet.bytes(), split->next_at, base::ip_protocol::kEsp);
  return {};
}

std::optional<Counter> Wrapper::authenticate(OutboundSa& sa, base::Frame& packet) noexcept {
  const auto split = split_for_transport(packet.bytes());
  if (!split) return Counter::out_header;
  if (packet.length + kMostAround > kLongest) return Counter::out_too_big;
  std::array<EncapItem, 1> item;
  item[0].frame = std::move(packet);
  item[0].sa = &sa;
  item[0].split = *split;
  item[0].next_header = split->next_header;
  item[0].inner_length = inner_length_;
  ah_encapsulate(sa, item, kOne);
  packet = std::move(item[0].frame);
  return item[0].drop;
}

std::optional<std::uint32_t> Wrapper::dummy_due(const Bundle& bundle) noexcept {
  std::size_t place = 0;
  OutboundSa* const sa = esp_of(bundle, place);
  if (sa == nullptr || sa->params.dummy_every == 0 || ++sa->since_dummy < sa->params.dummy_every) return {};
  sa->since_dummy = 0;
  return text_length_;
}

std::optional<Counter> Wrapper::wrap_dummy(const Bundle& bundle, std::uint32_t size, base::Frame& packet,
                                           Exit& exit) noexcept {
  std::size_t place = 0;
  const OutboundSa* const sa = esp_of(bundle, place);
  if (sa == nullptr) return Counter::out_no_sa;
  inner_length_ = 0;
  // Its content means nothing (RFC 4303 2.6): what the buffer held before must not leave.
  packet.set_single(base::kHeadroom, size);
  std::memset(packet.data(), 0, size);
  const auto drop = enter_tunnel(sa->params, base::ip_protocol::kNoNext, packet);
  return drop ? drop : wrap_from(bundle, place, packet, exit);
}

}  // namespace esp
