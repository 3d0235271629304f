#include "ikev2/exchange/authenticate.h"

#include <algorithm>

#include "ikev2/exchange/send.h"

namespace ikev2 {
namespace {

// IKE_SA_INIT is answered to anybody: a responder names this many CAs at most, of 20 octets each.
constexpr std::size_t kMostAuthorities = 32;
constexpr std::size_t kKeyHash = 20;  // octets, RFC 7296 3.7

bool signs(const PeerConfigPtr& peer) {
  return peer->local_auth.kind == AuthKind::signature || peer->remote_auth.kind == AuthKind::signature;
}

// X.509 certificates of the message; those of other encodings say nothing to us, and no URL is ever followed.
std::vector<base::Bytes> certificates_of(const Message& message) {
  std::vector<base::Bytes> out;
  for (const Payload& payload : message.payloads) {
    const auto* cert = std::get_if<CertPayload>(&payload);
    if (cert != nullptr && cert->encoding == kX509Signature) out.push_back(cert->data);
  }
  return out;
}

}  // namespace

base::Result<JobId> ask_for_auth(Context& context, base::Bytes octets) {
  IkeSa& sa = context.sa;
  const AuthConfig& own = sa.peer->local_auth;
  StartAuth start;
  if (own.kind == AuthKind::signature) {
    ASSIGN_OR_RETURN(sa.handshake->own_signature, choose_signature(own, sa.handshake->peer_hashes));
    start.scheme = sa.handshake->own_signature.scheme;
  }
  start.job = new_job(context);
  start.credential = own.credential;
  start.prf = sa.suite.prf;
  start.octets = std::move(octets);
  const JobId job = start.job;
  context.out.push_back(std::move(start));
  return job;
}

AuthPayload own_auth(const IkeSa& sa, const base::Bytes& value) {
  if (sa.peer->local_auth.kind == AuthKind::shared_key) return {AuthMethod::shared_key_mic, value};
  return signature_payload(sa.handshake->own_signature, value);
}

JobId ask_for_verdict(Context& context, CredentialId credential, Proof proof, base::Bytes octets,
                      const Message& message) {
  StartVerify start;
  start.job = new_job(context);
  start.credential = credential;
  start.prf = context.sa.suite.prf;
  start.schemes = std::move(proof.schemes);
  start.proof = std::move(proof.value);
  start.octets = std::move(octets);
  start.id = context.sa.remote_id;
  if (!start.schemes.empty()) start.certificates = certificates_of(message);
  const JobId job = start.job;
  context.out.push_back(std::move(start));
  return job;
}

void add_certificates(const IkeSa& sa, std::vector<Payload>& payloads) {
  for (const base::Bytes& der : sa.peer->local_auth.certificates)
    payloads.emplace_back(CertPayload{kX509Signature, der});
}

void add_certificate_requests(const std::vector<PeerConfigPtr>& profiles, std::vector<Payload>& payloads) {
  std::vector<base::Bytes> hashes;
  for (const PeerConfigPtr& peer : profiles) {
    const base::ByteSpan list(peer->remote_auth.authorities);
    for (std::size_t at = 0; at + kKeyHash <= list.size() && hashes.size() < kMostAuthorities;
         at += kKeyHash) {
      base::Bytes hash = base::to_bytes(list.subspan(at, kKeyHash));
      if (std::find(hashes.begin(), hashes.end(), hash) == hashes.end()) hashes.push_back(std::move(hash));
    }
  }
  if (hashes.empty()) return;
  CertReqPayload request{kX509Signature, {}};
  for (const base::Bytes& hash : hashes) base::append(request.authorities, hash);
  payloads.emplace_back(std::move(request));
}

void add_hash_algorithms(const std::vector<PeerConfigPtr>& profiles, std::vector<Payload>& payloads) {
  if (std::none_of(profiles.begin(), profiles.end(), signs)) return;
  payloads.emplace_back(make_notify(NotifyType::signature_hash_algorithms, announced_hashes()));
}

void take_hash_algorithms(IkeSa& sa, const Message& message) {
  const auto* notify = message.find_notify(NotifyType::signature_hash_algorithms);
  sa.handshake->peer_hashes = notify == nullptr ? std::vector<crypto::Hash>{} : read_hashes(notify->data);
}

}  // namespace ikev2
