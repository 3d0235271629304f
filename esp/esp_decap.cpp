#include "esp/esp_decap.h"

#include <array>

#include "esp/admission.h"
#include "esp/traffic_class.h"
#include "esp/tunnel.h"

namespace esp {
namespace {

constexpr std::size_t kHeader = 8;   // SPI and sequence number
constexpr std::size_t kTrailer = 2;  // pad length and next header
constexpr std::size_t kMaxRun = base::PacketBatch::kCapacity;

struct Scratch {
  std::array<std::uint8_t, 12> aad;
  std::array<std::uint8_t, 4> esn_high;
};

// What can be said before decryption. Fills `sequence`.
std::optional<Counter> precheck(const InboundSa& sa, base::ByteSpan packet, std::uint64_t& sequence) {
  const std::size_t around = kHeader + sa.cipher->iv_size() + sa.cipher->icv_size();
  if (packet.size() < around + kTrailer) return Counter::in_runt;
  if ((packet.size() - around) % sa.cipher->block_size() != 0) return Counter::in_runt;
  return admit_before(sa, base::load_be32(packet.data() + 4), sequence);
}

void prepare(const InboundSa& sa, base::MutableByteSpan packet, std::uint64_t sequence, Scratch& scratch,
             crypto::CipherItem& c) {
  const std::size_t iv = sa.cipher->iv_size(), icv = sa.cipher->icv_size();
  const base::MutableByteSpan text = packet.subspan(kHeader + iv, packet.size() - kHeader - iv - icv);
  c.source = c.destination = text.data();
  c.length = static_cast<std::uint32_t>(text.size());
  c.iv = packet.subspan(kHeader, iv);
  c.tag = text.data() + text.size();
  c.aad = packet.first(kHeader);
  if (!sa.params.suite.esn) return;
  if (sa.aead) {  // SPI, high half, low half (RFC 4106 5, RFC 7634 2.1)
    base::store_be32(&scratch.aad[0], sa.params.spi.value);
    base::store_be64(&scratch.aad[4], sequence);
    c.aad = scratch.aad;
  } else {  // behind the packet (RFC 4303 2.2.1)
    base::store_be32(scratch.esn_high.data(), static_cast<std::uint32_t>(sequence >> 32));
    c.aad_tail = scratch.esn_high;
  }
}

// Whether the padding is 1, 2, 3, … and fits; takes it off, with the trailer. "The receiver SHOULD inspect
// the Padding field" (RFC 4303 2.4).
bool strip(base::MutableByteSpan& text, std::uint8_t& next_header) {
  const std::size_t padding = text[text.size() - 2];
  next_header = text[text.size() - 1];
  if (padding + kTrailer > text.size()) return false;
  const std::size_t length = text.size() - kTrailer - padding;
  for (std::size_t i = 0; i < padding; ++i) {
    if (text[length + i] != i + 1) return false;
  }
  text = text.first(length);
  return true;
}

// What is inside is the business of the other SAs of the bundle.
std::optional<Counter> enter_bundle(InboundSa& sa, DecapItem& item, std::uint8_t next_header,
                                    base::MutableByteSpan text) {
  Unwrapped rest{text, next_header, {}, 0};
  if (sa.wire == Transform::none) {  // AH is around it, and has left the IP header here
    rest.front = item.front;
    rest.next_at = item.ah.next_at;
  }
  const auto drop = item.unwrapper->unwrap(item, rest);
  if (!drop) sa.traffic.add(1, item.header_size + item.inner.size());
  return drop;
}

// What follows the integrity check.
std::optional<Counter> finish(InboundSa& sa, DecapItem& item, const crypto::CipherItem& c,
                              std::uint64_t sequence) {
  if (const auto drop = admit_after(sa, c.ok, sequence)) return drop;
  base::MutableByteSpan text(c.destination, c.length);
  std::uint8_t next_header = 0;
  if (!strip(text, next_header)) return Counter::in_padding;
  item.header_size = 0;
  if (sa.params.mode == Mode::transport) {
    if (sa.bundle != nullptr) return enter_bundle(sa, item, next_header, text);
    const Hosts hosts = transport_hosts(sa.params, item.frame->local, item.frame->remote);
    item.inner = text;
    const auto drop = accept_transport(sa.params, next_header, hosts, text, item.header, item.header_size);
    if (drop) return drop;
  } else {
    std::uint32_t length = 0;
    item.inner = text;
    if (const auto drop = accept_inner(next_header, text, sa.params.selectors, length)) return drop;
    item.inner = text.first(length);
    if (!merge_ecn(item.inner, item.frame->traffic_class)) return Counter::in_ecn;
  }
  sa.traffic.add(1, item.header_size + item.inner.size());
  return {};
}

}  // namespace

void decapsulate(InboundSa& sa, std::span<DecapItem> items, std::span<const std::uint8_t> run) noexcept {
  std::array<crypto::CipherItem, kMaxRun> opening;
  std::array<Scratch, kMaxRun> scratch;
  std::array<std::uint64_t, kMaxRun> sequence;
  std::array<DecapItem*, kMaxRun> owner;
  std::size_t n = 0;
  for (const std::uint8_t index : run) {
    DecapItem& item = items[index];
    item.drop = precheck(sa, item.packet, sequence[n]);
    if (item.drop) continue;
    prepare(sa, item.packet, sequence[n], scratch[n], opening[n]);
    owner[n++] = &item;
  }
  sa.cipher->open({opening.data(), n});
  for (std::size_t i = 0; i < n; ++i) owner[i]->drop = finish(sa, *owner[i], opening[i], sequence[i]);
  for (const std::uint8_t index : run) {
    const DecapItem& item = items[index];
    if (item.drop && item.sa != nullptr) count_drop(item.sa->traffic, *item.drop);
  }
}

}  // namespace esp
