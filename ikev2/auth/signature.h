// Which signature stands in which AUTH payload: RFC 7296 3.8, RFC 4754 3, RFC 7427, RFC 8420.
#pragma once

#include <vector>

#include "base/result.h"
#include "ikev2/config.h"
#include "ikev2/payload/payload.h"

namespace ikev2 {

// Certificates in CERT and CERTREQ are X.509 certificates for signatures (RFC 7296 3.6).
constexpr std::uint8_t kX509Signature = 4;

// The hashes that we announce in SIGNATURE_HASH_ALGORITHMS (RFC 7427 4): never SHA-1.
base::Bytes announced_hashes();
// Those of the peer's notification; unknown numbers are left out.
std::vector<crypto::Hash> read_hashes(base::ByteSpan data);

// How our key signs: as the profile asks, else by what the peer announced. The error says why there is no
// way.
base::Result<SignatureChoice> choose_signature(const AuthConfig& own,
                                               const std::vector<crypto::Hash>& peer_hashes);
// The AUTH payload of that signature: with method 14, its AlgorithmIdentifier stands in front (RFC 7427 3).
AuthPayload signature_payload(const SignatureChoice& choice, base::ByteSpan signature);

// What an AUTH payload holds.
struct Proof {
  std::vector<crypto::SignatureScheme> schemes;  // how it may have been made; empty: with a shared secret
  base::Bytes value;
};
// Takes the peer's AUTH apart as its profile allows. The error says why the profile does not: another method,
// a scheme that it does not name, a key of another type than the pinned one.
base::Result<Proof> accept_auth(const AuthConfig& remote, const AuthPayload& auth);

}  // namespace ikev2
