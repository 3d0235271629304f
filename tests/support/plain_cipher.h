// A provider without cryptography, for tests of what surrounds it: text is XORed with one octet of the key,
// and the tag is a checksum that depends on everything authenticated, in order.
#pragma once

#include <algorithm>

#include "crypto/provider.h"

namespace support {

struct PlainSizes {
  std::size_t iv = 8, icv = 16, block = 4;
  bool iv_is_random = false;
  bool accept_all = false;  // open() takes any tag: for fuzzing what lies behind it
  bool seals = true;        // else seal() fails
};

class PlainCipher final : public crypto::Cipher {
 public:
  PlainCipher(const PlainSizes& sizes, std::uint8_t key)
      : Cipher(sizes.iv, sizes.icv, sizes.block, sizes.iv_is_random),
        key_(key),
        accept_all_(sizes.accept_all),
        seals_(sizes.seals) {}

  void seal(std::span<crypto::CipherItem> items) noexcept override {
    for (auto& item : items) {
      mask(item);
      const auto expected = tag(item);
      for (std::size_t i = 0; i < icv_size(); ++i) item.tag[i] = expected[i % 8];
      item.ok = seals_;
    }
  }
  void open(std::span<crypto::CipherItem> items) noexcept override {
    for (auto& item : items) {
      // seal() sums up the masked text, so the tag comes before the mask goes.
      if (item.source != item.destination) std::copy_n(item.source, item.length, item.destination);
      const auto expected = tag(item);
      item.ok = true;
      for (std::size_t i = 0; i < icv_size(); ++i) item.ok = item.ok && item.tag[i] == expected[i % 8];
      item.ok = item.ok || accept_all_;
      crypto::CipherItem in_place = item;
      in_place.source = item.destination;
      if (item.ok) mask(in_place);
    }
  }

 private:
  void mask(const crypto::CipherItem& item) const {
    for (std::uint32_t i = 0; i < item.length; ++i) {
      item.destination[i] = static_cast<std::uint8_t>(item.source[i] ^ key_);
    }
  }
  std::array<std::uint8_t, 8> tag(const crypto::CipherItem& item) const {
    std::uint64_t sum = 0xcbf29ce484222325u + key_;
    const base::ByteSpan text(item.destination, item.length);
    for (const base::ByteSpan part : {item.aad, item.iv, text, item.aad_tail}) {
      for (const std::uint8_t octet : part) sum = (sum ^ octet) * 0x100000001b3u;
    }
    std::array<std::uint8_t, 8> out;
    base::store_be64(out.data(), sum);
    return out;
  }

  std::uint8_t key_;
  bool accept_all_, seals_;
};

class PlainProvider final : public crypto::Provider {
 public:
  explicit PlainProvider(PlainSizes sizes = {}) : sizes_(sizes) {}
  std::string name() const override { return "plain"; }
  base::Result<std::unique_ptr<crypto::PrfFunction>> prf(crypto::Prf) const override {
    return base::local_error("no PRF in the plain provider");
  }
  base::Result<std::unique_ptr<crypto::Cipher>> cipher(const crypto::CipherSpec&, base::ByteSpan encr_key,
                                                       base::ByteSpan integ_key) const override {
    const base::ByteSpan key = encr_key.empty() ? integ_key : encr_key;  // AH has the latter alone
    if (key.empty()) return base::crypto_error("no key");
    return std::unique_ptr<crypto::Cipher>(std::make_unique<PlainCipher>(sizes_, key[0]));
  }
  base::Result<std::unique_ptr<crypto::KeyExchange>> key_exchange(crypto::Ke, base::Rng&) const override {
    return base::local_error("no key exchange in the plain provider");
  }
  std::array<std::uint8_t, 20> sha1(std::initializer_list<base::ByteSpan>) const override { return {}; }

 private:
  PlainSizes sizes_;
};

}  // namespace support
