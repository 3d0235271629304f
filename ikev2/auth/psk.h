// Shared key message integrity code, RFC 7296 2.15.
#pragma once

#include "base/secret.h"
#include "crypto/prf.h"

namespace ikev2 {

// prf(prf(secret, "Key Pad for IKEv2"), signed_octets).
base::SecretBytes psk_auth(const crypto::PrfFunction& prf, base::ByteSpan secret,
                           base::ByteSpan signed_octets);

}  // namespace ikev2
