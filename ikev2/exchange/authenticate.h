// What IKE_AUTH does alike in both roles and with shared secrets and signatures: asking for our AUTH value,
// having the peer's checked, and the payloads around them (RFC 7296 2.15, 3.6 to 3.8; RFC 7427).
#pragma once

#include "ikev2/auth/signature.h"
#include "ikev2/core.h"
#include "ikev2/message/message.h"

namespace ikev2 {

// Asks for our AUTH value over the octets. Fails with a reason where our key and the peer have no signature
// in common.
base::Result<JobId> ask_for_auth(Context& context, base::Bytes octets);
// The AUTH payload around the value that came back.
AuthPayload own_auth(const IkeSa& sa, const base::Bytes& value);
// Asks whether the peer's AUTH holds. A refusal that is known already is still checked, at the same cost,
// against credential 0.
JobId ask_for_verdict(Context& context, CredentialId credential, Proof proof, base::Bytes octets,
                      const Message& message);

// Our certificate and the intermediate ones (RFC 7296 3.6), where the profile has any.
void add_certificates(const IkeSa& sa, std::vector<Payload>& payloads);
// CERTREQ with the CAs of the profiles (3.7): one profile as initiator, all candidates as responder.
void add_certificate_requests(const std::vector<PeerConfigPtr>& profiles, std::vector<Payload>& payloads);

// SIGNATURE_HASH_ALGORITHMS where a profile signs or expects a signature (RFC 7427 4).
void add_hash_algorithms(const std::vector<PeerConfigPtr>& profiles, std::vector<Payload>& payloads);
// Remembers those of the peer.
void take_hash_algorithms(IkeSa& sa, const Message& message);

}  // namespace ikev2
