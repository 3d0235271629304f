#include "esp/ah_decap.h"

#include <array>
#include <cstring>

#include "esp/admission.h"
#include "esp/ip_header.h"
#include "esp/traffic_class.h"
#include "esp/transport.h"
#include "esp/tunnel.h"

namespace esp {
namespace {

constexpr std::size_t kMaxRun = base::PacketBatch::kCapacity;

struct Scratch {
  std::array<std::uint8_t, kMaxAhHeaders> headers;  // as the ICV covers them
  std::array<std::uint8_t, 4> esn_high;
};

// Octets of the AH as its length field says; 0 where that does not fit the algorithm. Both ways to round up
// are taken with IPv4, since some senders count words of 8 octets there too.
std::uint32_t ah_length(const InboundSa& sa, const DecapItem& item) {
  const std::uint8_t* const ah = &item.packet[item.ah.at];
  const std::uint32_t size = (ah[1] + 2u) * 4u;
  const bool v6 = item.packet[0] >> 4 == 6;
  const std::size_t icv = sa.cipher->icv_size();
  const bool fits = size == ah_size(icv, true) || (!v6 && size == ah_size(icv, false));
  return fits ? size : 0;
}

// What can be said before the ICV is computed. Fills `sequence` and `c`.
std::optional<Counter> prepare(const InboundSa& sa, DecapItem& item, std::uint64_t& sequence,
                               Scratch& scratch, crypto::CipherItem& c) {
  const std::uint32_t at = item.ah.at, size = ah_length(sa, item);
  if (size == 0 || at + size > kMaxAhHeaders) return Counter::in_ah_header;
  if (at + size > item.packet.size()) return Counter::in_runt;
  if (const auto drop = admit_before(sa, base::load_be32(&item.packet[at + 8]), sequence)) return drop;
  std::memcpy(scratch.headers.data(), item.packet.data(), at + size);
  if (!mute_headers(base::MutableByteSpan(scratch.headers).first(at))) return Counter::in_ah_header;
  std::memset(&scratch.headers[at + kAhFixed], 0, sa.cipher->icv_size());
  const base::MutableByteSpan text = item.packet.subspan(at + size);
  c.aad = base::ByteSpan(scratch.headers).first(at + size);
  c.source = c.destination = text.data();
  c.length = static_cast<std::uint32_t>(text.size());
  c.tag = &item.packet[at + kAhFixed];
  if (sa.params.suite.esn) {
    base::store_be32(scratch.esn_high.data(), static_cast<std::uint32_t>(sequence >> 32));
    c.aad_tail = scratch.esn_high;
  }
  return {};
}

// Takes the AH out: what stands in front of it moves up to what it covered.
std::optional<Counter> join(const SaParams& params, DecapItem& item, std::size_t ah,
                            std::uint8_t next_header) {
  std::memmove(item.packet.data() + ah, item.packet.data(), item.ah.at);
  const base::MutableByteSpan packet = item.packet.subspan(ah);
  finish_header(packet, item.ah.next_at, next_header);
  const auto inner = parse_ip(packet);
  if (!inner) return Counter::in_inner_size;
  if (inner->fragment) return Counter::in_fragment;
  // The packet must match the selectors of the SA it came on, or it is dropped (RFC 4301 5.2, step 4).
  if (!params.selectors.matches(inner->inbound_key())) return Counter::in_selector;
  item.inner = packet;
  return {};
}

// What is inside is the business of the other SAs of the bundle.
std::optional<Counter> enter_bundle(InboundSa& sa, DecapItem& item, std::uint8_t next_header,
                                    base::MutableByteSpan text) {
  item.frame->traffic_class = traffic_class_of(item.packet);
  const Unwrapped rest{text, next_header, item.packet.first(item.ah.at), item.ah.next_at};
  const auto drop = item.unwrapper->unwrap(item, rest);
  if (!drop) sa.traffic.add(1, item.inner.size());
  return drop;
}

// What follows the integrity check.
std::optional<Counter> finish(InboundSa& sa, DecapItem& item, const crypto::CipherItem& c,
                              std::uint64_t sequence) {
  if (const auto drop = admit_after(sa, c.ok, sequence)) return drop;
  const std::uint8_t next_header = item.packet[item.ah.at];
  const base::MutableByteSpan text(c.destination, c.length);
  if (sa.params.mode == Mode::transport) {
    if (sa.bundle != nullptr) return enter_bundle(sa, item, next_header, text);
    const auto ah = static_cast<std::size_t>(c.destination - item.packet.data()) - item.ah.at;
    if (const auto drop = join(sa.params, item, ah, next_header)) return drop;
  } else {
    std::uint32_t length = 0;
    if (const auto drop = accept_inner(next_header, text, sa.params.selectors, length)) return drop;
    item.inner = text.first(length);
    if (!merge_ecn(item.inner, traffic_class_of(item.packet))) return Counter::in_ecn;
  }
  sa.traffic.add(1, item.inner.size());
  return {};
}

}  // namespace

void ah_decapsulate(InboundSa& sa, std::span<DecapItem> items, std::span<const std::uint8_t> run) noexcept {
  std::array<crypto::CipherItem, kMaxRun> opening;
  std::array<Scratch, kMaxRun> scratch;
  std::array<std::uint64_t, kMaxRun> sequence;
  std::array<DecapItem*, kMaxRun> owner;
  std::size_t n = 0;
  for (const std::uint8_t index : run) {
    DecapItem& item = items[index];
    item.drop = prepare(sa, item, sequence[n], scratch[n], opening[n]);
    if (!item.drop) owner[n++] = &item;
  }
  sa.cipher->open({opening.data(), n});
  for (std::size_t i = 0; i < n; ++i) owner[i]->drop = finish(sa, *owner[i], opening[i], sequence[i]);
  for (const std::uint8_t index : run) {
    if (items[index].drop) count_drop(items[index].sa->traffic, *items[index].drop);
  }
}

}  // namespace esp
