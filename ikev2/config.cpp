#include "ikev2/config.h"

namespace ikev2 {

const ChildConfig* PeerConfig::find_child(const std::string& wanted) const {
  for (const ChildConfig& child : children) {
    if (child.name == wanted) return &child;
  }
  return nullptr;
}

crypto::CipherSpec ChildConfig::cipher_for(crypto::CipherSpec negotiated) const {
  if (sha2_256_96 && negotiated.integ == crypto::Integ::hmac_sha2_256_128) {
    negotiated.integ = crypto::Integ::hmac_sha2_256_96;
  }
  return negotiated;
}

}  // namespace ikev2
