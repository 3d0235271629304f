#include "ikev2/exchange/ike_ciphers.h"

namespace ikev2 {

base::Status make_message_ciphers(const Core& core, IkeSa& sa) {
  const auto& provider = core.provider;
  ASSIGN_OR_RETURN(auto from_initiator, provider.cipher(sa.suite.cipher, sa.keys.sk_ei, sa.keys.sk_ai));
  ASSIGN_OR_RETURN(auto from_responder, provider.cipher(sa.suite.cipher, sa.keys.sk_er, sa.keys.sk_ar));
  sa.cipher_out = std::move(sa.initiator ? from_initiator : from_responder);
  sa.cipher_in = std::move(sa.initiator ? from_responder : from_initiator);
  return {};
}

base::Status make_ike_ciphers(Context& context, const base::SecretBytes& shared_secret) {
  IkeSa& sa = context.sa;
  ASSIGN_OR_RETURN(sa.prf, context.core.provider.prf(sa.suite.prf));
  sa.keys = derive_ike_keys(sa.suite, *sa.prf, shared_secret, sa.handshake->nonce_i, sa.handshake->nonce_r,
                            sa.spi_i, sa.spi_r);
  return make_message_ciphers(context.core, sa);
}

}  // namespace ikev2
