#include "crypto/botan/cbc_hmac_impl.h"

#include <botan/mac.h>

#include <array>

#include "base/secret.h"
#include "crypto/botan/mac_impl.h"
#include "crypto/botan/text_cipher_impl.h"

namespace crypto::botan {
namespace {

// Encrypt, then authenticate aad | iv | ciphertext | aad_tail (RFC 4303 3.3.2.1, RFC 7296 3.14). Both keys
// are scheduled once. Without a MAC there is no ICV, and every text is taken.
class CipherAndMac final : public Cipher {
 public:
  CipherAndMac(const EncrInfo& encr, const IntegInfo& integ, std::unique_ptr<TextCipher> text,
               std::unique_ptr<Botan::MessageAuthenticationCode> mac)
      : Cipher(encr.iv, integ.icv, encr.block, encr.iv == encr.block),
        text_(std::move(text)),
        mac_(std::move(mac)) {}

  void seal(std::span<CipherItem> items) noexcept override {
    while (!items.empty()) {
      const std::size_t count = std::min(kGroup, items.size());
      seal_group(items.first(count));
      items = items.subspan(count);
    }
  }

  // RFC 4303 3.4.4.1: the ICV is verified first, and only then is anything decrypted.
  void open(std::span<CipherItem> items) noexcept override {
    for (CipherItem& item : items) {
      item.ok = false;
      if (!fits(item)) continue;
      try {
        compute_icv(item, item.source);
        if (!base::constant_time_equal({icv_.data(), icv_size()}, {item.tag, icv_size()})) continue;
        text_->decrypt(item);
        item.ok = true;
      } catch (...) {
        item.ok = false;
      }
    }
  }

 private:
  static constexpr std::size_t kGroup = 64;

  bool fits(const CipherItem& item) const {
    return item.iv.size() == iv_size() && item.length % block_size() == 0;
  }

  void seal_group(std::span<CipherItem> items) noexcept {
    std::array<CipherItem*, kGroup> good;
    std::size_t count = 0;
    for (CipherItem& item : items) {
      item.ok = false;
      if (fits(item)) good[count++] = &item;
    }
    try {
      text_->encrypt({good.data(), count});
      for (CipherItem* item : std::span(good).first(count)) {
        compute_icv(*item, item->destination);
        std::copy_n(icv_.data(), icv_size(), item->tag);
        item->ok = true;
      }
    } catch (...) {  // those without an ICV stay not ok
    }
  }

  void compute_icv(const CipherItem& item, const std::uint8_t* ciphertext) {
    if (mac_ == nullptr) return;
    mac_->update(item.aad);
    mac_->update(item.iv);
    mac_->update(ciphertext, item.length);
    mac_->update(item.aad_tail);
    mac_->final(icv_.data());
  }

  std::unique_ptr<TextCipher> text_;
  std::unique_ptr<Botan::MessageAuthenticationCode> mac_;
  std::array<std::uint8_t, kMaxMac> icv_{};  // before truncation
};

}  // namespace

std::unique_ptr<Cipher> make_cipher_and_mac(const CipherSpec& spec, base::ByteSpan encr_key,
                                            base::ByteSpan integ_key) {
  auto text = make_text_cipher(spec, encr_key);
  std::unique_ptr<Botan::MessageAuthenticationCode> mac;
  if (spec.integ != Integ::none) {
    mac = make_mac(spec.integ);
    mac->set_key(integ_key);
  }
  return std::make_unique<CipherAndMac>(*find(spec.encr), *find(spec.integ), std::move(text), std::move(mac));
}

}  // namespace crypto::botan
