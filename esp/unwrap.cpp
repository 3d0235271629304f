#include "esp/unwrap.h"

#include <cstring>
#include <span>
#include <utility>

#include "esp/esp_decap.h"
#include "esp/ip_header.h"
#include "esp/lifetime.h"
#include "esp/traffic_class.h"
#include "esp/transport.h"
#include "esp/tunnel.h"

namespace esp {
namespace {

constexpr std::uint32_t kTextAt = 512;  // in a fresh buffer: room for the headers that may come in front
static_assert(kTextAt >= kMaxAhHeaders && kTextAt + Inflater::kRoom <= base::kBufferCapacity);

// Of a bundle, or of an SA that is in none, from inside to outside.
std::size_t place_of(const InboundSa& sa) {
  if (sa.bundle == nullptr) return 0;
  std::size_t place = 0;
  while (sa.bundle->inbound[place].get() != &sa) ++place;
  return place;
}
InboundSa& member_at(InboundSa& sa, std::size_t place) {
  return sa.bundle == nullptr ? sa : *sa.bundle->inbound[place];
}
std::size_t members_of(const InboundSa& sa) { return sa.bundle == nullptr ? 1 : sa.bundle->inbound.size(); }

// The packet was in tunnel mode: what came out has to be a packet by itself.
std::optional<Counter> leave_tunnel(const SaParams& innermost, DecapItem& item, const Unwrapped& rest) {
  std::uint32_t length = 0;
  if (const auto drop = accept_inner(rest.next_header, rest.text, innermost.selectors, length)) return drop;
  item.inner = rest.text.first(length);
  item.header_size = 0;
  if (!merge_ecn(item.inner, item.frame->traffic_class)) return Counter::in_ecn;
  return {};
}

// The packet keeps the IP header that it came with.
std::optional<Counter> join(const SaParams& innermost, DecapItem& item, const Unwrapped& rest) {
  std::uint8_t* const begin = rest.text.data() - rest.front.size();
  std::memmove(begin, rest.front.data(), rest.front.size());
  const base::MutableByteSpan packet(begin, rest.front.size() + rest.text.size());
  if (packet.size() > kMaxInflated) return Counter::in_inner_size;
  finish_header(packet, rest.next_at, rest.next_header);
  const auto inner = parse_ip(packet);
  if (!inner) return Counter::in_inner_size;
  if (inner->fragment) return Counter::in_fragment;
  // The packet must match the selectors of the SA it came on, or it is dropped (RFC 4301 5.2, step 4).
  if (!innermost.selectors.matches(inner->inbound_key())) return Counter::in_selector;
  item.inner = packet;
  item.header_size = 0;
  return {};
}

// The same where the kernel has kept that header. Only the outermost SA knows of UDP, and of NAT with it.
std::optional<Counter> make_header(const SaParams& innermost, bool udp, DecapItem& item,
                                   const Unwrapped& rest) {
  const Hosts hosts = transport_hosts(innermost, item.frame->local, item.frame->remote);
  const auto drop =
      accept_transport(innermost, rest.next_header, hosts, rest.text, item.header, item.header_size);
  if (!drop && udp && !innermost.udp_encap) {
    renew_checksum(rest.next_header, hosts, rest.text);
  }
  item.inner = rest.text;
  return drop;
}

}  // namespace

std::optional<Counter> Unwrapper::unwrap(DecapItem& item, const Unwrapped& outer) noexcept {
  return go_on(item, outer, place_of(*item.sa));
}

std::optional<Counter> Unwrapper::unwrap_plain(DecapItem& item, const Unwrapped& outer) noexcept {
  return go_on(item, outer, place_of(*item.sa) + 1);
}

std::optional<Counter> Unwrapper::go_on(DecapItem& item, Unwrapped rest, std::size_t place) noexcept {
  while (place-- > 0) {
    InboundSa& member = member_at(*item.sa, place);
    // Dummies are inside ESP, and nothing is inside them (RFC 4303 2.6).
    if (rest.next_header == base::ip_protocol::kNoNext) return Counter::in_dummy;
    if (member.params.transform == Transform::esp) return open_member(member, item, rest);
    std::optional<Counter> drop;
    if (past_hard_lifetime(member.params, member.traffic)) drop = Counter::in_expired;
    // What would not have become smaller has no IPComp header (RFC 3173 2.2).
    const bool compressed = rest.next_header == base::ip_protocol::kComp;
    if (!drop && compressed && member.params.transform == Transform::comp) drop = inflate(member, item, rest);
    if (!drop) continue;
    item.sa = &member;
    return drop;
  }
  return finish(item, rest);
}

// ESP inside AH. What is inside it comes back here by decapsulate().
std::optional<Counter> Unwrapper::open_member(InboundSa& member, DecapItem& item,
                                              const Unwrapped& outer) noexcept {
  constexpr std::array<std::uint8_t, 1> kOne{0};
  const bool its_own = outer.next_header == base::ip_protocol::kEsp && outer.text.size() >= 8 &&
                       base::load_be32(outer.text.data()) == member.params.spi.value;
  if (!its_own) return Counter::in_bundle;
  std::array<DecapItem, 1> inside;
  inside[0].packet = outer.text;
  inside[0].frame = item.frame;
  inside[0].sa = &member;
  inside[0].unwrapper = this;
  inside[0].front = outer.front;
  inside[0].ah = item.ah;
  decapsulate(member, inside, kOne);
  raise_alarm(member, alarm_);
  item.frame = inside[0].frame;
  item.inner = inside[0].inner;
  item.header = inside[0].header;
  item.header_size = inside[0].header_size;
  if (inside[0].drop) item.sa = inside[0].sa;
  return inside[0].drop;
}

std::optional<Counter> Unwrapper::inflate(InboundSa& member, DecapItem& item, Unwrapped& rest) noexcept {
  const auto header = read_comp_header(rest.text);
  if (!header) return Counter::in_comp_header;
  if (header->cpi != member.params.spi.value) return Counter::in_bundle;
  base::Frame fresh;
  if (pool_ != nullptr && used_ < fresh_.size()) fresh.buffer = pool_->take();
  if (!fresh.buffer) return Counter::in_no_room;
  std::size_t size = 0;
  const auto outcome = inflater_.inflate(rest.text.subspan(kCompHeader), fresh.buffer.data() + kTextAt, size);
  if (outcome == Inflater::Outcome::large) return Counter::in_comp_size;
  if (outcome == Inflater::Outcome::broken) return Counter::in_comp_data;
  bump(member.comp.plain, size);
  bump(member.comp.compressed, rest.text.size());
  fresh.set_single(kTextAt, static_cast<std::uint32_t>(size));
  fresh.local = item.frame->local;
  fresh.remote = item.frame->remote;
  fresh.traffic_class = item.frame->traffic_class;
  rest.text = fresh.bytes();
  rest.next_header = header->next_header;
  item.frame = &(fresh_[used_++] = std::move(fresh));
  return {};
}

std::optional<Counter> Unwrapper::finish(DecapItem& item, const Unwrapped& rest) noexcept {
  const std::size_t count = members_of(*item.sa);
  InboundSa& innermost = member_at(*item.sa, 0);
  std::optional<Counter> drop;
  if (rest.next_header == base::ip_protocol::kNoNext) {
    drop = Counter::in_dummy;
  } else if (is_tunnel(innermost.params)) {
    const bool tunnelled =
        rest.next_header == base::ip_protocol::kIpIp || rest.next_header == base::ip_protocol::kIpv6;
    drop = tunnelled ? leave_tunnel(innermost.params, item, rest) : Counter::in_bundle;
  } else if (rest.front.empty()) {
    drop = make_header(innermost.params, member_at(*item.sa, count - 1).params.udp_encap, item, rest);
  } else {
    drop = join(innermost.params, item, rest);
  }
  if (drop) {
    item.sa = &innermost;
    return drop;
  }
  for (std::size_t i = 0; i < count; ++i) {
    InboundSa& member = member_at(*item.sa, i);
    if (has_cipher(member.params.transform)) continue;  // they count for themselves
    member.traffic.add(1, item.header_size + item.inner.size());
    raise_alarm(member, alarm_);
  }
  return {};
}

}  // namespace esp
