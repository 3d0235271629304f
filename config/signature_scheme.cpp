#include "config/signature_scheme.h"

#include "config/scalar.h"

namespace config {

base::Result<ikev2::SignatureChoice> parse_signature_scheme(std::string_view text) {
  using crypto::Hash;
  using enum crypto::SignatureKind;
  using ikev2::AuthMethod;
  const auto digital = [](crypto::SignatureKind kind, Hash hash) {
    const auto salt = static_cast<std::uint16_t>(kind == rsa_pss ? crypto::size_of(hash) : 0);
    return ikev2::SignatureChoice{AuthMethod::digital_signature, {kind, hash, salt}};
  };
  return parse_word<ikev2::SignatureChoice>(
      text, {{"rsa-sha1", {AuthMethod::rsa_signature, {rsa_pkcs1, Hash::sha1, 0}}},
             {"rsa-sha2-256", digital(rsa_pkcs1, Hash::sha2_256)},
             {"rsa-sha2-384", digital(rsa_pkcs1, Hash::sha2_384)},
             {"rsa-sha2-512", digital(rsa_pkcs1, Hash::sha2_512)},
             {"rsa-pss-sha2-256", digital(rsa_pss, Hash::sha2_256)},
             {"rsa-pss-sha2-384", digital(rsa_pss, Hash::sha2_384)},
             {"rsa-pss-sha2-512", digital(rsa_pss, Hash::sha2_512)},
             {"ecdsa-256", {AuthMethod::ecdsa_256, {ecdsa_raw, Hash::sha2_256, 0}}},
             {"ecdsa-384", {AuthMethod::ecdsa_384, {ecdsa_raw, Hash::sha2_384, 0}}},
             {"ecdsa-521", {AuthMethod::ecdsa_521, {ecdsa_raw, Hash::sha2_512, 0}}},
             {"ecdsa-sha2-256", digital(ecdsa, Hash::sha2_256)},
             {"ecdsa-sha2-384", digital(ecdsa, Hash::sha2_384)},
             {"ecdsa-sha2-512", digital(ecdsa, Hash::sha2_512)},
             {"ed25519", digital(ed25519, Hash::identity)},
             {"ed448", digital(ed448, Hash::identity)}});
}

}  // namespace config
