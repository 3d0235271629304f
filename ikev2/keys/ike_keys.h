// SKEYSEED and the seven secrets of an IKE SA, RFC 7296 2.14.
#pragma once

#include "base/result.h"
#include "base/secret.h"
#include "base/strong.h"
#include "crypto/prf.h"
#include "crypto/suite.h"

namespace ikev2 {

struct IkeKeys {
  base::SecretBytes sk_d, sk_ai, sk_ar, sk_ei, sk_er, sk_pi,
      sk_pr;  // sk_a* empty with AEAD; sk_e* hold the salt
};

// SKEYSEED = prf(Ni | Nr, g^ir); {SK_*} = prf+(SKEYSEED, Ni | Nr | SPIi | SPIr).
IkeKeys derive_ike_keys(const crypto::IkeSuite& suite, const crypto::PrfFunction& prf,
                        base::ByteSpan shared_secret, base::ByteSpan nonce_i, base::ByteSpan nonce_r,
                        base::IkeSpi spi_i, base::IkeSpi spi_r);

// After a rekey (RFC 7296 2.18): SKEYSEED = prf(SK_d of the old IKE SA, g^ir | Ni | Nr) with the old SA's
// PRF; {SK_*} with that of the new one.
IkeKeys derive_rekeyed_ike_keys(const crypto::IkeSuite& suite, const crypto::PrfFunction& old_prf,
                                base::ByteSpan old_sk_d, const crypto::PrfFunction& prf,
                                base::ByteSpan shared_secret, base::ByteSpan nonce_i, base::ByteSpan nonce_r,
                                base::IkeSpi spi_i, base::IkeSpi spi_r);

}  // namespace ikev2
