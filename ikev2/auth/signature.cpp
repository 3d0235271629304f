#include "ikev2/auth/signature.h"

#include <algorithm>

namespace ikev2 {
namespace {

using crypto::Hash;
using crypto::KeyType;
using crypto::SignatureKind;
using crypto::SignatureScheme;

// RFC 4754 3: each of the older methods is one curve with one hash.
struct RawMethod {
  AuthMethod method;
  KeyType key;
  Hash hash;
};
constexpr RawMethod kRawMethods[] = {{AuthMethod::ecdsa_256, KeyType::ecdsa_256, Hash::sha2_256},
                                     {AuthMethod::ecdsa_384, KeyType::ecdsa_384, Hash::sha2_384},
                                     {AuthMethod::ecdsa_521, KeyType::ecdsa_521, Hash::sha2_512}};

bool announced(const std::vector<Hash>& hashes, Hash hash) {
  return std::find(hashes.begin(), hashes.end(), hash) != hashes.end();
}

std::string text(const SignatureChoice& choice) {
  return choice.method == AuthMethod::digital_signature
             ? name(choice.scheme)
             : name(choice.method) + " (" + name(choice.scheme) + ")";
}

// The hash that is as strong as the key, else a stronger, else a weaker one: of those that the peer
// announced.
std::optional<Hash> pick_hash(const crypto::KeyInfo& key, const std::vector<Hash>& hashes) {
  constexpr Hash kHashes[] = {Hash::sha2_256, Hash::sha2_384, Hash::sha2_512};
  std::size_t wanted = key.bits > 384 ? 2 : key.bits > 256 ? 1 : 0;
  if (key.type == KeyType::rsa)
    wanted = key.bits > 7680 ? 1 : 0;  // SP 800-57: 3072 bits are as strong as SHA-256
  for (std::size_t i = wanted; i < std::size(kHashes); ++i) {
    if (announced(hashes, kHashes[i])) return kHashes[i];
  }
  for (std::size_t i = wanted; i-- > 0;) {
    if (announced(hashes, kHashes[i])) return kHashes[i];
  }
  return {};
}

// RFC 7427 4: "The sender MUST NOT use … a hash algorithm that the peer did not announce".
base::Result<SignatureChoice> choose_digital(const crypto::KeyInfo& key, const std::vector<Hash>& hashes) {
  const AuthMethod method = AuthMethod::digital_signature;
  if (key.type == KeyType::ed25519 || key.type == KeyType::ed448) {
    if (!announced(hashes, Hash::identity))
      return base::incompatible("the peer does not announce signatures of an " + name(key) +
                                " key (RFC 8420)");
    return SignatureChoice{method, usual_scheme(key)};
  }
  const auto hash = pick_hash(key, hashes);
  if (!hash)
    return base::incompatible("the peer announces no hash for signatures that we use: SHA2-256, 384, 512");
  if (key.type == KeyType::rsa) {
    // RFC 8247 4.1 and RFC 7427 5: RSASSA-PSS, its salt as long as the hash.
    return SignatureChoice{method,
                           {SignatureKind::rsa_pss, *hash, static_cast<std::uint16_t>(size_of(*hash))}};
  }
  return SignatureChoice{method, {SignatureKind::ecdsa, *hash, 0}};
}

// For a peer that does not know RFC 7427.
base::Result<SignatureChoice> choose_old(const crypto::KeyInfo& key) {
  for (const RawMethod& raw : kRawMethods) {
    if (raw.key == key.type) return SignatureChoice{raw.method, {SignatureKind::ecdsa_raw, raw.hash, 0}};
  }
  std::string reason =
      "the peer does not announce SIGNATURE_HASH_ALGORITHMS (RFC 7427), which a key " + name(key) + " needs";
  if (key.type == KeyType::rsa) reason += "; scheme: rsa-sha1 permits the older signature with SHA-1";
  return base::incompatible(reason);
}

// The ways in which an AUTH payload may have been made, by its method (RFC 7296 3.8).
base::Result<Proof> read_signature(const AuthPayload& auth) {
  if (auth.method == AuthMethod::rsa_signature) {
    // RFC 7296 3.8: RSASSA-PKCS1-v1_5; which hash, the signature itself says.
    Proof proof{{}, auth.data};
    for (const Hash hash : {Hash::sha2_256, Hash::sha2_384, Hash::sha2_512, Hash::sha1})
      proof.schemes.push_back({SignatureKind::rsa_pkcs1, hash, 0});
    return proof;
  }
  for (const RawMethod& raw : kRawMethods) {
    if (raw.method == auth.method) return Proof{{{SignatureKind::ecdsa_raw, raw.hash, 0}}, auth.data};
  }
  if (auth.method != AuthMethod::digital_signature)
    return base::incompatible("the peer authenticates by " + name(auth.method));
  // RFC 7427 3: one octet of length, the AlgorithmIdentifier, the signature.
  const std::size_t length = auth.data.empty() ? 0 : auth.data[0];
  if (length == 0 || auth.data.size() < 1 + length)
    return base::misbehaved("the peer's signature does not begin with an AlgorithmIdentifier");
  const base::ByteSpan data(auth.data);
  ASSIGN_OR_RETURN(const SignatureScheme scheme, crypto::parse_algorithm_identifier(data.subspan(1, length)));
  return Proof{{scheme}, base::to_bytes(data.subspan(1 + length))};
}

bool is_allowed(const AuthConfig& remote, AuthMethod method, const SignatureScheme& scheme) {
  if (remote.scheme) return remote.scheme->method == method && remote.scheme->scheme == scheme;
  return scheme.hash != Hash::sha1;  // RFC 8247 4.1: MUST NOT
}

}  // namespace

base::Bytes announced_hashes() {
  base::Bytes data;
  for (const Hash hash : {Hash::sha2_256, Hash::sha2_384, Hash::sha2_512, Hash::identity}) {
    base::Bytes number(2);
    base::store_be16(number.data(), static_cast<std::uint16_t>(hash));
    base::append(data, number);
  }
  return data;
}

std::vector<Hash> read_hashes(base::ByteSpan data) {
  std::vector<Hash> out;
  for (std::size_t i = 0; i + 1 < data.size(); i += 2) {
    const auto hash = static_cast<Hash>(base::load_be16(data.data() + i));
    if (crypto::name(hash) != "none" && !announced(out, hash)) out.push_back(hash);
  }
  return out;
}

base::Result<SignatureChoice> choose_signature(const AuthConfig& own, const std::vector<Hash>& peer_hashes) {
  if (!own.scheme) return peer_hashes.empty() ? choose_old(own.key) : choose_digital(own.key, peer_hashes);
  const SignatureChoice& wanted = *own.scheme;
  if (wanted.method == AuthMethod::digital_signature && !announced(peer_hashes, wanted.scheme.hash)) {
    return base::incompatible("the profile asks for " + text(wanted) + ", and the peer does not announce " +
                              std::string(name(wanted.scheme.hash)) + " (RFC 7427)");
  }
  return wanted;
}

AuthPayload signature_payload(const SignatureChoice& choice, base::ByteSpan signature) {
  AuthPayload auth{choice.method, {}};
  if (choice.method == AuthMethod::digital_signature) {
    const base::Bytes algorithm = crypto::algorithm_identifier(choice.scheme);
    auth.data.push_back(static_cast<std::uint8_t>(algorithm.size()));
    base::append(auth.data, algorithm);
  }
  base::append(auth.data, signature);
  return auth;
}

base::Result<Proof> accept_auth(const AuthConfig& remote, const AuthPayload& auth) {
  const bool shared = auth.method == AuthMethod::shared_key_mic;
  if (remote.kind == AuthKind::shared_key) {
    if (shared) return Proof{{}, auth.data};
    return base::incompatible("it expects authentication by shared-key-mic, the peer uses " +
                              name(auth.method));
  }
  if (shared) return base::incompatible("it expects a signature, the peer uses shared-key-mic");
  ASSIGN_OR_RETURN(Proof proof, read_signature(auth));
  const std::string made = text({auth.method, proof.schemes.front()});
  std::erase_if(proof.schemes, [&](const SignatureScheme& s) { return !is_allowed(remote, auth.method, s); });
  if (proof.schemes.empty()) {
    return base::incompatible(
        remote.scheme ? "it expects a signature " + text(*remote.scheme) + ", the peer's is " + made
                      : "the peer signs with SHA-1 (" + made + "), which the profile does not name");
  }
  if (remote.key.type != KeyType::none) {
    std::erase_if(proof.schemes, [&](const SignatureScheme& s) { return !fits(s, remote.key.type); });
    if (proof.schemes.empty())
      return base::incompatible("it expects a signature by a key " + name(remote.key) + ", the peer's is " +
                                made);
  }
  return proof;
}

}  // namespace ikev2
