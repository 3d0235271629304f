#include "crypto/signature.h"

namespace crypto {

std::string_view name(Hash hash) {
  switch (hash) {
    case Hash::sha1:
      return "sha1";
    case Hash::sha2_256:
      return "sha2-256";
    case Hash::sha2_384:
      return "sha2-384";
    case Hash::sha2_512:
      return "sha2-512";
    case Hash::identity:
      return "identity";
    case Hash::none:
      break;
  }
  return "none";
}

std::size_t size_of(Hash hash) {
  switch (hash) {
    case Hash::sha1:
      return 20;
    case Hash::sha2_256:
      return 32;
    case Hash::sha2_384:
      return 48;
    case Hash::sha2_512:
      return 64;
    case Hash::identity:
    case Hash::none:
      break;
  }
  return 0;
}

std::string name(const KeyInfo& key) {
  switch (key.type) {
    case KeyType::rsa:
      return "rsa-" + std::to_string(key.bits);
    case KeyType::ecdsa_256:
    case KeyType::ecdsa_384:
    case KeyType::ecdsa_521:
      return "ecdsa-" + std::to_string(key.bits);
    case KeyType::ecdsa_brainpool:
      return "ecdsa-brainpool-" + std::to_string(key.bits);
    case KeyType::ed25519:
      return "ed25519";
    case KeyType::ed448:
      return "ed448";
    case KeyType::none:
      break;
  }
  return "none";
}

std::string name(const SignatureScheme& scheme) {
  const std::string hash(name(scheme.hash));
  switch (scheme.kind) {
    case SignatureKind::rsa_pkcs1:
      return "rsa-" + hash;
    case SignatureKind::rsa_pss:
      return "rsa-pss-" + hash;
    case SignatureKind::ecdsa:
    case SignatureKind::ecdsa_raw:
      return "ecdsa-" + hash;
    case SignatureKind::ed25519:
      return "ed25519";
    case SignatureKind::ed448:
      return "ed448";
    case SignatureKind::none:
      break;
  }
  return "none";
}

bool fits(const SignatureScheme& scheme, KeyType key) {
  switch (scheme.kind) {
    case SignatureKind::rsa_pkcs1:
    case SignatureKind::rsa_pss:
      return key == KeyType::rsa;
    case SignatureKind::ecdsa:
      return key == KeyType::ecdsa_256 || key == KeyType::ecdsa_384 || key == KeyType::ecdsa_521 ||
             key == KeyType::ecdsa_brainpool;
    case SignatureKind::ecdsa_raw:
      // RFC 4754 3: each method is one curve with one hash.
      return (key == KeyType::ecdsa_256 && scheme.hash == Hash::sha2_256) ||
             (key == KeyType::ecdsa_384 && scheme.hash == Hash::sha2_384) ||
             (key == KeyType::ecdsa_521 && scheme.hash == Hash::sha2_512);
    case SignatureKind::ed25519:
      return key == KeyType::ed25519;
    case SignatureKind::ed448:
      return key == KeyType::ed448;
    case SignatureKind::none:
      break;
  }
  return false;
}

}  // namespace crypto
