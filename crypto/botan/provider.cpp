#include "crypto/botan/provider.h"

#include <botan/hash.h>
#include <botan/version.h>

#include "crypto/botan/aead_impl.h"
#include "crypto/botan/cbc_hmac_impl.h"
#include "crypto/botan/guard_impl.h"
#include "crypto/botan/key_exchange_impl.h"
#include "crypto/botan/prf_impl.h"

namespace crypto {
namespace {

using CipherResult = base::Result<std::unique_ptr<Cipher>>;

class BotanProvider final : public Provider {
 public:
  BotanProvider() : sha1_(Botan::HashFunction::create_or_throw("SHA-1")) {}

  std::string name() const override { return "botan"; }

  base::Result<std::unique_ptr<PrfFunction>> prf(Prf id) const override { return botan::make_prf(id); }

  CipherResult cipher(const CipherSpec& spec, base::ByteSpan encr_key,
                      base::ByteSpan integ_key) const override {
    RETURN_IF_ERROR(check_keys(spec, encr_key, integ_key));
    return botan::guarded(crypto::name(spec.encr, spec.key_bits), [&]() -> CipherResult {
      if (spec.encr == Encr::aes_gmac) return botan::make_gmac(spec, encr_key);
      if (spec.aead()) return botan::make_aead(spec, encr_key);
      return botan::make_cipher_and_mac(spec, encr_key, integ_key);
    });
  }

  base::Result<std::unique_ptr<KeyExchange>> key_exchange(Ke method, base::Rng& rng) const override {
    return botan::make_key_exchange(method, rng);
  }

  std::array<std::uint8_t, 20> sha1(std::initializer_list<base::ByteSpan> data) const override {
    const auto hash = sha1_->new_object();
    for (const base::ByteSpan part : data) hash->update(part);
    std::array<std::uint8_t, 20> digest;
    hash->final(std::span<std::uint8_t>(digest));
    return digest;
  }

 private:
  std::unique_ptr<Botan::HashFunction> sha1_;
};

}  // namespace

std::unique_ptr<Provider> make_botan_provider() { return std::make_unique<BotanProvider>(); }

}  // namespace crypto
