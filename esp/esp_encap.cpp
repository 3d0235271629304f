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

// Turns the frame of the item into an ESP packet that is not sealed yet.
void build(OutboundSa& sa, EncapItem& item, std::uint64_t sequence, IvSource* ivs, Scratch& scratch,
           crypto::CipherItem& c) {
  base::Frame& frame = item.frame;
  const std::size_t iv = sa.cipher->iv_size(), icv = sa.cipher->icv_size();
  std::uint8_t* const text = frame.data();
  std::uint8_t* const header = text - iv - kHeader;
  base::store_be32(header, sa.params.spi.value);
  base::store_be32(header + 4, static_cast<std::uint32_t>(sequence));
  write_iv(text - iv, iv, sequence, ivs != nullptr ? ivs->next(iv) : nullptr);
  c.length = write_trailer(text, frame.length, sa.alignment(), item.next_header);
  c.source = c.destination = text;
  c.iv = {text - iv, iv};
  c.tag = text + c.length;
  set_aad(c, sa, sequence, scratch);
  const auto around = static_cast<std::uint32_t>(kHeader + iv);
  frame.set_single(frame.offset - around, around + c.length + static_cast<std::uint32_t>(icv));
}

std::optional<Counter> refusal(const OutboundSa& sa, const base::Frame& frame) {
  const std::size_t in_front = kHeader + sa.cipher->iv_size();
  const std::size_t behind = sa.alignment() + kTrailer + sa.cipher->icv_size();
  if (frame.headroom() < in_front || frame.tailroom() < behind) return Counter::out_no_buffer;
  if (past_hard_lifetime(sa.params, sa.traffic)) return Counter::out_expired;
  return {};
}

}  // namespace

void encapsulate(OutboundSa& sa, std::span<EncapItem> items, std::span<const std::uint8_t> run,
                 base::Rng& rng) noexcept {
  std::array<crypto::CipherItem, kMaxRun> sealing;
  std::array<Scratch, kMaxRun> scratch;
  std::array<EncapItem*, kMaxRun> owner;
  IvSource ivs;
  const bool random = sa.cipher->iv_is_random();
  if (random) rng.fill(base::MutableByteSpan(ivs.octets).first(run.size() * sa.cipher->iv_size()));

  std::size_t n = 0;
  for (const std::uint8_t index : run) {
    EncapItem& item = items[index];
    item.drop = refusal(sa, item.frame);
    if (item.drop) continue;
    const auto sequence = take_sequence(sa.next_sequence, sa.params.suite.esn);
    if (!sequence) {
      item.drop = Counter::out_sequence;
      continue;
    }
    // Counted before the next packet of the run, so that hard limits hold exactly.
    sa.traffic.add(1, item.inner_length);
    build(sa, item, *sequence, random ? &ivs : nullptr, scratch[n], sealing[n]);
    owner[n++] = &item;
  }
  sa.cipher->seal({sealing.data(), n});
  for (std::size_t i = 0; i < n; ++i) {
    if (!sealing[i].ok) owner[i]->drop = Counter::out_crypto;
  }
}

}  // namespace esp
