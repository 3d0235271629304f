// Signatures: keys, schemes, signing and verifying. Implemented by crypto/botan/.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/result.h"
#include "base/rng.h"
#include "base/secret.h"

namespace crypto {

// IANA "IKEv2 Hash Algorithms" (RFC 7427 7). identity: the message itself is signed (RFC 8420).
enum class Hash : std::uint16_t {
  none = 0,
  sha1 = 1,
  sha2_256 = 2,
  sha2_384 = 3,
  sha2_512 = 4,
  identity = 5
};
std::string_view name(Hash hash);  // "sha2-256"
std::size_t size_of(Hash hash);    // octets; 0 of identity

enum class KeyType : std::uint8_t {
  none,
  rsa,
  ecdsa_256,
  ecdsa_384,
  ecdsa_521,
  ecdsa_brainpool,
  ed25519,
  ed448
};
struct KeyInfo {
  KeyType type = KeyType::none;
  unsigned bits = 0;  // of the modulus or of the curve
  bool operator==(const KeyInfo&) const = default;
};
std::string name(const KeyInfo& key);  // "rsa-2048", "ecdsa-256", "ed25519"

enum class SignatureKind : std::uint8_t { none, rsa_pkcs1, rsa_pss, ecdsa, ecdsa_raw, ed25519, ed448 };
// How octets become a signature.
struct SignatureScheme {
  SignatureKind kind = SignatureKind::none;  // ecdsa: DER (RFC 7427 A.3); ecdsa_raw: r | s (RFC 4754 3)
  Hash hash = Hash::none;
  std::uint16_t salt = 0;  // octets, rsa_pss only
  bool operator==(const SignatureScheme&) const = default;
};
std::string name(const SignatureScheme& scheme);  // "rsa-pss-sha2-256"
// Whether a key of this type can make such a signature.
bool fits(const SignatureScheme& scheme, KeyType key);

// The DER of the AlgorithmIdentifier that stands for the scheme (RFC 7427 A, RFC 8420 A); empty where none
// does.
base::Bytes algorithm_identifier(const SignatureScheme& scheme);
// Reads one, with the salt of RSASSA-PSS bounded and its two hashes the same. The error names what it is.
base::Result<SignatureScheme> parse_algorithm_identifier(base::ByteSpan der);
// The scheme with which a key signs certificates, and AUTH where nothing else is asked for.
SignatureScheme usual_scheme(const KeyInfo& key);

class PublicKey {
 public:
  virtual ~PublicKey() = default;
  virtual KeyInfo info() const = 0;
  virtual const base::Bytes& spki() const = 0;  // DER of the SubjectPublicKeyInfo
  // Succeeds only for a signature of this key. Family crypto where it is none, local where the scheme does
  // not fit the key.
  virtual base::Status verify(const SignatureScheme& scheme, base::ByteSpan message,
                              base::ByteSpan signature) const = 0;
};

class PrivateKey {
 public:
  virtual ~PrivateKey() = default;
  virtual KeyInfo info() const = 0;
  virtual const base::Bytes& spki() const = 0;  // of the public half
  // Slow. rng blinds, and gives the salt of rsa_pss.
  virtual base::Result<base::Bytes> sign(const SignatureScheme& scheme, base::ByteSpan message,
                                         base::Rng& rng) const = 0;
  virtual base::SecretBytes pem() const = 0;  // PKCS #8
};

// A private key from PEM (PKCS #8, "RSA PRIVATE KEY", "EC PRIVATE KEY") or the DER of PKCS #8, not encrypted.
// The error says why it is none, or why it is not fit: too short, a curve that is not known.
base::Result<std::shared_ptr<const PrivateKey>> load_private_key(base::ByteSpan file);
// A public key from the DER of its SubjectPublicKeyInfo. RSA keys of less than 2048 or more than 8192 bits or
// with an exponent below 65537, curves given by their parameters, and Ed25519 keys of small order are
// refused.
base::Result<std::shared_ptr<const PublicKey>> load_public_key(base::ByteSpan spki);
// Draws a new key: slow. RSA needs bits; the others know their size.
base::Result<std::shared_ptr<const PrivateKey>> make_private_key(const KeyInfo& key, base::Rng& rng);

}  // namespace crypto
