#include "crypto/botan/guard_impl.h"
#include "crypto/botan/key_exchange_impl.h"

namespace crypto::botan {

base::Result<base::SecretBytes> KeyExchangeBase::agree(base::ByteSpan peer_public) {
  // RFC 7296 3.4: the public value of a MODP group MUST be as long as the prime, leading zeros included;
  // RFC 5903 7, RFC 6954 2 and RFC 8031 2 fix the other lengths.
  if (peer_public.size() != info_.public_size) {
    return base::crypto_error(std::string(info_.name) + ": public value of " +
                              std::to_string(peer_public.size()) + " octets instead of " +
                              std::to_string(info_.public_size));
  }
  return guarded(std::string(info_.name), [&] { return compute(peer_public); });
}

KeyExchangeResult make_key_exchange(Ke method, base::Rng& rng) {
  const KeInfo* info = find(method);
  if (info == nullptr) return base::local_error("no such key exchange method: " + name(method));
  return guarded(std::string(info->name), [&]() -> KeyExchangeResult {
    switch (method) {
      case Ke::modp_768:
      case Ke::modp_1024:
      case Ke::modp_1536:
      case Ke::modp_2048:
      case Ke::modp_3072:
      case Ke::modp_4096:
      case Ke::modp_6144:
      case Ke::modp_8192:
      case Ke::modp_1024_160:
      case Ke::modp_2048_224:
      case Ke::modp_2048_256:
        return make_modp(*info, rng);
      case Ke::ecp_192:
      case Ke::ecp_224:
      case Ke::ecp_256:
      case Ke::ecp_384:
      case Ke::ecp_521:
      case Ke::brainpool_224:
      case Ke::brainpool_256:
      case Ke::brainpool_384:
      case Ke::brainpool_512:
        return make_ecp(*info, rng);
      case Ke::curve25519:
      case Ke::curve448:
        return make_montgomery(*info, rng);
      case Ke::ml_kem_512:
      case Ke::ml_kem_768:
      case Ke::ml_kem_1024:
      case Ke::none:
        break;
    }
    return base::local_error(std::string(info->name) + ": not available as a key exchange");
  });
}

}  // namespace crypto::botan
