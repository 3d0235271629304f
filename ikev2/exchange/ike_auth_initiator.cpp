// IKE_AUTH as initiator, RFC 7296 1.2 and 2.15.
//
//   HDR, SK {IDi, [CERT,] [CERTREQ,] [IDr,] AUTH, [N(INITIAL_CONTACT),] SAi2, TSi, TSr}   -->
//                                    <--   HDR, SK {IDr, [CERT,] AUTH, SAr2, TSi, TSr}

#include "ikev2/auth/signed_octets.h"
#include "ikev2/exchange/authenticate.h"
#include "ikev2/exchange/child_setup.h"
#include "ikev2/exchange/children.h"
#include "ikev2/exchange/handlers.h"
#include "ikev2/exchange/lifecycle.h"
#include "ikev2/exchange/mobike.h"
#include "ikev2/exchange/report.h"
#include "ikev2/exchange/send.h"

namespace ikev2 {
namespace {

// RFC 7296 2.4: INITIAL_CONTACT says that this is the only IKE SA between the two identities.
bool is_initial_contact(Context& context) {
  return context.core.sas.count_of_profile(context.sa.peer->name) == 0;
}

// RFC 7296 2.21.2: an initiator that refuses the responder's AUTH says so in an INFORMATIONAL exchange of its
// own.
Closed refuse_responder(Context& context, const std::string& reason) {
  const NotifyPayload notify = make_notify(NotifyType::authentication_failed);
  (void)send_request(context, ExchangeType::informational, {notify});
  return Closed{reason};
}

// The first child of the profile that is wanted travels with IKE_AUTH; the others follow.
void offer_first_child(Context& context, std::vector<Payload>& payloads) {
  IkeSa& sa = context.sa;
  // RFC 6023 4: without SA, TSi and TSr only towards a responder that has said that it can do so.
  if (sa.peer->childless && sa.handshake->peer_takes_childless) return;
  for (const ChildConfig& config : sa.peer->children) {
    if (sa.coming_up.count(config.name) == 0 || passes_nat(sa, config).has_error()) continue;
    sa.handshake->child_offer = make_child_offer(context, config, first_child_proposals(sa, config));
    return write_child_offer(*sa.handshake->child_offer, {}, payloads);
  }
}

// An error: the answer cannot be read, and nothing is certain of what the peer has made of it.
base::Status take_first_child(Context& context, const Message& response) {
  IkeSa& sa = context.sa;
  const std::vector<std::string> wanted(sa.coming_up.begin(), sa.coming_up.end());
  if (!sa.handshake->child_offer) {
    bring_up_children(context, wanted);
    return {};
  }
  const ChildOffer offer = std::move(*sa.handshake->child_offer);
  sa.handshake->child_offer.reset();
  auto agreed = check_child_answer(sa, offer, response);
  if (agreed.has_value()) {
    install_child(context, std::move(*agreed),
                  {sa.handshake->nonce_i, sa.handshake->nonce_r, {}, true, false, {}});
    child_came_up(context, offer.config.name);
  } else {
    context.core.spis.release(offer.spi_in);
    if (agreed.error().family == base::ErrorFamily::malformed) return agreed.error();
    // What the peer has installed and we cannot take is deleted (RFC 7296 1.3.1).
    if (response.find<SaPayload>() != nullptr) {
      sa.tasks.push_back(RefuseChild{offer.proposals.front().protocol, offer.spi_in});
    }
    child_failed(context, offer.config.name, agreed.error());
  }
  bring_up_children(context, {sa.coming_up.begin(), sa.coming_up.end()});
  return {};
}

std::string explain(const Context& context, const NotifyPayload& notify) {
  const IkeSa& sa = context.sa;
  std::string text = "the peer refuses IKE_AUTH with " + name(notify.type);
  if (notify.type == NotifyType::authentication_failed) {
    text +=
        ": on its side either our identity " + sa.local_id.text() + " fits no profile, or " +
        (sa.peer->local_auth.kind == AuthKind::shared_key
             ? std::string("the secret for it is not ours")
             : "it does not believe our signature " + name(sa.handshake->own_signature.scheme) +
                   (sa.peer->local_auth.certificates.empty() ? ", or wants a certificate, which we have not"
                                                             : ", or our certificate"));
  }
  return text;
}

}  // namespace

NextResult<AuthSent, Closed> on_own_auth(AuthSigning&, AuthDone& done, Context& context) {
  IkeSa& sa = context.sa;
  if (done.status.has_error()) return Closed{"cannot compute our AUTH: " + done.status.error().reason};
  std::vector<Payload> payloads;
  payloads.emplace_back(IdPayload{PayloadType::idi, sa.local_id, {}});
  add_certificates(sa, payloads);
  add_certificate_requests({sa.peer}, payloads);
  const IdentityPattern remote = remote_pattern(sa, *sa.peer);
  if (sa.peer->remote_id && remote.is_exact())
    payloads.emplace_back(IdPayload{PayloadType::idr, *remote.pattern(), {}});
  payloads.emplace_back(own_auth(sa, done.auth));
  if (sa.peer->initial_contact && is_initial_contact(context))
    payloads.emplace_back(make_notify(NotifyType::initial_contact));
  add_mobility(context, payloads);
  offer_first_child(context, payloads);
  RETURN_IF_ERROR(send_request(context, ExchangeType::ike_auth, payloads));
  step(context, "IKE_AUTH sent to " + sa.remote.text() + " as " + sa.local_id.text());
  return AuthSent{};
}

NextResult<AuthVerifying, Closed> on_auth_response(AuthSent&, Message& message, Context& context) {
  IkeSa& sa = context.sa;
  request_answered(context);
  const auto* auth = message.find<AuthPayload>();
  const auto* id = message.find_id(PayloadType::idr);
  if (auth == nullptr || id == nullptr) {
    if (const auto* error = message.first_error()) return Closed{explain(context, *error)};
    return refuse_responder(context, "the responder sends no AUTH");
  }
  sa.remote_id = id->id;
  const IdentityPattern expected = remote_pattern(sa, *sa.peer);
  if (!expected.matches(id->id)) {
    return refuse_responder(context,
                            "the responder is " + id->id.text() + ", our profile expects " + expected.text());
  }
  auto proof = accept_auth(sa.peer->remote_auth, *auth);
  if (proof.has_error())
    return refuse_responder(context, "AUTH of the responder " + id->id.text() + " is refused for profile " +
                                         sa.peer->name + ": " + proof.error().reason);
  // RFC 7296 2.15: the ID payload is covered as it was received, reserved octets included.
  const JobId job = ask_for_verdict(
      context, sa.peer->remote_auth.credential, std::move(*proof),
      signed_octets(*sa.prf, sa.handshake->init_response, sa.handshake->nonce_i, sa.keys.sk_pr, id->body),
      message);
  return AuthVerifying{job, std::move(message)};
}

NextResult<Idle, Closed> on_auth_verified(AuthVerifying& state, VerifyDone& done, Context& context) {
  IkeSa& sa = context.sa;
  if (done.status.has_error()) {
    return refuse_responder(context, "AUTH of the responder " + sa.remote_id.text() +
                                         " does not verify: " + done.status.error().reason);
  }
  establish(context);
  if (const auto lifetime = auth_lifetime(state.response)) limit_authentication(context, *lifetime);
  take_mobility(context, state.response);
  const auto taken = take_first_child(context, state.response);
  sa.handshake.reset();
  // RFC 7296 2.21.3
  if (taken.has_error())
    return Closed{"the peer's response is unusable: " + taken.error().reason, true, true};
  return Idle{};
}

}  // namespace ikev2
