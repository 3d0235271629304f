// IKE_SA_INIT as responder, RFC 7296 1.2, 2.6, 2.7. Until the cookie policy is satisfied and a proposal is
// chosen, nothing is remembered of the initiator.

#include "ikev2/exchange/authenticate.h"
#include "ikev2/exchange/handlers.h"
#include "ikev2/exchange/ike_ciphers.h"
#include "ikev2/exchange/key_exchange.h"
#include "ikev2/exchange/nat_detection.h"
#include "ikev2/exchange/report.h"
#include "ikev2/exchange/send.h"
#include "ikev2/message/rules.h"

namespace ikev2 {
namespace {

struct InitRequest {
  const Datagram& datagram;
  const Header& header;
  Message message;
  std::vector<PeerConfigPtr> candidates;
  bool proved = false;  // by a COOKIE that we made for this address
};

void refuse(Core& core, const InitRequest& request, NotifyPayload notify, const std::string& reason,
            base::Instant now, Actions& out) {
  core.counters.add(IkeCounter::refused);
  report(out, base::LogLevel::warning, "ike-refused",
         "IKE_SA_INIT refused with " + name(notify.type) + (reason.empty() ? "" : ": " + reason),
         request.datagram.remote);
  send_stranger_reply(core, request.datagram, request.header, std::move(notify), now, out, request.proved);
}

// Whether COOKIE is asked for: with many SAs half open, in all or of this source. Half of a source's share is
// left to those who prove that they are there, so that forged requests cannot use up the share of an honest
// peer.
bool under_load(const Core& core, const base::IpAddress& remote) {
  const HalfOpenTable& half_open = core.sas.half_open();
  return half_open.count() >= core.config.cookie_threshold ||
         half_open.octets() >= core.config.half_open_octets / 2 ||
         half_open.count_of(remote) >= core.config.half_open_per_source / 2;
}

// RFC 7296 2.6: the cookie "MUST be … the first payload" of the repeated request.
bool has_good_cookie(Core& core, const InitRequest& request, const crypto::PrfFunction& prf,
                     base::Instant now) {
  if (request.message.payloads.empty()) return false;
  const auto* notify = std::get_if<NotifyPayload>(&request.message.payloads.front());
  if (notify == nullptr || notify->type != NotifyType::cookie) return false;
  const auto& nonce = request.message.find<NoncePayload>()->nonce;
  if (core.cookies.verify(prf, notify->data, request.datagram.remote, request.header.spi_i, nonce, now)) {
    return true;
  }
  core.counters.add(IkeCounter::cookie_wrong);
  return false;
}

// RFC 7296 2.6: under load the initiator first proves that it can receive at its address.
bool satisfies_cookie_policy(Core& core, InitRequest& request, base::Instant now, Actions& out) {
  const auto& remote = request.datagram.remote;
  if (!under_load(core, remote.address)) return true;
  const auto prf = core.provider.prf(crypto::Prf::hmac_sha2_256);
  if (prf.has_error()) {
    drop(core, IkeCounter::refused, request.datagram, "no cookie can be made: " + prf.error().reason, out);
    return false;
  }
  request.proved = has_good_cookie(core, request, **prf, now);
  if (request.proved) return true;
  core.counters.add(IkeCounter::cookie_sent);
  const auto& nonce = request.message.find<NoncePayload>()->nonce;
  const auto fresh = core.cookies.make(**prf, remote, request.header.spi_i, nonce, now);
  send_stranger_reply(core, request.datagram, request.header, make_notify(NotifyType::cookie, fresh), now,
                      out);
  return false;
}

// What a half-open SA holds of the peer's making, and about what it takes itself.
std::size_t octets_of(const InitRequest& request) {
  constexpr std::size_t kOwn = 4096;
  return kOwn + 2 * request.datagram.message.size();
}

// RFC 8019 4.2: bounds that hold even for those who answer cookies.
bool has_room(Core& core, const InitRequest& request, Actions& out) {
  const HalfOpenTable& half_open = core.sas.half_open();
  if (half_open.count_of(request.datagram.remote.address) >= core.config.half_open_per_source) {
    drop(core, IkeCounter::half_open_source, request.datagram,
         "too many IKE SAs of this source are half open", out);
    return false;
  }
  if (half_open.count() >= core.config.half_open_limit ||
      half_open.octets() + octets_of(request) > core.config.half_open_octets) {
    drop(core, IkeCounter::half_open_limit, request.datagram, "too many IKE SAs are half open", out);
    return false;
  }
  return true;
}

// RFC 7296 1.2 and 2.7: rejects with the group that we accept; the initiator tries again.
void ask_for_group(Core& core, const InitRequest& request, crypto::Ke method, base::Instant now,
                   Actions& out) {
  report(out, base::LogLevel::info, "ike-retry-group", "asking for " + crypto::name(method),
         request.datagram.remote);
  send_stranger_reply(core, request.datagram, request.header, invalid_ke(method), now, out, request.proved);
}

base::Result<InitRequest> read_request(Core& core, const Datagram& datagram, const Header& header) {
  InitRequest request{datagram, header, {header, {}}, {}};
  ASSIGN_OR_RETURN(request.message.payloads,
                   parse_chain(header.next_payload, datagram.message.subspan(kHeaderSize)));
  RETURN_IF_ERROR(check_rules(request.message));
  request.candidates = core.peers.candidates(datagram.local.address, datagram.remote.address);
  return request;
}

// The first candidate whose proposals fit; the others that fit as well stay, in order: AUTH decides among
// them.
base::Result<ChosenProposal> choose_among(InitRequest& request) {
  const auto& offered = request.message.find<SaPayload>()->proposals;
  const crypto::Ke preferred = request.message.find<KePayload>()->method;
  std::vector<PeerConfigPtr> fitting;
  std::optional<ChosenProposal> first;
  std::optional<base::Error> nearest;
  for (const auto& peer : request.candidates) {
    auto chosen = choose(offered, peer->proposals, preferred);
    if (chosen.has_error()) {
      if (!nearest) nearest = base::incompatible("profile " + peer->name + ": " + chosen.error().reason);
      continue;
    }
    fitting.push_back(peer);
    if (!first) first = std::move(*chosen);
  }
  request.candidates = std::move(fitting);
  if (!first) return *nearest;
  return std::move(*first);
}

void begin(Core& core, InitRequest& request, ChosenProposal chosen, base::Instant now, Actions& out) {
  auto fresh = std::make_unique<IkeSa>();
  fresh->peer = request.candidates.front();
  fresh->spi_i = request.header.spi_i;
  fresh->spi_r = draw_ike_spi(core);
  fresh->local = request.datagram.local;
  fresh->remote = request.datagram.remote;
  fresh->natt = request.datagram.natt;
  fresh->created_at = now;
  fresh->suite = {chosen.cipher, chosen.prf, chosen.ke};
  fresh->theirs.path = {fresh->local, fresh->remote, fresh->natt};
  fresh->fragmentation = takes_fragments(core, request.message);
  fresh->theirs.digest = core.provider.sha1({request.datagram.message});
  fresh->handshake = std::make_unique<Handshake>();
  Handshake& handshake = *fresh->handshake;
  handshake.candidates = request.candidates;
  handshake.nonce_i = request.message.find<NoncePayload>()->nonce;
  handshake.nonce_r = core.rng.bytes(32);
  handshake.init_request = base::to_bytes(request.datagram.message);
  handshake.peer_public = request.message.find<KePayload>()->data;
  handshake.peer_is_ikev2d = offers_udp(request.message);
  handshake.chosen = std::move(chosen);

  const bool loaded = under_load(core, request.datagram.remote.address);
  IkeSa& sa = core.sas.add_half_open(std::move(fresh), octets_of(request));
  Context context{core, sa, now, out};
  detect_nat(context, request.message);
  take_hash_algorithms(sa, request.message);
  const Encap encap = sa.peer->encap;
  sa.force_udp = encap == Encap::udp || (encap == Encap::automatic && sa.handshake->peer_is_ikev2d);
  core.deadlines.set(owner_of(sa), DeadlineKind::half_open,
                     now + (loaded ? core.config.loaded_half_open_timeout : core.config.half_open_timeout));
  sa.theirs.state = InitResponding{start_agreeing(context, sa.suite.ke, {}, sa.handshake->peer_public)};
}

}  // namespace

void respond_to_init(Core& core, const Datagram& datagram, const Header& header, base::Instant now,
                     Actions& out) {
  auto request = read_request(core, datagram, header);
  if (request.has_error()) {
    const base::Error& error = request.error();
    drop(core, IkeCounter::malformed_packet, datagram, "IKE_SA_INIT: " + error.reason, out);
    // RFC 7296 2.5: an unknown payload with the critical bit is named to the sender; other nonsense is not
    // answered.
    if (error.notify == static_cast<std::uint16_t>(NotifyType::unsupported_critical_payload)) {
      send_stranger_reply(core, datagram, header,
                          make_notify(NotifyType::unsupported_critical_payload, error.notify_data), now, out);
    }
    return;
  }
  if (request->candidates.empty()) {
    core.counters.add(IkeCounter::no_peer);
    refuse(core, *request, make_notify(NotifyType::no_proposal_chosen),
           "no profile is for a peer at " + datagram.remote.address.text() + " towards " +
               datagram.local.address.text(),
           now, out);
    return;
  }
  if (!satisfies_cookie_policy(core, *request, now, out)) return;
  auto chosen = choose_among(*request);
  if (chosen.has_error()) {
    refuse(core, *request, make_notify(NotifyType::no_proposal_chosen), chosen.error().reason, now, out);
    return;
  }
  if (chosen->ke != request->message.find<KePayload>()->method) {
    return ask_for_group(core, *request, chosen->ke, now, out);
  }
  if (!has_room(core, *request, out)) return;
  begin(core, *request, std::move(*chosen), now, out);
}

NextResult<HalfOpen, Closed> on_responder_ke(InitResponding&, KeDone& done, Context& context) {
  IkeSa& sa = context.sa;
  Handshake& handshake = *sa.handshake;
  // A public value that is refused (RFC 6989) gets no answer: it is no honest mistake.
  if (done.status.has_error()) return Closed{"key exchange failed: " + done.status.error().reason};
  RETURN_IF_ERROR(make_ike_ciphers(context, done.shared_secret));
  std::vector<Payload> payloads;
  payloads.emplace_back(SaPayload{{handshake.chosen->proposal}});
  payloads.emplace_back(KePayload{sa.suite.ke, std::move(done.public_value)});
  payloads.emplace_back(NoncePayload{handshake.nonce_r});
  add_nat_detection(context, payloads);
  // RFC 7427 4: answered where the initiator has announced its own.
  if (!handshake.peer_hashes.empty()) add_hash_algorithms(handshake.candidates, payloads);
  add_certificate_requests(handshake.candidates, payloads);
  // RFC 7383 2.3: the responder answers with it where both sides speak it.
  if (sa.fragmentation) payloads.emplace_back(make_notify(NotifyType::ikev2_fragmentation_supported));
  if (sa.peer->encap == Encap::automatic && handshake.peer_is_ikev2d)
    payloads.emplace_back(VendorPayload{udp_vendor_id()});
  payloads.emplace_back(make_notify(NotifyType::childless_ikev2_supported));  // RFC 6023 3
  RETURN_IF_ERROR(send_response(context, ExchangeType::ike_sa_init, payloads));
  handshake.init_response = sa.theirs.response;
  return HalfOpen{};
}

}  // namespace ikev2
