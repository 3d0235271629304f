// What AUTH covers, RFC 7296 2.15.
#pragma once

#include "base/bytes.h"
#include "crypto/prf.h"

namespace ikev2 {

// <message> | <nonce of the other side> | prf(sk_p, RestOfIDPayload). `message` is the sender's own
// IKE_SA_INIT as it travelled, without a non-ESP marker.
base::Bytes signed_octets(const crypto::PrfFunction& prf, base::ByteSpan message,
                          base::ByteSpan nonce_of_other, base::ByteSpan sk_p, base::ByteSpan id_body);

}  // namespace ikev2
