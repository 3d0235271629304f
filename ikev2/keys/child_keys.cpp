#include "ikev2/keys/child_keys.h"

#include "ikev2/keys/key_stream.h"

namespace ikev2 {

ChildKeys derive_child_keys(const crypto::ChildSuite& suite, const crypto::PrfFunction& prf,
                            base::ByteSpan sk_d, base::ByteSpan shared_secret, base::ByteSpan nonce_i,
                            base::ByteSpan nonce_r) {
  const std::size_t integ = crypto::integ_key_size(suite.cipher), encr = crypto::encr_key_size(suite.cipher);
  KeyStream stream(
      crypto::prf_plus(prf, sk_d, concat({shared_secret, nonce_i, nonce_r}), 2 * (encr + integ)));
  ChildKeys keys;
  keys.initiator_to_responder.encr = stream.take(encr);
  keys.initiator_to_responder.integ = stream.take(integ);
  keys.responder_to_initiator.encr = stream.take(encr);
  keys.responder_to_initiator.integ = stream.take(integ);
  return keys;
}

}  // namespace ikev2
