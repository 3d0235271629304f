#include "crypto/botan/text_cipher_impl.h"

#include <botan/block_cipher.h>
#include <botan/exceptn.h>
#include <botan/stream_cipher.h>

#include <algorithm>
#include <array>
#include <cstring>

#include "base/secret.h"

namespace crypto::botan {
namespace {

// CBC, RFC 3602 and RFC 2451. Encryption of one packet is serial by nature, so several packets advance in
// step and Botan gets one block of each at a time: its AES then keeps the processor's pipeline full.
// Decryption is parallel within a packet.
template <std::size_t kBlock>
class CbcCipher final : public TextCipher {
 public:
  CbcCipher(const std::string& name, base::ByteSpan key)
      : block_cipher_(Botan::BlockCipher::create_or_throw(name)) {
    block_cipher_->set_key(key);
  }
  ~CbcCipher() override { base::wipe(work_); }

  void encrypt(std::span<CipherItem* const> items) override {
    for (; !items.empty(); items = items.subspan(std::min(kLanes, items.size())))
      encrypt_group(items.first(std::min(kLanes, items.size())));
  }

  void decrypt(const CipherItem& item) override {
    Block chain;
    std::memcpy(chain.data(), item.iv.data(), kBlock);
    const std::uint8_t* in = item.source;
    std::uint8_t* out = item.destination;
    for (std::size_t left = item.length; left != 0;) {
      const std::size_t count = std::min(left, work_.size());
      block_cipher_->decrypt_n(in, work_.data(), count / kBlock);
      xor_into(work_.data(), chain.data());
      for (std::size_t at = kBlock; at < count; at += kBlock) xor_into(work_.data() + at, in + at - kBlock);
      std::memcpy(chain.data(), in + count - kBlock, kBlock);  // before it is overwritten, when in place
      std::memcpy(out, work_.data(), count);
      in += count;
      out += count;
      left -= count;
    }
  }

 private:
  using Block = std::array<std::uint8_t, kBlock>;
  static constexpr std::size_t kLanes = 8;
  static constexpr std::size_t kWork = 512;  // octets; a multiple of what Botan's AES does at once

  struct Lane {
    const std::uint8_t* in;
    std::uint8_t* out;
    std::size_t blocks;  // to do
  };

  static void xor_into(std::uint8_t* to, const std::uint8_t* from) {
    for (std::size_t i = 0; i < kBlock; i += sizeof(std::uint64_t)) {
      std::uint64_t a, b;
      std::memcpy(&a, to + i, sizeof a);
      std::memcpy(&b, from + i, sizeof b);
      a ^= b;
      std::memcpy(to + i, &a, sizeof a);
    }
  }

  // work_ holds the chaining value of each lane, side by side.
  void encrypt_group(std::span<CipherItem* const> items) {
    std::array<Lane, kLanes> lanes;
    std::size_t count = 0;
    for (const CipherItem* item : items) {
      if (item->length == 0) continue;
      std::memcpy(work_.data() + count * kBlock, item->iv.data(), kBlock);
      lanes[count++] = {item->source, item->destination, item->length / kBlock};
    }
    while (count != 0) {
      std::size_t steps = lanes[0].blocks;
      for (std::size_t i = 1; i < count; ++i) steps = std::min(steps, lanes[i].blocks);
      for (std::size_t step = 0; step < steps; ++step) encrypt_step({lanes.data(), count});
      count = drop_finished({lanes.data(), count}, steps);
    }
  }

  void encrypt_step(std::span<Lane> lanes) {
    std::uint8_t* chain = work_.data();
    for (std::size_t i = 0; i < lanes.size(); ++i) xor_into(chain + i * kBlock, lanes[i].in);
    block_cipher_->encrypt_n(chain, chain, lanes.size());
    for (std::size_t i = 0; i < lanes.size(); ++i) {
      std::memcpy(lanes[i].out, chain + i * kBlock, kBlock);
      lanes[i].in += kBlock;
      lanes[i].out += kBlock;
    }
  }

  // Closes the gaps of finished lanes; returns how many are left.
  std::size_t drop_finished(std::span<Lane> lanes, std::size_t steps) {
    std::size_t kept = 0;
    for (std::size_t i = 0; i < lanes.size(); ++i) {
      lanes[i].blocks -= steps;
      if (lanes[i].blocks == 0) continue;
      if (kept != i) {
        lanes[kept] = lanes[i];
        std::memcpy(work_.data() + kept * kBlock, work_.data() + i * kBlock, kBlock);
      }
      ++kept;
    }
    return kept;
  }

  std::unique_ptr<Botan::BlockCipher> block_cipher_;
  std::array<std::uint8_t, kWork> work_{};
};

// AES-CTR, RFC 3686: counter block = nonce (from KEYMAT) | IV | 00000001.
class CtrCipher final : public TextCipher {
 public:
  CtrCipher(std::uint16_t key_bits, base::ByteSpan key)
      : stream_(Botan::StreamCipher::create_or_throw("CTR-BE(AES-" + std::to_string(key_bits) + ",4)")) {
    const std::size_t key_size = key_bits / 8u;
    stream_->set_key(key.first(key_size));
    std::memcpy(counter_.data(), key.data() + key_size, kNonce);
  }
  ~CtrCipher() override { base::wipe(counter_); }

  void encrypt(std::span<CipherItem* const> items) override {
    for (const CipherItem* item : items) decrypt(*item);
  }
  void decrypt(const CipherItem& item) override {
    if (item.length == 0) return;
    std::memcpy(counter_.data() + kNonce, item.iv.data(), kIv);
    base::store_be32(counter_.data() + kNonce + kIv, 1);
    stream_->set_iv(counter_.data(), counter_.size());
    stream_->cipher(item.source, item.destination, item.length);
  }

 private:
  static constexpr std::size_t kNonce = 4, kIv = 8;
  std::unique_ptr<Botan::StreamCipher> stream_;
  std::array<std::uint8_t, 16> counter_{};
};

// ENCR_NULL, RFC 2410.
class NullCipher final : public TextCipher {
 public:
  void encrypt(std::span<CipherItem* const> items) override {
    for (const CipherItem* item : items) decrypt(*item);
  }
  void decrypt(const CipherItem& item) override {
    if (item.length != 0 && item.destination != item.source)
      std::memcpy(item.destination, item.source, item.length);
  }
};

}  // namespace

std::unique_ptr<TextCipher> make_text_cipher(const CipherSpec& spec, base::ByteSpan key) {
  switch (spec.encr) {
    case Encr::none:  // AH
    case Encr::null:
      return std::make_unique<NullCipher>();
    case Encr::des:
      return std::make_unique<CbcCipher<8>>("DES", key);
    case Encr::des3:
      return std::make_unique<CbcCipher<8>>("TripleDES", key);
    case Encr::aes_cbc:
      return std::make_unique<CbcCipher<16>>("AES-" + std::to_string(spec.key_bits), key);
    case Encr::aes_ctr:
      return std::make_unique<CtrCipher>(spec.key_bits, key);
    default:
      throw Botan::Lookup_Error("no such cipher without authentication");
  }
}

}  // namespace crypto::botan
