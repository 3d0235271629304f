#include <array>

#include "crypto/ipsec_mb/engine_impl.h"

namespace crypto::ipsec_mb {
namespace {

constexpr std::size_t kMaxTag = 16;

// salt | IV: RFC 4106 4, RFC 7634 2.
struct Nonce {
  alignas(16) std::array<std::uint8_t, 16> octets{};
  Nonce(base::ByteSpan salt, base::ByteSpan iv) {
    std::memcpy(octets.data(), salt.data(), salt.size());
    std::memcpy(octets.data() + salt.size(), iv.data(), iv.size());
  }
};

class GcmCipher final : public Cipher {
 public:
  GcmCipher(const CipherSpec& spec, const EncrInfo& info, base::ByteSpan key)
      : Cipher(info.iv, info.icv, info.block, false) {
    const IMB_MGR* const m = manager();
    const std::uint8_t* const octets = key.data();
    switch (spec.key_bits) {
      case 128:
        IMB_AES128_GCM_PRE(m, octets, keys_.get());
        seal_ = m->gcm128_enc, open_ = m->gcm128_dec;
        break;
      case 192:
        IMB_AES192_GCM_PRE(m, octets, keys_.get());
        seal_ = m->gcm192_enc, open_ = m->gcm192_dec;
        break;
      default:
        IMB_AES256_GCM_PRE(m, octets, keys_.get());
        seal_ = m->gcm256_enc, open_ = m->gcm256_dec;
    }
    std::memcpy(salt_.data(), key.last(salt_.size()).data(), salt_.size());
    keys_are_at(keys_.get(), sizeof(gcm_key_data));
  }
  ~GcmCipher() override { base::wipe(salt_); }

  void seal(std::span<CipherItem> items) noexcept override {
    for (CipherItem& item : items) item.ok = apply(seal_, item, item.tag);
  }
  void open(std::span<CipherItem> items) noexcept override {
    for (CipherItem& item : items) {
      std::array<std::uint8_t, kMaxTag> tag;
      item.ok = apply(open_, item, tag.data()) &&
                base::constant_time_equal({tag.data(), icv_size()}, {item.tag, icv_size()});
    }
  }

 private:
  // False for an item that is none of GCM's; then nothing is written.
  bool apply(aes_gcm_enc_dec_t function, const CipherItem& item, std::uint8_t* tag) const noexcept {
    if (item.iv.size() != iv_size() || !item.aad_tail.empty()) return false;
    gcm_context_data context;
    const Nonce nonce(salt_, item.iv);
    function(keys_.get(), &context, item.destination, item.source, item.length, nonce.octets.data(),
             item.aad.data(), item.aad.size(), tag, icv_size());
    return true;
  }

  Aligned<gcm_key_data> keys_;
  aes_gcm_enc_dec_t seal_, open_;
  std::array<std::uint8_t, 4> salt_;
};

class ChachaCipher final : public Cipher {
 public:
  explicit ChachaCipher(const EncrInfo& info, base::ByteSpan key)
      : Cipher(info.iv, info.icv, info.block, false) {
    std::memcpy(keys_->key, key.data(), kKey);
    std::memcpy(keys_->salt, key.data() + kKey, kSalt);
  }

  void seal(std::span<CipherItem> items) noexcept override { run(items, true); }
  void open(std::span<CipherItem> items) noexcept override { run(items, false); }

 private:
  static constexpr std::size_t kKey = 32, kSalt = 4;
  struct Keys {
    std::uint8_t key[kKey], salt[kSalt];
  };

  void run(std::span<CipherItem> items, bool sealing) noexcept {
    IMB_MGR* const m = manager();
    chacha20_poly1305_context_data context;
    for (CipherItem& item : items) {
      item.ok = m != nullptr && item.iv.size() == iv_size() && item.aad_tail.empty();
      if (!item.ok) continue;
      const Nonce nonce({keys_->salt, kSalt}, item.iv);
      std::array<std::uint8_t, kMaxTag> tag;
      IMB_CHACHA20_POLY1305_INIT(m, keys_->key, &context, nonce.octets.data(), item.aad.data(),
                                 item.aad.size());
      if (sealing) {
        IMB_CHACHA20_POLY1305_ENC_UPDATE(m, keys_->key, &context, item.destination, item.source, item.length);
      } else {
        IMB_CHACHA20_POLY1305_DEC_UPDATE(m, keys_->key, &context, item.destination, item.source, item.length);
      }
      IMB_CHACHA20_POLY1305_ENC_FINALIZE(m, &context, tag.data(), icv_size());
      if (sealing) {
        std::memcpy(item.tag, tag.data(), icv_size());
      } else {
        item.ok = base::constant_time_equal({tag.data(), icv_size()}, {item.tag, icv_size()});
      }
    }
    base::wipe({reinterpret_cast<std::uint8_t*>(&context), sizeof context});
  }

  Aligned<Keys> keys_;
};

}  // namespace

std::unique_ptr<Cipher> make_gcm(const CipherSpec& spec, base::ByteSpan key) {
  return std::make_unique<GcmCipher>(spec, *find(spec.encr), key);
}

std::unique_ptr<Cipher> make_chacha(base::ByteSpan key) {
  return std::make_unique<ChachaCipher>(*find(Encr::chacha20_poly1305), key);
}

}  // namespace crypto::ipsec_mb
