// IKE_SA_INIT as initiator, RFC 7296 1.2, 2.6 (COOKIE), 2.7 (INVALID_KE_PAYLOAD), 2.21.1.
//
//   HDR, [N(COOKIE)], SAi1, KEi, Ni, N(NAT_DETECTION_*), V   -->
//                                  <--   HDR, SAr1, KEr, Nr, N(NAT_DETECTION_*), [CERTREQ], V

#include "ikev2/auth/signed_octets.h"
#include "ikev2/exchange/authenticate.h"
#include "ikev2/exchange/handlers.h"
#include "ikev2/exchange/ike_ciphers.h"
#include "ikev2/exchange/key_exchange.h"
#include "ikev2/exchange/nat_detection.h"
#include "ikev2/exchange/report.h"
#include "ikev2/exchange/send.h"
#include "ikev2/exchange/traps.h"

namespace ikev2 {
namespace {

constexpr int kMaxCookieRounds = 4;

// The address to try: the first that our configured address can speak to.
std::optional<ResolvedAddress> pick_address(const PeerConfig& peer,
                                            const std::vector<ResolvedAddress>& found) {
  for (const ResolvedAddress& address : found) {
    if (!peer.local_address) return address;
    if (peer.local_address->family() == address.remote.family())
      return ResolvedAddress{address.remote, *peer.local_address};
  }
  return {};
}

JobId generate(Context& context, crypto::Ke method) {
  Handshake& handshake = *context.sa.handshake;
  handshake.method = method;
  handshake.tried.push_back(method);
  return start_generating(context, method);
}

base::Status send_init(Context& context, const crypto::KeyExchange& own) {
  IkeSa& sa = context.sa;
  Handshake& handshake = *sa.handshake;
  std::vector<Payload> payloads;
  // RFC 7296 2.6: the cookie MUST be the first payload of the repeated request.
  if (!handshake.cookie.empty()) payloads.emplace_back(make_notify(NotifyType::cookie, handshake.cookie));
  payloads.emplace_back(SaPayload{handshake.offered});
  payloads.emplace_back(KePayload{own.method(), own.public_value()});
  payloads.emplace_back(NoncePayload{handshake.nonce_i});
  add_nat_detection(context, payloads);
  add_hash_algorithms({sa.peer}, payloads);
  if (context.core.config.fragments.enabled)
    payloads.emplace_back(make_notify(NotifyType::ikev2_fragmentation_supported));
  if (sa.peer->encap == Encap::automatic) payloads.emplace_back(VendorPayload{udp_vendor_id()});
  RETURN_IF_ERROR(send_request(context, ExchangeType::ike_sa_init, payloads));
  handshake.init_request = sa.ours.wire;
  step(context, "IKE_SA_INIT sent to " + sa.remote.text() + " (" + crypto::name(own.method()) + ")");
  return {};
}

// RFC 7296 2.6: the responder wants the same request again, with its cookie in front.
base::Status resend_with_cookie(Context& context, const NotifyPayload& cookie,
                                const crypto::KeyExchange& own) {
  Handshake& handshake = *context.sa.handshake;
  // RFC 7296 2.6: "The notification data … MUST be between 1 and 64 octets in length".
  if (cookie.data.empty() || cookie.data.size() > 64)
    return base::malformed("COOKIE is not 1 to 64 octets long");
  if (base::equal(cookie.data, handshake.cookie)) return base::misbehaved("the same COOKIE came again");
  if (++handshake.cookie_rounds > kMaxCookieRounds)
    return base::misbehaved("the responder asks for cookies without end");
  handshake.cookie = cookie.data;
  context.core.deadlines.cancel(owner_of(context.sa), DeadlineKind::refusal);
  step(context, "the responder asks for a cookie");
  return send_init(context, own);
}

std::string explain_refusal(const Context& context, const NotifyPayload& notify) {
  std::string text = "the peer refuses IKE_SA_INIT with " + name(notify.type);
  if (notify.type == NotifyType::no_proposal_chosen) {
    text += ": none of our IKE proposals fits the peer's; we offered " +
            ikev2::text(context.sa.handshake->offered);
  }
  return text;
}

// An answer in clear may be forged: note it, and wait a little for a better one (RFC 7296 2.21.1).
NextResult<InitSent, InitGenerating, InitAgreeing> wait_for_better(InitSent& state,
                                                                   const NotifyPayload& notify,
                                                                   Context& context) {
  const std::string reason = explain_refusal(context, notify);
  if (!state.refusal) {
    context.core.deadlines.set(owner_of(context.sa), DeadlineKind::refusal,
                               context.now + std::chrono::seconds(1));
    step(context, reason);
  }
  state.refusal = base::incompatible(reason);
  return Next<InitSent, InitGenerating, InitAgreeing>(std::move(state));
}

// Takes what the responder has chosen. Nothing of the SA is changed on failure.
base::Status accept_init(Context& context, const Message& message) {
  IkeSa& sa = context.sa;
  Handshake& handshake = *sa.handshake;
  const auto& answer = message.find<SaPayload>()->proposals;
  const auto* ke = message.find<KePayload>();
  ASSIGN_OR_RETURN(ChosenProposal chosen, check_answer(answer, handshake.offered));
  // RFC 7296 1.2: the responder "MUST" choose the group of the KE payload that it accepts.
  if (chosen.ke != ke->method || ke->method != handshake.method) {
    return base::misbehaved("the responder answers with another key exchange than it was sent");
  }
  if (message.header.spi_r.value == 0) return base::malformed("the responder's SPI is zero");

  sa.spi_r = message.header.spi_r;
  sa.suite = {chosen.cipher, chosen.prf, chosen.ke};
  handshake.chosen = std::move(chosen);
  handshake.nonce_r = message.find<NoncePayload>()->nonce;
  handshake.peer_public = ke->data;
  handshake.init_response = base::to_bytes(context.wire);
  detect_nat(context, message);
  take_hash_algorithms(sa, message);
  sa.fragmentation = takes_fragments(context.core, message);
  handshake.peer_is_ikev2d = offers_udp(message);
  handshake.peer_takes_childless = message.find_notify(NotifyType::childless_ikev2_supported) != nullptr;
  sa.force_udp =
      sa.peer->encap == Encap::udp || (sa.peer->encap == Encap::automatic && handshake.peer_is_ikev2d);
  return {};
}

}  // namespace

NextResult<InitGenerating, Closed> on_resolved(Resolving&, ResolveDone& done, Context& context) {
  IkeSa& sa = context.sa;
  Handshake& handshake = *sa.handshake;
  if (done.status.has_error())
    return Closed{"cannot find " + handshake.host + ": " + done.status.error().reason};
  const auto address = pick_address(*sa.peer, done.addresses);
  if (!address) return Closed{"no address of " + handshake.host + " can be reached from our address"};

  sa.natt = sa.peer->remote_port == context.core.config.natt_port;
  sa.local = {address->local, sa.natt ? context.core.config.natt_port : context.core.config.ike_port};
  sa.remote = {address->remote, sa.peer->remote_port};
  sa.local_id = local_identity(sa, *sa.peer);
  if (const PeerRuntime* peer = context.core.peers.find(sa.peer->name))
    place_traps(*peer, sa.local, sa.remote, context.out);
  handshake.offered = to_offer(sa.peer->proposals, {});
  // RFC 7296 2.10: at least half the key size of the PRF, 16 to 256 octets: 32 suits every PRF.
  handshake.nonce_i = context.core.rng.bytes(32);
  const auto groups = key_exchanges(handshake.offered);
  if (groups.empty()) return Closed{"the profile names no key exchange"};
  return InitGenerating{generate(context, groups.front())};
}

NextResult<InitSent, Closed> on_public_value(InitGenerating&, KeDone& done, Context& context) {
  if (done.status.has_error()) return Closed{"key exchange failed: " + done.status.error().reason};
  RETURN_IF_ERROR(send_init(context, *done.own));
  return InitSent{std::move(done.own), {}};
}

NextResult<InitSent, InitGenerating, InitAgreeing> on_init_response(InitSent& state, Message& message,
                                                                    Context& context) {
  IkeSa& sa = context.sa;
  if (const auto* cookie = message.find_notify(NotifyType::cookie); cookie && !message.find<SaPayload>()) {
    RETURN_IF_ERROR(resend_with_cookie(context, *cookie, *state.own));
    return Next<InitSent, InitGenerating, InitAgreeing>(std::move(state));
  }
  if (const auto* invalid = message.find_notify(NotifyType::invalid_ke_payload)) {
    const Handshake& handshake = *sa.handshake;
    ASSIGN_OR_RETURN(const crypto::Ke wanted, group_wanted(*invalid, handshake.offered, handshake.tried));
    context.core.deadlines.cancel(owner_of(sa), DeadlineKind::retransmit);
    context.core.deadlines.cancel(owner_of(sa), DeadlineKind::refusal);
    sa.ours.wire.clear();
    step(context, "the responder wants " + crypto::name(wanted));
    return Next<InitSent, InitGenerating, InitAgreeing>(InitGenerating{generate(context, wanted)});
  }
  if (const auto* error = message.first_error()) return wait_for_better(state, *error, context);

  RETURN_IF_ERROR(accept_init(context, message));
  request_answered(context);
  context.core.deadlines.cancel(owner_of(sa), DeadlineKind::refusal);
  step(context, "IKE_SA_INIT answered: " + ikev2::text(Proposals{sa.handshake->chosen->proposal}));
  const JobId job = start_agreeing(context, sa.suite.ke, std::move(state.own), sa.handshake->peer_public);
  return Next<InitSent, InitGenerating, InitAgreeing>(InitAgreeing{job});
}

NextResult<AuthSigning, Closed> on_shared_secret(InitAgreeing&, KeDone& done, Context& context) {
  IkeSa& sa = context.sa;
  Handshake& handshake = *sa.handshake;
  if (done.status.has_error())
    return Closed{"the responder's public value is refused: " + done.status.error().reason};
  RETURN_IF_ERROR(make_ike_ciphers(context, done.shared_secret));
  move_to_natt_port(context);

  auto job = ask_for_auth(context, signed_octets(*sa.prf, handshake.init_request, handshake.nonce_r,
                                                 sa.keys.sk_pi, id_body(sa.local_id)));
  if (job.has_error()) return Closed{"cannot prove who we are: " + job.error().reason};
  return AuthSigning{*job};
}

}  // namespace ikev2
