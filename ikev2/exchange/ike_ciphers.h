// From g^ir to the keys and ciphers of an IKE SA.
#pragma once

#include "base/result.h"
#include "base/secret.h"
#include "ikev2/core.h"

namespace ikev2 {

// Derives SK_* from the handshake's nonces and SPIs, and makes prf, cipher_out and cipher_in of the SA.
base::Status make_ike_ciphers(Context& context, const base::SecretBytes& shared_secret);
// Makes cipher_out and cipher_in from the keys that the SA has.
base::Status make_message_ciphers(const Core& core, IkeSa& sa);

}  // namespace ikev2
