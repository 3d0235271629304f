// ENCR_NULL_AUTH_AES_GMAC, RFC 4543: the text stays readable, the tag covers aad | iv | text.
#include <botan/mac.h>

#include <array>
#include <cstring>

#include "base/secret.h"
#include "crypto/botan/aead_impl.h"

namespace crypto::botan {
namespace {

class GmacCipher final : public Cipher {
 public:
  GmacCipher(const CipherSpec& spec, const EncrInfo& info, base::ByteSpan key)
      : Cipher(info.iv, info.icv, info.block, false),
        salt_size_(info.salt),
        mac_(Botan::MessageAuthenticationCode::create_or_throw("GMAC(AES-" + std::to_string(spec.key_bits) +
                                                               ")")) {
    const std::size_t key_size = key.size() - salt_size_;
    mac_->set_key(key.first(key_size));
    std::memcpy(nonce_.data(), key.data() + key_size, salt_size_);
  }
  ~GmacCipher() override { base::wipe(nonce_); }

  void seal(std::span<CipherItem> items) noexcept override {
    for (CipherItem& item : items) {
      item.ok = compute(item);
      if (!item.ok) continue;
      std::memcpy(item.tag, tag_.data(), tag_.size());
      move_text(item);
    }
  }
  void open(std::span<CipherItem> items) noexcept override {
    for (CipherItem& item : items) {
      item.ok = compute(item) && base::constant_time_equal(tag_, {item.tag, tag_.size()});
      if (item.ok) move_text(item);
    }
  }

 private:
  bool compute(const CipherItem& item) noexcept {
    if (item.iv.size() != iv_size() || !item.aad_tail.empty()) return false;
    try {
      std::memcpy(nonce_.data() + salt_size_, item.iv.data(), item.iv.size());
      mac_->start(nonce_.data(), nonce_.size());
      mac_->update(item.aad);
      mac_->update(item.iv);  // RFC 4543 3.3
      mac_->update(item.source, item.length);
      mac_->final(std::span<std::uint8_t>(tag_));
      return true;
    } catch (...) {
      return false;
    }
  }

  static void move_text(const CipherItem& item) {
    if (item.length != 0 && item.destination != item.source)
      std::memcpy(item.destination, item.source, item.length);
  }

  std::size_t salt_size_;
  std::unique_ptr<Botan::MessageAuthenticationCode> mac_;
  std::array<std::uint8_t, 12> nonce_{};
  std::array<std::uint8_t, 16> tag_{};
};

}  // namespace

std::unique_ptr<Cipher> make_gmac(const CipherSpec& spec, base::ByteSpan key) {
  return std::make_unique<GmacCipher>(spec, *find(spec.encr), key);
}

}  // namespace crypto::botan
