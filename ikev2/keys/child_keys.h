// KEYMAT of a Child SA, RFC 7296 2.17.
#pragma once

#include "base/secret.h"
#include "crypto/prf.h"
#include "crypto/suite.h"

namespace ikev2 {

struct DirectionKeys {
  base::SecretBytes encr;  // with its salt
  base::SecretBytes integ;
  DirectionKeys clone() const { return {encr.clone(), integ.clone()}; }
};
struct ChildKeys {
  DirectionKeys initiator_to_responder, responder_to_initiator;  // of the exchange that made the child
};

// KEYMAT = prf+(SK_d, [g^ir |] Ni | Nr): encryption before integrity, initiator to responder first.
// `shared_secret` is empty without a key exchange of its own.
ChildKeys derive_child_keys(const crypto::ChildSuite& suite, const crypto::PrfFunction& prf,
                            base::ByteSpan sk_d, base::ByteSpan shared_secret, base::ByteSpan nonce_i,
                            base::ByteSpan nonce_r);

}  // namespace ikev2
