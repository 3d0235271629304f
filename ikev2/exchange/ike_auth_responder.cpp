// IKE_AUTH as responder, RFC 7296 1.2, 2.15, 2.21.2.
//
//   HDR, SK {IDi, [CERT,] [CERTREQ,] [IDr,] AUTH, SAi2, TSi, TSr}   -->
//                 <--   HDR, SK {IDr, [CERT,] AUTH, SAr2, TSi, TSr}   or   HDR, SK {N(AUTHENTICATION_FAILED)}

#include "ikev2/auth/signed_octets.h"
#include "ikev2/exchange/authenticate.h"
#include "ikev2/exchange/child_setup.h"
#include "ikev2/exchange/handlers.h"
#include "ikev2/exchange/lifecycle.h"
#include "ikev2/exchange/limits.h"
#include "ikev2/exchange/mobike.h"
#include "ikev2/exchange/report.h"
#include "ikev2/exchange/send.h"
#include "ikev2/exchange/traps.h"

namespace ikev2 {
namespace {

// Why this profile is not the one that is meant by the identities, or nothing.
std::optional<std::string> mismatch(const IkeSa& sa, const PeerConfig& peer, const IdPayload& idi,
                                    const IdPayload* idr) {
  const IdentityPattern remote = remote_pattern(sa, peer);
  if (!remote.matches(idi.id)) return "it expects the peer to be " + remote.text();
  const Identity local = local_identity(sa, peer);
  if (idr != nullptr && !IdentityPattern(local).matches(idr->id)) {
    return "the peer asks for " + idr->id.text() + ", we are " + local.text();
  }
  // A peer that says to be ourselves: our own messages coming back, unless the profile names it so.
  if (!remote.is_exact() && IdentityPattern(local).matches(idi.id)) return "the peer takes our own identity";
  return {};
}

struct Chosen {
  PeerConfigPtr peer;
  Proof proof;
};

// The profile that (IDr, IDi, method) name among those whose IKE proposals fit; never just the first guess.
// Of several, the one that names the peer most closely.
base::Result<Chosen> choose_profile(const IkeSa& sa, const IdPayload& idi, const IdPayload* idr,
                                    const AuthPayload& auth) {
  std::string reasons;
  std::optional<Chosen> best;
  for (const PeerConfigPtr& peer : sa.handshake->candidates) {
    auto why_not = mismatch(sa, *peer, idi, idr);
    auto proof = accept_auth(peer->remote_auth, auth);
    if (!why_not && proof.has_error()) why_not = proof.error().reason;
    if (why_not) {
      reasons += (reasons.empty() ? "" : "; ") + ("profile " + peer->name + ": " + *why_not);
    } else if (!best || remote_pattern(sa, *peer).closeness() > remote_pattern(sa, *best->peer).closeness()) {
      best = Chosen{peer, std::move(*proof)};
    }
  }
  if (!best) return base::incompatible("no profile fits the peer " + idi.id.text() + ": " + reasons);
  return std::move(*best);
}

// What is checked of a peer whom no profile fits: as much as of one whom a profile does (RFC 7296 2.21.2).
Proof proof_to_refuse(const AuthPayload* auth) {
  if (auth == nullptr) return {};
  AuthConfig signature;
  signature.kind = AuthKind::signature;
  auto proof = accept_auth(signature, *auth);
  return proof.has_value() ? std::move(*proof) : Proof{{}, auth->data};
}

// Other IKE SAs with the same pair of identities are leftovers of the peer's former life (RFC 7296 2.4).
void drop_leftovers(Context& context) {
  const IkeSa& sa = context.sa;
  for (IkeSa* other : context.core.sas.of_peer(sa.peer->name, sa.remote_id)) {
    if (other == &sa) continue;
    close_sa(context.core, *other, "the peer has started anew (INITIAL_CONTACT)", false, context.now,
             context.out);
  }
}

// RFC 7296 2.21.2: an authenticated-looking refusal, protected by the keys of the exchange, then nothing.
Closed refuse_initiator(Context& context, const std::string& reason) {
  (void)send_response(context, ExchangeType::ike_auth, {make_notify(NotifyType::authentication_failed)});
  return Closed{reason};
}

// A child that is refused does not undo the IKE SA (RFC 7296 1.2).
void refuse_first_child(Context& context, const base::Error& error, std::vector<Payload>& payloads) {
  payloads.emplace_back(make_notify(static_cast<NotifyType>(*error.notify), error.notify_data));
  context.core.counters.add(IkeCounter::refused);
  report(context, Report::Kind::failure, base::LogLevel::warning, "child-refused", error.reason);
  if (PeerRuntime* peer = context.core.peers.find(context.sa.peer->name))
    peer->last_error = LastError{context.now, error.reason};
}

// Whether another IKE SA with this peer carries the same packets: it authenticates again, make-before-break.
bool takes_over(const Context& context, const AgreedChild& agreed) {
  const IkeSa& sa = context.sa;
  for (const IkeSa* other : context.core.sas.of_peer(sa.peer->name, sa.remote_id)) {
    if (other == &sa) continue;
    const ChildSa* child = other->find_installed(agreed.config.name);
    if (child != nullptr && !child->stopped && child->selectors == agreed.selectors) return true;
  }
  return false;
}

// Sends the answer, with the first child that the request asks for, and installs that. RFC 6023: without one
// the IKE SA stands alone.
base::Status answer_first_child(Context& context, const Message& request, std::vector<Payload>& payloads) {
  IkeSa& sa = context.sa;
  if (request.find<SaPayload>() == nullptr) return send_response(context, ExchangeType::ike_auth, payloads);
  auto agreed = choose_child(context, request, near_children(*sa.peer, request), true);
  if (agreed.has_error()) {
    refuse_first_child(context, agreed.error(), payloads);
    return send_response(context, ExchangeType::ike_auth, payloads);
  }
  write_child_choice(*agreed, {}, payloads);
  // Installed first: the peer may send as soon as it has the answer.
  // RFC 7296 2.8: what is sent before the peer has the answer may be dropped there.
  const bool later = packets_wait(context, agreed->config.name) || takes_over(context, *agreed);
  install_child(context, std::move(*agreed),
                {sa.handshake->nonce_i, sa.handshake->nonce_r, {}, false, later, {}});
  return send_response(context, ExchangeType::ike_auth, payloads);
}

}  // namespace

NextResult<AuthChecking> on_auth_request(HalfOpen&, Message& message, Context& context) {
  IkeSa& sa = context.sa;
  const auto* idi = message.find_id(PayloadType::idi);
  const auto* auth = message.find<AuthPayload>();
  AuthChecking next;
  CredentialId credential;  // 0 fits nothing: an unknown identity costs the same work as a wrong secret
  Proof proof;
  base::ByteSpan body;
  if (idi == nullptr || auth == nullptr) {
    next.refusal = base::misbehaved(idi == nullptr ? "the initiator sends no identity"
                                                   : "the initiator sends no AUTH (EAP is not configured)");
  } else {
    sa.remote_id = idi->id;
    body = idi->body;
    auto chosen = choose_profile(sa, *idi, message.find_id(PayloadType::idr), *auth);
    if (chosen.has_error()) {
      next.refusal = std::move(chosen).error();
    } else {
      sa.peer = std::move(chosen->peer);
      proof = std::move(chosen->proof);
      credential = sa.peer->remote_auth.credential;
    }
  }
  if (next.refusal) proof = proof_to_refuse(auth);
  sa.local_id = local_identity(sa, *sa.peer);
  next.job = ask_for_verdict(
      context, credential, std::move(proof),
      signed_octets(*sa.prf, sa.handshake->init_request, sa.handshake->nonce_r, sa.keys.sk_pi, body),
      message);
  next.request = std::move(message);
  return next;
}

NextResult<AuthAnswering, Closed> on_auth_checked(AuthChecking& state, VerifyDone& done, Context& context) {
  IkeSa& sa = context.sa;
  if (state.refusal) return refuse_initiator(context, state.refusal->reason);
  if (done.status.has_error()) {
    return refuse_initiator(context, "AUTH of the initiator " + sa.remote_id.text() +
                                         " does not verify for profile " + sa.peer->name + ": " +
                                         done.status.error().reason);
  }
  auto job = ask_for_auth(context, signed_octets(*sa.prf, sa.handshake->init_response, sa.handshake->nonce_i,
                                                 sa.keys.sk_pr, id_body(sa.local_id)));
  if (job.has_error()) return refuse_initiator(context, "cannot prove who we are: " + job.error().reason);
  return AuthAnswering{*job, std::move(state.request)};
}

NextResult<Idle, Closed> on_answer_auth(AuthAnswering& state, AuthDone& done, Context& context) {
  IkeSa& sa = context.sa;
  if (done.status.has_error()) {
    return refuse_initiator(context, "cannot compute our AUTH: " + done.status.error().reason);
  }
  if (auto notify = prohibited_nat(context, state.request)) {
    (void)send_response(context, ExchangeType::ike_auth, {std::move(*notify)});
    return Closed{"the initiator allows no NAT, and there is one in front of it"};
  }
  // Only now that the peer has proved who it is (RFC 7296 2.4); not where several hosts are one identity.
  if (sa.peer->initial_contact && state.request.find_notify(NotifyType::initial_contact) != nullptr)
    drop_leftovers(context);
  if (const auto full = no_room_for_ike_sa(context)) {
    context.core.counters.add(IkeCounter::sa_limit);
    (void)send_response(context, ExchangeType::ike_auth, {make_notify(NotifyType::no_additional_sas)});
    return Closed{*full};
  }
  establish(context);
  std::vector<Payload> payloads;
  payloads.emplace_back(IdPayload{PayloadType::idr, sa.local_id, {}});
  add_certificates(sa, payloads);
  payloads.emplace_back(own_auth(sa, done.auth));
  if (sa.peer->reauth > base::Duration::zero()) payloads.emplace_back(auth_lifetime_notify(sa.peer->reauth));
  take_mobility(context, state.request);
  add_mobility(context, payloads);
  RETURN_IF_ERROR(answer_first_child(context, state.request, payloads));
  sa.handshake.reset();
  return Idle{};
}

}  // namespace ikev2
