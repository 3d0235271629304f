// Makes and checks AUTH values with the keys behind credentials: the slow part of IKE_AUTH, run by the key
// worker.
#pragma once

#include <unordered_map>

#include "base/rng.h"
#include "crypto/key_material.h"
#include "crypto/provider.h"
#include "ikev2/event.h"

namespace ikev2 {

class Authenticator {
 public:
  // `rng` blinds signatures, and draws what stands in for keys that are not there.
  Authenticator(const crypto::Provider& provider, base::Rng& rng);

  void put(CredentialId id, crypto::KeyMaterial material) {
    put(id, std::make_shared<const crypto::KeyMaterial>(std::move(material)));
  }
  void put(CredentialId id, std::shared_ptr<const crypto::KeyMaterial> material) {
    materials_.insert_or_assign(id, std::move(material));
  }
  void remove(CredentialId id) { materials_.erase(id); }

  AuthDone authenticate(const StartAuth& work) const;
  // `unix_time`: seconds since 1970, UTC, for the validity of certificates.
  VerifyDone verify(const StartVerify& work, std::int64_t unix_time) const;

 private:
  const crypto::KeyMaterial* find(CredentialId id) const;
  base::Result<base::Bytes> compute(const StartAuth& work) const;
  base::Status check_mic(const StartVerify& work) const;
  base::Status check_signature(const StartVerify& work, std::int64_t unix_time) const;
  base::Status refuse_unknown(const StartVerify& work) const;

  const crypto::Provider& provider_;
  base::Rng& rng_;
  std::unordered_map<CredentialId, std::shared_ptr<const crypto::KeyMaterial>> materials_;
  base::SecretBytes decoy_;                             // stands in for a missing secret
  std::shared_ptr<const crypto::PublicKey> decoy_key_;  // and for a missing key
};

}  // namespace ikev2
