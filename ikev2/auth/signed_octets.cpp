#include "ikev2/auth/signed_octets.h"

namespace ikev2 {

base::Bytes signed_octets(const crypto::PrfFunction& prf, base::ByteSpan message,
                          base::ByteSpan nonce_of_other, base::ByteSpan sk_p, base::ByteSpan id_body) {
  base::Bytes octets = base::to_bytes(message);
  base::append(octets, nonce_of_other);
  base::append(octets, prf.compute(sk_p, {id_body}));
  return octets;
}

}  // namespace ikev2
