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
    switch (info->kind) {
      case KeKind::modp:
        return make_modp(*info, rng);
      case KeKind::ecp:
        return make_ecp(*info, rng);
      case KeKind::montgomery:
        return make_montgomery(*info, rng);
      case KeKind::kem:
      case KeKind::none:
        break;
    }
    return base::local_error(std::string(info->name) + ": not available as a key exchange");
  });
}

}  // namespace crypto::botan
