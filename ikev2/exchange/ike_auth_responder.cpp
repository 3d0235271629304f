// IKE_AUTH as responder, RFC 7296 1.2, 2.15, 2.21.2.
//
//   HDR, SK {IDi, [IDr,] AUTH, SAi2, TSi, TSr}   -->
//                                    <--   HDR, SK {IDr, AUTH, SAr2, TSi, TSr}   or   HDR, SK
//                                    {N(AUTHENTICATION_FAILED)}

#include "ikev2/auth/signed_octets.h"
#include "ikev2/exchange/child_setup.h"
#include "ikev2/exchange/handlers.h"
#include "ikev2/exchange/lifecycle.h"
#include "ikev2/exchange/mobike.h"
#include "ikev2/exchange/report.h"
#include "ikev2/exchange/send.h"

namespace ikev2 {
namespace {

// Why this profile is not the one that is meant, or nothing.
std::optional<std::string> mismatch(const IkeSa& sa, const PeerConfig& peer, const IdPayload& idi,
                                    const IdPayload* idr, AuthMethod method) {
  const IdentityPattern remote = remote_pattern(sa, peer);
  if (!remote.matches(idi.id)) return "it expects the peer to be " + remote.text();
  const Identity local = local_identity(sa, peer);
  if (idr != nullptr && !IdentityPattern(local).matches(idr->id)) {
    return "the peer asks for " + idr->id.text() + ", we are " + local.text();
  }
  if (method != peer.remote_auth.method)
    return "it expects authentication by " + name(peer.remote_auth.method);
  return {};
}

// The profile that (IDr, IDi, method) name among those whose IKE proposals fit; never just the first guess.
base::Result<PeerConfigPtr> choose_profile(const IkeSa& sa, const IdPayload& idi, const IdPayload* idr,
                                           AuthMethod method) {
  std::string reasons;
  for (const PeerConfigPtr& peer : sa.handshake->candidates) {
    const auto why_not = mismatch(sa, *peer, idi, idr, method);
    if (!why_not) return peer;
    reasons += (reasons.empty() ? "" : "; ") + ("profile " + peer->name + ": " + *why_not);
  }
  return base::incompatible("no profile fits the peer " + idi.id.text() + ": " + reasons);
}

// Other IKE SAs with the same pair of identities are leftovers of the peer's former life (RFC 7296 2.4).
void drop_leftovers(Context& context) {
  const IkeSa& sa = context.sa;
  for (IkeSa* other : context.core.sas.all()) {
    if (other == &sa || !other->peer || other->peer->name != sa.peer->name ||
        other->remote_id != sa.remote_id || other->lifecycle == Lifecycle::connecting) {
      continue;
    }
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

// Sends the answer, with the first child that the request asks for, and installs that. RFC 6023: without one
// the IKE SA stands alone.
base::Status answer_first_child(Context& context, const Message& request, std::vector<Payload>& payloads) {
  IkeSa& sa = context.sa;
  if (request.find<SaPayload>() == nullptr) return send_response(context, ExchangeType::ike_auth, payloads);
  std::vector<const ChildConfig*> configs;
  for (const ChildConfig& config : sa.peer->children) configs.push_back(&config);
  auto agreed = choose_child(context, request, configs, true);
  if (agreed.has_error()) {
    refuse_first_child(context, agreed.error(), payloads);
    return send_response(context, ExchangeType::ike_auth, payloads);
  }
  write_child_choice(*agreed, {}, payloads);
  RETURN_IF_ERROR(send_response(context, ExchangeType::ike_auth, payloads));
  install_child(context, std::move(*agreed),
                {sa.handshake->nonce_i, sa.handshake->nonce_r, {}, false, false, {}});
  return {};
}

}  // namespace

NextResult<AuthChecking> on_auth_request(HalfOpen&, Message& message, Context& context) {
  IkeSa& sa = context.sa;
  const auto* idi = message.find_id(PayloadType::idi);
  const auto* auth = message.find<AuthPayload>();
  AuthChecking next;
  StartAuth start;
  start.job = new_job(context);
  start.prf = sa.suite.prf;
  next.job = start.job;
  if (idi == nullptr || auth == nullptr) {
    next.refusal = base::misbehaved(idi == nullptr ? "the initiator sends no identity"
                                                   : "the initiator sends no AUTH (EAP is not configured)");
  } else {
    sa.remote_id = idi->id;
    auto chosen = choose_profile(sa, *idi, message.find_id(PayloadType::idr), auth->method);
    if (chosen.has_error()) {
      next.refusal = std::move(chosen).error();
    } else {
      sa.peer = std::move(*chosen);
      start.credential = sa.peer->remote_auth.credential;
    }
    start.octets =
        signed_octets(*sa.prf, sa.handshake->init_request, sa.handshake->nonce_r, sa.keys.sk_pi, idi->body);
    start.expected = auth->data;
  }
  // An unknown identity costs the same work as a wrong secret: credential 0 fits nothing.
  if (start.expected.empty()) start.expected = {0};
  sa.local_id = local_identity(sa, *sa.peer);
  context.out.push_back(std::move(start));
  next.request = std::move(message);
  return next;
}

NextResult<AuthAnswering, Closed> on_auth_checked(AuthChecking& state, AuthDone& done, Context& context) {
  IkeSa& sa = context.sa;
  if (state.refusal) return refuse_initiator(context, state.refusal->reason);
  if (done.status.has_error()) {
    return refuse_initiator(
        context, "AUTH of the initiator " + sa.remote_id.text() +
                     " does not verify: the two sides hold different secrets for profile " + sa.peer->name);
  }
  StartAuth start;
  start.job = new_job(context);
  start.credential = sa.peer->local_auth.credential;
  start.prf = sa.suite.prf;
  start.octets = signed_octets(*sa.prf, sa.handshake->init_response, sa.handshake->nonce_i, sa.keys.sk_pr,
                               id_body(sa.local_id));
  const JobId job = start.job;
  context.out.push_back(std::move(start));
  return AuthAnswering{job, std::move(state.request)};
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
  if (state.request.find_notify(NotifyType::initial_contact) != nullptr) drop_leftovers(context);
  establish(context);
  std::vector<Payload> payloads;
  payloads.emplace_back(IdPayload{PayloadType::idr, sa.local_id, {}});
  payloads.emplace_back(AuthPayload{AuthMethod::shared_key_mic, std::move(done.auth)});
  take_mobility(context, state.request);
  add_mobility(context, payloads);
  RETURN_IF_ERROR(answer_first_child(context, state.request, payloads));
  sa.handshake.reset();
  return Idle{};
}

}  // namespace ikev2
