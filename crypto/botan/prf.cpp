#include <botan/hash.h>
#include <botan/mac.h>

#include <cstring>

#include "crypto/algorithms.h"
#include "crypto/botan/guard_impl.h"
#include "crypto/botan/mac_impl.h"
#include "crypto/botan/prf_impl.h"

namespace crypto::botan {
namespace {

base::SecretBytes run(Botan::MessageAuthenticationCode& mac, base::ByteSpan key,
                      std::initializer_list<base::ByteSpan> data) {
  mac.set_key(key);
  for (const base::ByteSpan part : data) mac.update(part);
  base::SecretBytes out(mac.output_length());
  mac.final(out.mutable_span());
  return out;
}

// Fits a key of any length to the MAC.
class PrfKey {
 public:
  explicit PrfKey(Prf id) : id_(id) {}

  base::SecretBytes fit(const Botan::MessageAuthenticationCode& mac, base::ByteSpan key) const {
    if (id_ == Prf::aes128_cmac || id_ == Prf::aes128_xcbc) return fit_aes(mac, key);
    if (mac.valid_keylength(key.size())) return base::SecretBytes(key);
    // RFC 2104 2: a key longer than a block is hashed first. Botan does that up to its own limit.
    auto hash = Botan::HashFunction::create_or_throw(hash_name());
    base::SecretBytes hashed(hash->output_length());
    hash->update(key);
    hash->final(hashed.mutable_span());
    return hashed;
  }

 private:
  static constexpr std::size_t kAesKey = 16;

  // RFC 4434 2: shorter keys are padded with zeros, longer ones go through the MAC under the zero key.
  // RFC 4615 3: every key that is not of 128 bits goes through the MAC under the zero key.
  base::SecretBytes fit_aes(const Botan::MessageAuthenticationCode& mac, base::ByteSpan key) const {
    if (key.size() == kAesKey) return base::SecretBytes(key);
    base::SecretBytes fitted(kAesKey);
    if (id_ == Prf::aes128_xcbc && key.size() < kAesKey) {
      if (!key.empty()) std::memcpy(fitted.mutable_span().data(), key.data(), key.size());
      return fitted;
    }
    const auto fresh = mac.new_object();
    return run(*fresh, fitted.span(), {key});
  }

  const char* hash_name() const {
    switch (id_) {
      case Prf::hmac_md5:
        return "MD5";
      case Prf::hmac_sha1:
        return "SHA-1";
      case Prf::hmac_sha2_384:
        return "SHA-384";
      case Prf::hmac_sha2_512:
        return "SHA-512";
      default:
        return "SHA-256";
    }
  }
  Prf id_;
};

class BotanPrf final : public PrfFunction {
 public:
  BotanPrf(const PrfInfo& info, std::unique_ptr<Botan::MessageAuthenticationCode> mac)
      : info_(info), mac_(std::move(mac)), key_(info.id) {}

  std::size_t output_size() const override { return info_.output; }
  std::size_t preferred_key() const override { return info_.preferred_key; }
  base::SecretBytes compute(base::ByteSpan key, std::initializer_list<base::ByteSpan> data) const override {
    const auto fresh = mac_->new_object();  // so that threads may share this PRF
    return run(*fresh, key_.fit(*mac_, key), data);
  }

 private:
  const PrfInfo& info_;
  std::unique_ptr<Botan::MessageAuthenticationCode> mac_;  // never keyed: the pattern for new ones
  PrfKey key_;
};

}  // namespace

base::Result<std::unique_ptr<PrfFunction>> make_prf(Prf id) {
  const PrfInfo* info = find(id);
  if (info == nullptr || id == Prf::none) return base::local_error("no such PRF: " + name(id));
  return guarded("PRF " + name(id), [&]() -> base::Result<std::unique_ptr<PrfFunction>> {
    return std::unique_ptr<PrfFunction>(std::make_unique<BotanPrf>(*info, make_mac(id)));
  });
}

}  // namespace crypto::botan
