// What the tests of crypto/ share.
#pragma once

#include <catch2/catch_test_macros.hpp>
#include <memory>
#include <string_view>

#include "base/bytes.h"
#include "base/rng.h"
#include "crypto/botan/provider.h"

namespace crypto_test {

inline base::Bytes hex(std::string_view text) {
  base::Bytes out;
  REQUIRE(base::from_hex(text, out));
  return out;
}

// `count` octets that count upwards from `first`.
inline base::Bytes counting(std::uint8_t first, std::size_t count) {
  base::Bytes out(count);
  for (auto& octet : out) octet = first++;
  return out;
}

// Gives out the octets of a script, and after its end an unlimited count of 0x01, 0x02, …
class ScriptedRng final : public base::Rng {
 public:
  explicit ScriptedRng(base::Bytes script) : script_(std::move(script)) {}
  void fill(base::MutableByteSpan out) override {
    for (auto& octet : out) octet = at_ < script_.size() ? script_[at_++] : ++next_;
  }
  bool used_up() const { return at_ == script_.size(); }

 private:
  base::Bytes script_;
  std::size_t at_ = 0;
  std::uint8_t next_ = 0;
};

// The fingerprint in hexadecimal, where a whole value would be too long to write down.
inline std::string sha1(base::ByteSpan bytes) {
  return base::to_hex(crypto::make_botan_provider()->sha1({bytes}));
}

// One packet with buffers of its own, to be sealed and opened again.
struct Packet {
  base::Bytes aad, iv, aad_tail, text, output, tag;

  // In place: from `text` to `text`. Otherwise from `text` to `output`.
  crypto::CipherItem item(bool in_place) {
    output.resize(text.size());
    crypto::CipherItem result;
    result.source = text.data();
    result.destination = in_place ? text.data() : output.data();
    result.length = static_cast<std::uint32_t>(text.size());
    result.aad = aad;
    result.iv = iv;
    result.aad_tail = aad_tail;
    result.tag = tag.data();
    return result;
  }
};

inline Packet packet_for(const crypto::Cipher& cipher, base::Bytes text) {
  Packet packet;
  packet.aad = counting(0x10, 8);
  packet.iv = counting(0xa0, cipher.iv_size());
  packet.text = std::move(text);
  packet.tag.resize(cipher.icv_size());
  return packet;
}

inline bool seal(crypto::Cipher& cipher, Packet& packet, bool in_place = true) {
  auto item = packet.item(in_place);
  item.ok = !in_place;  // neither value may survive by chance
  cipher.seal({&item, 1});
  return item.ok;
}
inline bool open(crypto::Cipher& cipher, Packet& packet, bool in_place = true) {
  auto item = packet.item(in_place);
  item.ok = in_place;
  cipher.open({&item, 1});
  return item.ok;
}

inline std::unique_ptr<crypto::Cipher> make_cipher(const crypto::CipherSpec& spec, base::ByteSpan encr_key,
                                                   base::ByteSpan integ_key = {}) {
  auto cipher = crypto::make_botan_provider()->cipher(spec, encr_key, integ_key);
  INFO((cipher.has_error() ? cipher.error().reason : ""));
  REQUIRE(cipher.has_value());
  return std::move(*cipher);
}

}  // namespace crypto_test
