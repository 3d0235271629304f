// Both engines side by side, over every length. Only in builds that have the fast one.
#include "crypto/ipsec_mb/provider.h"

#include <catch2/catch_test_macros.hpp>
#include <random>

#include "crypto/botan/provider.h"

namespace {

using crypto::CipherItem;
using crypto::CipherSpec;
using crypto::Encr;
using crypto::Integ;

constexpr std::uint32_t kLongest = 9000;
constexpr std::size_t kBatch = 48;

struct Engines {
  std::unique_ptr<crypto::Provider> botan = crypto::make_botan_provider();
  std::unique_ptr<crypto::Provider> fast = crypto::make_ipsec_mb_provider(*botan).value();
};

base::Bytes random(std::mt19937_64& from, std::size_t size) {
  base::Bytes out(size);
  for (auto& octet : out) octet = static_cast<std::uint8_t>(from());
  return out;
}

std::vector<CipherSpec> all_specs() {
  std::vector<CipherSpec> out;
  for (const auto bits : std::array<std::uint16_t, 3>{128, 192, 256}) {
    for (const auto gcm : {Encr::aes_gcm_8, Encr::aes_gcm_12, Encr::aes_gcm_16})
      out.push_back({gcm, bits, Integ::none});
    for (const auto integ :
         {Integ::sha1_96, Integ::hmac_sha2_256_128, Integ::hmac_sha2_384_192, Integ::hmac_sha2_512_256}) {
      out.push_back({Encr::aes_cbc, bits, integ});
      out.push_back({Encr::aes_ctr, bits, integ});
    }
  }
  out.push_back({Encr::chacha20_poly1305, 256, Integ::none});
  return out;
}

std::string text(const CipherSpec& spec) {
  return crypto::name(spec.encr, spec.key_bits) + (spec.aead() ? "" : " " + crypto::name(spec.integ));
}

// An ESP packet, from a buffer of its own into another or in place, with or without the high half of an ESN.
struct Packet {
  base::Bytes source, packet, tail;
  CipherItem item;

  Packet(const crypto::Cipher& cipher, base::ByteSpan octets, std::uint32_t length, bool in_place, bool esn) {
    const std::size_t before = 8 + cipher.iv_size();
    source = base::to_bytes(octets.subspan(before, length));
    packet = base::to_bytes(octets.first(before));
    packet.resize(before + length + cipher.icv_size());
    if (in_place)
      std::copy(source.begin(), source.end(), packet.begin() + static_cast<std::ptrdiff_t>(before));
    if (esn) tail = base::to_bytes(octets.first(4));
    refer(cipher, length, in_place);
  }
  void refer(const crypto::Cipher& cipher, std::uint32_t length, bool in_place) {
    const std::size_t before = 8 + cipher.iv_size();
    item.aad = base::ByteSpan(packet).first(8);
    item.iv = base::ByteSpan(packet).subspan(8, cipher.iv_size());
    item.destination = packet.data() + before;
    item.source = in_place ? item.destination : source.data();
    item.length = length;
    item.tag = item.destination + length;
    item.aad_tail = tail;
  }
};

// One run of both ciphers over packets of these lengths: sealed alike, opened by the other, refused when
// changed.
void compare(crypto::Cipher& fast, crypto::Cipher& botan, const std::vector<std::uint32_t>& lengths,
             bool in_place, bool esn, std::mt19937_64& rng) {
  std::vector<Packet> a, b;
  std::vector<CipherItem> fast_items, botan_items;
  for (const std::uint32_t length : lengths) {
    const base::Bytes octets = random(rng, 32 + length);
    a.emplace_back(fast, octets, length, in_place, esn);
    b.emplace_back(botan, octets, length, in_place, esn);
  }
  for (auto& p : a) fast_items.push_back(p.item);
  for (auto& p : b) botan_items.push_back(p.item);
  fast.seal(fast_items);
  botan.seal(botan_items);
  bool alike = true, opened = true, refused = true;
  for (std::size_t i = 0; i < a.size(); ++i) {
    alike = alike && fast_items[i].ok && botan_items[i].ok && a[i].packet == b[i].packet;
  }
  CHECK(alike);
  for (auto& item : fast_items) item.source = item.destination;
  for (std::size_t i = 0; i < a.size(); ++i) {
    if (i % 3 == 0) a[i].packet[rng() % (a[i].packet.size() - 8) + 8] ^= 0x10;  // behind the aad
  }
  fast.open(fast_items);
  for (std::size_t i = 0; i < a.size(); ++i) {
    const auto text_at = static_cast<std::size_t>(fast_items[i].destination - a[i].packet.data());
    const base::ByteSpan text(a[i].packet.data() + text_at, lengths[i]);
    if (i % 3 == 0) {
      refused = refused && !fast_items[i].ok;
    } else {
      opened = opened && fast_items[i].ok && (in_place || base::equal(text, a[i].source));
    }
  }
  CHECK(opened);
  CHECK(refused);
}

}  // namespace

TEST_CASE("the fast engine seals as Botan does and opens what it sealed, at every length") {
  const Engines engines;
  std::mt19937_64 rng(7);
  for (const CipherSpec& spec : all_specs()) {
    INFO(text(spec));
    const base::Bytes encr = random(rng, crypto::encr_key_size(spec)),
                      integ = random(rng, crypto::integ_key_size(spec));
    const auto fast = engines.fast->cipher(spec, encr, integ).value();
    const auto botan = engines.botan->cipher(spec, encr, integ).value();
    CHECK(fast->iv_size() == botan->iv_size());
    CHECK(fast->icv_size() == botan->icv_size());
    CHECK(fast->block_size() == botan->block_size());
    CHECK(fast->iv_is_random() == botan->iv_is_random());
    const auto step = static_cast<std::uint32_t>(fast->block_size());
    std::vector<std::uint32_t> lengths;
    bool in_place = false, esn = false;
    for (std::uint32_t length = spec.aead() ? 0 : step; length <= kLongest; length += step) {
      lengths.push_back(length);
      if (lengths.size() < kBatch && length + step <= kLongest) continue;
      compare(*fast, *botan, lengths, in_place, esn && !spec.aead(), rng);
      lengths.clear();
      in_place = !in_place;
      if (in_place) esn = !esn;
    }
  }
}

TEST_CASE("the fast engine leaves to Botan what it has not") {
  const Engines engines;
  for (const CipherSpec& spec :
       {CipherSpec{Encr::des3, 0, Integ::sha1_96}, CipherSpec{Encr::aes_ccm_16, 128, Integ::none},
        CipherSpec{Encr::aes_cbc, 128, Integ::aes_xcbc_96}}) {
    const base::Bytes encr(crypto::encr_key_size(spec), 1), integ(crypto::integ_key_size(spec), 2);
    CHECK(engines.fast->cipher(spec, encr, integ).has_value());
  }
  CHECK(engines.fast->prf(crypto::Prf::hmac_sha2_256).has_value());
}

TEST_CASE("the fast engine refuses keys of a wrong size, and items that lie otherwise than ESP") {
  const Engines engines;
  const CipherSpec spec{Encr::aes_cbc, 128, Integ::sha1_96};
  CHECK(engines.fast->cipher(spec, base::Bytes(15), base::Bytes(20)).has_error());
  const auto cipher = engines.fast->cipher(spec, base::Bytes(16), base::Bytes(20)).value();
  base::Bytes text(32), elsewhere(16), tag(12), aad(8);
  CipherItem item;
  item.source = item.destination = text.data();
  item.length = 32;
  item.aad = aad;
  item.iv = elsewhere;
  item.tag = tag.data();
  item.ok = true;
  cipher->seal({&item, 1});
  CHECK_FALSE(item.ok);
}
