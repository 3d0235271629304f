#include "crypto/signature.h"

#include <botan/ecdsa.h>
#include <botan/ed25519.h>
#include <botan/ed448.h>
#include <botan/pkcs8.h>
#include <botan/pubkey.h>
#include <botan/rsa.h>
#include <botan/x509_key.h>

#include "crypto/botan/guard_impl.h"
#include "crypto/botan/keys_impl.h"
#include "crypto/botan/rng_adapter_impl.h"

namespace crypto {
namespace botan {
namespace {

// Below: refused by default (RFC 8247 4.1 and NIST SP 800-131A). Above: work that a peer's certificate must
// not ask for.
constexpr unsigned kLeastRsa = 2048, kMostRsa = 8192;  // bits

std::string hash_of(Hash hash) {
  switch (hash) {
    case Hash::sha1:
      return "SHA-1";
    case Hash::sha2_256:
      return "SHA-256";
    case Hash::sha2_384:
      return "SHA-384";
    case Hash::sha2_512:
      return "SHA-512";
    case Hash::identity:
    case Hash::none:
      break;
  }
  return {};
}

base::Result<KeyInfo> examine_rsa(const Botan::RSA_PublicKey& key) {
  const auto bits = static_cast<unsigned>(key.get_n().bits());
  if (bits < kLeastRsa || bits > kMostRsa) {
    return base::local_error("an RSA key of " + std::to_string(bits) + " bits: " + std::to_string(kLeastRsa) +
                             " to " + std::to_string(kMostRsa) + " are accepted");
  }
  if (key.get_n().is_even() || key.get_e().is_even() || key.get_e() < Botan::BigInt::from_word(65537))
    return base::local_error("an RSA key with an exponent below 65537 or an even number in it");
  return KeyInfo{KeyType::rsa, bits};
}

base::Result<KeyInfo> examine_ec(const Botan::EC_PublicKey& key) {
  // RFC 5480 2.1.1: a curve is named; its parameters MUST NOT be given.
  if (key.domain().used_explicit_encoding()) return base::local_error("an EC key that spells out its curve");
  const auto bits = static_cast<unsigned>(key.domain().get_p_bits());
  const std::string curve = key.domain().get_curve_oid().to_formatted_string();
  if (curve == "secp256r1") return KeyInfo{KeyType::ecdsa_256, bits};
  if (curve == "secp384r1") return KeyInfo{KeyType::ecdsa_384, bits};
  if (curve == "secp521r1") return KeyInfo{KeyType::ecdsa_521, bits};
  if (curve == "brainpool256r1" || curve == "brainpool384r1" || curve == "brainpool512r1")
    return KeyInfo{KeyType::ecdsa_brainpool, bits};
  return base::local_error("an EC key on the curve " + curve + ", which is not supported");
}

// The check of a public key draws nothing; Botan asks for a generator all the same.
class NoRng final : public base::Rng {
 public:
  void fill(base::MutableByteSpan out) override { std::fill(out.begin(), out.end(), std::uint8_t{0}); }
};

// RFC 8032 5.1.7 leaves the choice; here a public key of small order is no key.
bool is_sound(const Botan::Ed25519_PublicKey& key) {
  NoRng none;
  RngAdapter rng(none);
  return key.check_key(rng, false);
}

base::Error wrong_signature() { return base::crypto_error("the signature does not verify"); }

}  // namespace

base::Result<KeyInfo> examine(const Botan::Public_Key& key) {
  if (const auto* rsa = dynamic_cast<const Botan::RSA_PublicKey*>(&key)) return examine_rsa(*rsa);
  if (const auto* ec = dynamic_cast<const Botan::EC_PublicKey*>(&key); ec && key.algo_name() == "ECDSA")
    return examine_ec(*ec);
  if (const auto* ed = dynamic_cast<const Botan::Ed25519_PublicKey*>(&key)) {
    if (!is_sound(*ed)) return base::local_error("an Ed25519 key of small order");
    return KeyInfo{KeyType::ed25519, 255};
  }
  if (dynamic_cast<const Botan::Ed448_PublicKey*>(&key) != nullptr) return KeyInfo{KeyType::ed448, 448};
  return base::local_error("a key of the type " + key.algo_name() + ", which makes no signatures here");
}

std::string padding_of(const SignatureScheme& scheme) {
  std::string hash = hash_of(scheme.hash);
  switch (scheme.kind) {
    case SignatureKind::rsa_pkcs1:
      return hash.empty() ? "" : "EMSA_PKCS1(" + hash + ")";
    case SignatureKind::rsa_pss:
      return hash.empty() ? "" : "PSS(" + hash + ",MGF1," + std::to_string(scheme.salt) + ")";
    case SignatureKind::ecdsa:
    case SignatureKind::ecdsa_raw:
      return hash;
    case SignatureKind::ed25519:
    case SignatureKind::ed448:
      return "Pure";
    case SignatureKind::none:
      break;
  }
  return {};
}

std::vector<PemBlock> pem_blocks(base::ByteSpan file) {
  constexpr std::string_view kBegin = "-----BEGIN ", kEnd = "-----END ", kDashes = "-----";
  std::vector<PemBlock> out;
  const std::string_view text = base::as_text(file);
  std::size_t at = 0;
  while ((at = text.find(kBegin, at)) != std::string_view::npos) {
    const std::size_t label = at + kBegin.size();
    const std::size_t label_end = text.find(kDashes, label);
    if (label_end == std::string_view::npos) break;
    const std::string name(text.substr(label, label_end - label));
    const std::string last = std::string(kEnd) + name + std::string(kDashes);
    const std::size_t end = text.find(last, label_end);
    if (end == std::string_view::npos) break;
    out.push_back({name, std::string(text.substr(at, end + last.size() - at)) + "\n"});
    at = end + last.size();
  }
  return out;
}

base::Status BotanPublicKey::verify(const SignatureScheme& scheme, base::ByteSpan message,
                                    base::ByteSpan signature) const {
  const std::string padding = padding_of(scheme);
  if (!fits(scheme, info_.type) || padding.empty())
    return base::local_error("a signature " + name(scheme) + " cannot be of a key " + name(info_));
  return guarded("signature", [&]() -> base::Status {
    const auto format = scheme.kind == SignatureKind::ecdsa ? Botan::Signature_Format::DerSequence
                                                            : Botan::Signature_Format::Standard;
    try {
      Botan::PK_Verifier verifier(*key_, padding, format);
      if (verifier.verify_message(message, signature)) return {};
    } catch (const Botan::Decoding_Error&) {
      return wrong_signature();
    }
    return wrong_signature();
  });
}

base::Result<base::Bytes> BotanPrivateKey::sign(const SignatureScheme& scheme, base::ByteSpan message,
                                                base::Rng& rng) const {
  const std::string padding = padding_of(scheme);
  if (!fits(scheme, info_.type) || padding.empty())
    return base::local_error("a key " + name(info_) + " cannot sign with " + name(scheme));
  return guarded("signature", [&]() -> base::Result<base::Bytes> {
    RngAdapter adapter(rng);
    const auto format = scheme.kind == SignatureKind::ecdsa ? Botan::Signature_Format::DerSequence
                                                            : Botan::Signature_Format::Standard;
    Botan::PK_Signer signer(*key_, adapter, padding, format);
    return signer.sign_message(message, adapter);
  });
}

base::SecretBytes BotanPrivateKey::pem() const {
  std::string text = Botan::PKCS8::PEM_encode(*key_);
  base::SecretBytes out(base::as_bytes(text));
  base::wipe({reinterpret_cast<std::uint8_t*>(text.data()), text.size()});
  return out;
}

}  // namespace botan

base::Result<std::shared_ptr<const PublicKey>> load_public_key(base::ByteSpan spki) {
  return botan::guarded("public key", [&]() -> base::Result<std::shared_ptr<const PublicKey>> {
    std::shared_ptr<const Botan::Public_Key> key = Botan::X509::load_key(spki);
    ASSIGN_OR_RETURN(const KeyInfo info, botan::examine(*key));
    return std::shared_ptr<const PublicKey>(std::make_shared<botan::BotanPublicKey>(std::move(key), info));
  });
}

base::Result<std::shared_ptr<const PrivateKey>> make_private_key(const KeyInfo& wanted, base::Rng& rng) {
  return botan::guarded("private key", [&]() -> base::Result<std::shared_ptr<const PrivateKey>> {
    botan::RngAdapter adapter(rng);
    std::shared_ptr<const Botan::Private_Key> key;
    const auto ec = [&](const char* curve) {
      return std::make_shared<Botan::ECDSA_PrivateKey>(adapter, Botan::EC_Group::from_name(curve));
    };
    switch (wanted.type) {
      case KeyType::rsa:
        if (wanted.bits < botan::kLeastRsa || wanted.bits > botan::kMostRsa)
          return base::local_error("RSA keys have 2048 to 8192 bits");
        key = std::make_shared<Botan::RSA_PrivateKey>(adapter, wanted.bits);
        break;
      case KeyType::ecdsa_256:
        key = ec("secp256r1");
        break;
      case KeyType::ecdsa_384:
        key = ec("secp384r1");
        break;
      case KeyType::ecdsa_521:
        key = ec("secp521r1");
        break;
      case KeyType::ed25519:
        key = std::make_shared<Botan::Ed25519_PrivateKey>(adapter);
        break;
      case KeyType::ed448:
        key = std::make_shared<Botan::Ed448_PrivateKey>(adapter);
        break;
      case KeyType::ecdsa_brainpool:
        key = ec(wanted.bits == 256   ? "brainpool256r1"
                 : wanted.bits == 384 ? "brainpool384r1"
                                      : "brainpool512r1");
        break;
      case KeyType::none:
        return base::local_error("no such type of key");
    }
    ASSIGN_OR_RETURN(const KeyInfo info, botan::examine(*key));
    return std::shared_ptr<const PrivateKey>(std::make_shared<botan::BotanPrivateKey>(std::move(key), info));
  });
}

}  // namespace crypto
