#include "crypto/botan/aead_impl.h"

#include <botan/aead.h>
#include <botan/exceptn.h>

#include <array>
#include <cstring>

#include "base/secret.h"

namespace crypto::botan {
namespace {

std::string botan_name(const CipherSpec& spec, const EncrInfo& info) {
  if (spec.encr == Encr::chacha20_poly1305) return "ChaCha20Poly1305";
  const std::string aes = "AES-" + std::to_string(spec.key_bits);
  const std::string icv = std::to_string(info.icv);
  switch (spec.encr) {
    case Encr::aes_ccm_8:
    case Encr::aes_ccm_12:
    case Encr::aes_ccm_16:
      return aes + "/CCM(" + icv + ",4)";  // RFC 4309 4: the length field has 4 octets
    default:
      return aes + "/GCM(" + icv + ")";
  }
}

// The text goes through process() in place, and finish() sees nothing but the tag, in a scratch vector that
// keeps its memory. CCM alone must have the whole message in that vector.
class AeadCipher final : public Cipher {
 public:
  AeadCipher(const CipherSpec& spec, const EncrInfo& info, base::ByteSpan key)
      : Cipher(info.iv, info.icv, info.block, false),
        name_(botan_name(spec, info)),
        salt_size_(info.salt),
        key_(key.first(key.size() - info.salt)) {
    std::memcpy(nonce_.data(), key.data() + key_.size(), salt_size_);
    scratch_.reserve(kMaxTag);
    // Throws here, not at the first packet, when Botan lacks the mode.
    if (Botan::AEAD_Mode::providers(name_).empty()) throw Botan::Lookup_Error("no " + name_);
  }
  ~AeadCipher() override { base::wipe(nonce_); }

  void seal(std::span<CipherItem> items) noexcept override {
    for (CipherItem& item : items) item.ok = attempt(seal_, Botan::Cipher_Dir::Encryption, item);
  }
  void open(std::span<CipherItem> items) noexcept override {
    for (CipherItem& item : items) item.ok = attempt(open_, Botan::Cipher_Dir::Decryption, item);
  }

 private:
  static constexpr std::size_t kMaxTag = 16;
  using Mode = std::unique_ptr<Botan::AEAD_Mode>;

  bool attempt(Mode& mode, Botan::Cipher_Dir direction, CipherItem& item) noexcept {
    // The associated data precedes the text in every AEAD: nothing can be authenticated behind it.
    if (item.iv.size() != iv_size() || !item.aad_tail.empty()) return false;
    try {
      if (mode == nullptr) mode = keyed(direction);
      std::memcpy(nonce_.data() + salt_size_, item.iv.data(), item.iv.size());
      mode->set_associated_data(item.aad);
      mode->start(nonce_.data(), salt_size_ + item.iv.size());
      if (mode->requires_entire_message()) {
        run_whole(*mode, direction, item);
      } else {
        run_in_place(*mode, direction, item);
      }
      return true;
    } catch (const Botan::Invalid_Authentication_Tag&) {
      return false;
    } catch (...) {
      if (mode != nullptr) mode->reset();
      return false;
    }
  }

  // A Cipher protects one direction, so the other key schedule is mostly never made.
  Mode keyed(Botan::Cipher_Dir direction) const {
    Mode mode = Botan::AEAD_Mode::create_or_throw(name_, direction);
    mode->set_key(key_.span());
    return mode;
  }

  void run_in_place(Botan::AEAD_Mode& mode, Botan::Cipher_Dir direction, CipherItem& item) {
    if (item.length != 0) {
      if (item.destination != item.source) std::memcpy(item.destination, item.source, item.length);
      mode.process(item.destination, item.length);
    }
    scratch_.clear();
    if (direction == Botan::Cipher_Dir::Decryption) scratch_.assign(item.tag, item.tag + icv_size());
    mode.finish(scratch_);
    if (direction == Botan::Cipher_Dir::Encryption) std::memcpy(item.tag, scratch_.data(), icv_size());
  }

  void run_whole(Botan::AEAD_Mode& mode, Botan::Cipher_Dir direction, CipherItem& item) {
    scratch_.assign(item.source, item.source + item.length);
    if (direction == Botan::Cipher_Dir::Decryption)
      scratch_.insert(scratch_.end(), item.tag, item.tag + icv_size());
    mode.finish(scratch_);
    if (item.length != 0) std::memcpy(item.destination, scratch_.data(), item.length);
    if (direction == Botan::Cipher_Dir::Encryption)
      std::memcpy(item.tag, scratch_.data() + item.length, icv_size());
  }

  std::string name_;
  std::size_t salt_size_;
  base::SecretBytes key_;
  Mode seal_, open_;
  Botan::secure_vector<std::uint8_t> scratch_;
  // salt | IV: RFC 4106 4, RFC 4309 4 (a salt of 3 octets), RFC 7634 2.
  std::array<std::uint8_t, 12> nonce_{};
};

}  // namespace

std::unique_ptr<Cipher> make_aead(const CipherSpec& spec, base::ByteSpan key) {
  return std::make_unique<AeadCipher>(spec, *find(spec.encr), key);
}

}  // namespace crypto::botan
