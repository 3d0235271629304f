#include "ikev2/auth/psk.h"

namespace ikev2 {

base::SecretBytes psk_auth(const crypto::PrfFunction& prf, base::ByteSpan secret,
                           base::ByteSpan signed_octets) {
  // RFC 7296 2.15: 17 ASCII characters without termination.
  const base::SecretBytes key = prf.compute(secret, {base::as_bytes("Key Pad for IKEv2")});
  return prf.compute(key, {signed_octets});
}

}  // namespace ikev2
