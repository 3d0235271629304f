// What stands behind one credential: exactly one of these. Secrets live in the key worker alone.
#pragma once

#include <memory>
#include <optional>

#include "base/secret.h"
#include "crypto/certificate.h"
#include "crypto/signature.h"

namespace crypto {

struct KeyMaterial {
  base::SecretBytes psk = {};                    // a shared secret
  std::shared_ptr<const PrivateKey> key = {};    // our private key
  std::shared_ptr<const PublicKey> pinned = {};  // the one key that a peer must have
  std::optional<Trust> trust = {};               // whom we believe about a peer's key
};

}  // namespace crypto
