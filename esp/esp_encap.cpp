#include "esp/esp_encap.h"

#include <array>

#include "esp/lifetime.h"
#include "esp/sequence.h"

namespace esp {
namespace {

constexpr std::uint32_t kHeader = 8;   // SPI and sequence number
constexpr std::uint32_t kTrailer = 2;  // pad length and next header
constexpr std::size_t kMaxIv = 16;

// What one packet needs beside itself until it is sealed.
struct Scratch {
  std::array<std::uint8_t, 12> aad;
  std::array<std::uint8_t, 4> esn_high;
};

// Random IVs for a whole run, drawn at once.
struct IvSource {
  std::array<std::uint8_t, kMaxRun * kMaxIv> octets;
  std::size_t used = 0;
  const std::uint8_t* next(std::size_t size) {
    used += size;
    return &octets[used - size];
  }
};

void write_iv(std::uint8_t* iv, std::size_t size, std::uint64_t sequence, const std::uint8_t* random) {
  if (size == 0) return;
  if (random != nullptr) {
    std::memcpy(iv, random, size);
    return;
  }
  // The sequence number never repeats under one key (RFC 4106 3.1, RFC 7634 2).
  std::memset(iv, 0, size);
  base::store_be64(iv + size - 8, sequence);
}

// Padding 1, 2, 3, … (RFC 4303 2.4), pad length and next header behind the inner packet.
std::uint32_t write_trailer(std::uint8_t* text, std::uint32_t length, std::uint32_t alignment,
                            std::uint8_t next_header) {
  const std::uint32_t padding = (alignment - (length + kTrailer) % alignment) % alignment;
  for (std::uint32_t i = 0; i < padding; ++i) text[length + i] = static_cast<std::uint8_t>(i + 1);
  text[length + padding] = static_cast<std::uint8_t>(padding);
  text[length + padding + 1] = next_header;
  return length + padding + kTrailer;
}

// What is authenticated beside the text. With ESN the high half of the number is, although it is not sent.
void set_aad(crypto::CipherItem& c, const OutboundSa& sa, std::uint64_t sequence, Scratch& scratch) {
  c.aad = {c.destination - sa.cipher->iv_size() - kHeader, kHeader};
  if (!sa.params.suite.esn) return;
  const auto high = static_cast<std::uint32_t>(sequence >> 32);
  if (sa.aead) {  // SPI, high half, low half (RFC 4106 5, RFC 7634 2.1)
    base::store_be32(&scratch.aad[0], sa.params.spi.value);
    base::store_be64(&scratch.aad[4], sequence);
    c.aad = scratch.aad;
  } else {  // behind the packet (RFC 4303 2.2.1)
    base::store_be32(scratch.esn_high.data(), high);
    c.aad_tail = scratch.esn_high;
  }
}

// An inner packet, or payload, with room for the trailer behind it; and where its outer packet begins.
struct Placed {
  std::uint8_t* text;
  std::uint32_t length;
  std::uint8_t next_header;
  std::uint8_t* packet;
};

// Octets of the outer packet that `length` octets make.
std::uint32_t packet_size(const OutboundSa& sa, std::uint32_t length) {
  const std::uint32_t alignment = sa.alignment();
  const std::uint32_t text = (length + kTrailer + alignment - 1) / alignment * alignment;
  return kHeader + text + static_cast<std::uint32_t>(sa.cipher->iv_size() + sa.cipher->icv_size());
}

// Writes all of an ESP packet that is not encrypted, and says what is to be sealed from where to where.
void build(OutboundSa& sa, const Placed& placed, std::uint64_t sequence, const std::uint8_t* random,
           Scratch& scratch, crypto::CipherItem& c) {
  const std::size_t iv = sa.cipher->iv_size();
  std::uint8_t* const text = placed.packet + kHeader + iv;
  base::store_be32(placed.packet, sa.params.spi.value);
  base::store_be32(placed.packet + 4, static_cast<std::uint32_t>(sequence));
  write_iv(text - iv, iv, sequence, random);
  c.length = write_trailer(placed.text, placed.length, sa.alignment(), placed.next_header);
  c.source = placed.text;
  c.destination = text;
  c.iv = {text - iv, iv};
  c.tag = text + c.length;
  set_aad(c, sa, sequence, scratch);
}

// Why the SA cannot take one more packet.
std::optional<Counter> refusal(const OutboundSa& sa) {
  if (past_hard_lifetime(sa.params, sa.traffic)) return Counter::out_expired;
  if (sequence_used_up(sa.next_sequence, sa.params.suite.esn)) return Counter::out_sequence;
  if (sa.next_sequence >= sa.sequence_ceiling) return Counter::out_sequence;
  return {};
}

bool has_room(const OutboundSa& sa, const base::Frame& frame) {
  const std::size_t in_front = kHeader + sa.cipher->iv_size();
  const std::size_t behind = sa.alignment() + kTrailer + sa.cipher->icv_size();
  return frame.headroom() >= in_front && frame.tailroom() >= behind;
}

// What a run of packets needs until it is sealed.
template <class Item>
struct Sealing {
  std::array<crypto::CipherItem, kMaxRun> ciphers;
  std::array<Scratch, kMaxRun> scratch;
  std::array<Item*, kMaxRun> owner;
  std::size_t size = 0;
  IvSource ivs;
  bool random = false;

  Sealing(const OutboundSa& sa, std::size_t run, base::Rng& rng) : random(sa.cipher->iv_is_random()) {
    if (random) rng.fill(base::MutableByteSpan(ivs.octets).first(run * sa.cipher->iv_size()));
  }
  // Takes a sequence number. Counts the packet before the next one is asked about, so that hard limits hold
  // exactly.
  void add(OutboundSa& sa, Item& item, const Placed& placed, std::uint32_t octets) {
    const std::uint64_t sequence = sa.next_sequence++;
    sa.traffic.add(1, octets);
    build(sa, placed, sequence, random ? ivs.next(sa.cipher->iv_size()) : nullptr, scratch[size],
          ciphers[size]);
    owner[size++] = &item;
  }
  // False where some failed.
  bool seal(OutboundSa& sa) {
    sa.cipher->seal({ciphers.data(), size});
    bool all = true;
    for (std::size_t i = 0; i < size; ++i) {
      if (ciphers[i].ok) continue;
      owner[i]->drop = Counter::out_crypto;
      all = false;
    }
    return all;
  }
};

// Finds the packet its place in a train, and its text; segments where that is to be done. False where there
// is no room, or no one who segments.
bool place(OutboundSa& sa, TunnelItem& item, TrainYard& yard, Placed& placed) {
  const std::uint32_t size = packet_size(sa, item.length);
  if (!yard.builder.fits(sa, size, item.marks)) yard.done[yard.size++] = yard.builder.take();
  const bool segment = item.whole != nullptr;
  if (segment && yard.segmenter == nullptr) return false;
  if (!segment && item.frame.tailroom() < sa.alignment() + kTrailer) return false;
  placed.packet = yard.builder.place(sa, size, item.marks);
  if (placed.packet == nullptr) return false;
  placed.length = item.length;
  placed.next_header = item.next_header;
  placed.text = segment ? placed.packet + kHeader + sa.cipher->iv_size() : item.frame.data();
  if (segment) yard.segmenter->write(*item.whole, item.index, placed.text);
  return true;
}

}  // namespace

void encapsulate(OutboundSa& sa, std::span<EncapItem> items, std::span<const std::uint8_t> run,
                 base::Rng& rng) noexcept {
  Sealing<EncapItem> sealing(sa, run.size(), rng);
  for (const std::uint8_t index : run) {
    EncapItem& item = items[index];
    base::Frame& frame = item.frame;
    item.drop = has_room(sa, frame) ? refusal(sa) : Counter::out_no_buffer;
    if (item.drop) continue;
    const auto around = static_cast<std::uint32_t>(kHeader + sa.cipher->iv_size());
    sealing.add(sa, item, {frame.data(), frame.length, item.next_header, frame.data() - around},
                item.inner_length);
    frame.set_single(frame.offset - around, packet_size(sa, frame.length));
  }
  sealing.seal(sa);
}

void encapsulate(OutboundSa& sa, std::span<TunnelItem> items, std::span<const std::uint8_t> run,
                 base::Rng& rng, TrainYard& yard) noexcept {
  Sealing<TunnelItem> sealing(sa, run.size(), rng);
  const std::uint32_t before = yard.builder.count();
  for (const std::uint8_t index : run) {
    TunnelItem& item = items[index];
    Placed placed{};
    item.drop = refusal(sa);
    if (!item.drop && !place(sa, item, yard, placed)) item.drop = Counter::out_no_buffer;
    if (!item.drop) sealing.add(sa, item, placed, item.length);
  }
  if (sealing.seal(sa)) return;
  // A packet that is not sealed must not leave, nor leave a gap: the trains of this run go with it.
  yard.lost += before;
  yard.builder.take();
  for (std::size_t i = 0; i < yard.size; ++i) yard.done[i].buffer.reset();
  yard.size = 0;
  for (const std::uint8_t index : run) {
    if (!items[index].drop) items[index].drop = Counter::out_crypto;
  }
}

}  // namespace esp
