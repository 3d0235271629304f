// Curve25519 and Curve448, RFC 8031 and RFC 7748.
#include <botan/build.h>
#include <botan/pubkey.h>
#include <botan/x25519.h>
#if defined(BOTAN_HAS_X448)
#include <botan/x448.h>
#endif

#include <algorithm>

#include "crypto/botan/key_exchange_impl.h"
#include "crypto/botan/rng_adapter_impl.h"

namespace crypto::botan {
namespace {

// Uniformly random octets; Botan clamps them as RFC 7748 5 says.
Botan::secure_vector<std::uint8_t> draw(const KeInfo& info, base::Rng& rng) {
  Botan::secure_vector<std::uint8_t> octets(info.secret_size);
  rng.fill(octets);
  return octets;
}

template <class PrivateKey>
class Montgomery final : public KeyExchangeBase {
 public:
  Montgomery(const KeInfo& info, base::Rng& rng) : KeyExchangeBase(info), key_(draw(info, rng)) {
    const auto value = key_.public_value();
    std::ranges::copy(value, mutable_public_value().begin());
  }

 private:
  base::Result<base::SecretBytes> compute(base::ByteSpan peer) override {
    Botan::Null_RNG unused;  // the ladder runs in constant time and draws nothing
    Botan::PK_Key_Agreement agreement(key_, unused, "Raw");
    try {
      const auto secret = agreement.derive_key(0, peer).bits_of();
      // RFC 8031 3, RFC 7748 6: all zeros comes from a value of small order, and is refused.
      if (std::ranges::any_of(secret, [](std::uint8_t octet) { return octet != 0; }))
        return base::SecretBytes(base::ByteSpan(secret));
    } catch (const Botan::Invalid_Argument&) {  // Botan looks for the all-zero value, too
    }
    return base::crypto_error(std::string(info().name) + ": public value of small order");
  }

  PrivateKey key_;
};

}  // namespace

KeyExchangeResult make_montgomery(const KeInfo& info, base::Rng& rng) {
  if (info.id == Ke::curve25519)
    return std::unique_ptr<KeyExchange>(std::make_unique<Montgomery<Botan::X25519_PrivateKey>>(info, rng));
#if defined(BOTAN_HAS_X448)
  return std::unique_ptr<KeyExchange>(std::make_unique<Montgomery<Botan::X448_PrivateKey>>(info, rng));
#else
  return base::local_error("curve448: not in this build of Botan");
#endif
}

}  // namespace crypto::botan
