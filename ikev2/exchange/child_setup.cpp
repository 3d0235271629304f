#include "ikev2/exchange/child_setup.h"

#include "ikev2/exchange/report.h"
#include "ikev2/keys/child_keys.h"
#include "ikev2/sa/lifetime.h"

namespace ikev2 {
namespace {

base::Error with_notify(base::Error error, NotifyType type) {
  error.notify = static_cast<std::uint16_t>(type);
  return error;
}

// Where the profile leaves selectors out: the outer addresses.
spd::SelectorPair configured_selectors(const IkeSa& sa, const ChildConfig& child) {
  spd::SelectorPair pair{child.local_ts, child.remote_ts};
  if (pair.local.empty()) pair.local = {spd::TrafficSelector::of(sa.local.address)};
  if (pair.remote.empty()) pair.remote = {spd::TrafficSelector::of(sa.remote.address)};
  return pair;
}

base::Bytes spi_bytes(base::Spi spi) {
  base::Bytes bytes(4);
  base::store_be32(bytes.data(), spi.value);
  return bytes;
}

const ChildConfig* wanted_child(const IkeSa& sa) {
  const auto& peer = *sa.peer;
  if (sa.handshake->wanted_child) return peer.find_child(*sa.handshake->wanted_child);
  for (const ChildConfig& child : peer.children) {
    if (child.start == Start::up) return &child;
  }
  return peer.children.empty() ? nullptr : &peer.children.front();
}

void set_lifetime(Context& context, ChildSa& child) {
  child.installed_at = context.now;
  child.expires_at = context.now + child.config.lifetime;
  child.rekey_at = renewal_of(context.now, child.config.lifetime, child.config.jitter, context.core.rng);
  // The IKE SA's expiry deadline is that of whichever ends first.
  if (child.expires_at < context.sa.expires_at) {
    context.core.deadlines.set(owner_of(context.sa), DeadlineKind::expiry, child.expires_at);
  }
}

// Both SAs of the child, for the data path.
InstallChild to_install(const IkeSa& sa, const ChildSa& child) {
  InstallChild action;
  action.id = child.id;
  action.profile = sa.peer->name;
  action.child = child.config.name;
  action.ike_spi_i = sa.spi_i;
  action.ike_spi_r = sa.spi_r;
  action.suite = child.suite;
  action.mode = Mode::tunnel;
  action.spi_in = child.spi_in;
  action.spi_out = child.spi_out;
  const auto& from_initiator = child.keys.initiator_to_responder;
  const auto& from_responder = child.keys.responder_to_initiator;
  action.keys_out = (child.we_initiated ? from_initiator : from_responder).clone();
  action.keys_in = (child.we_initiated ? from_responder : from_initiator).clone();
  action.selectors = child.selectors;
  action.local = sa.local;
  action.remote = sa.remote;
  action.udp_encap = sa.udp_encap();
  action.replay_window = child.config.replay_window;
  action.lifetime_bytes = child.config.lifetime_bytes;
  action.lifetime_packets = child.config.lifetime_packets;
  return action;
}

// Derives the keys, hands both SAs to the data path, and keeps the child.
void install(Context& context, const ChildConfig& config, const ChosenProposal& chosen,
             spd::SelectorPair selectors, base::Spi spi_in, base::Spi spi_out) {
  IkeSa& sa = context.sa;
  ChildSa child;
  child.id = base::ChildId{context.core.next_child++};
  child.config = config;
  child.suite = {static_cast<crypto::IpsecProtocol>(chosen.proposal.protocol), chosen.cipher,
                 crypto::Ke::none, chosen.esn};
  child.spi_in = spi_in;
  child.spi_out = spi_out;
  child.selectors = std::move(selectors);
  child.we_initiated = sa.initiator;
  child.keys =
      derive_child_keys(child.suite, *sa.prf, sa.keys.sk_d, {}, sa.handshake->nonce_i, sa.handshake->nonce_r);
  set_lifetime(context, child);
  context.out.push_back(to_install(sa, child));

  sa.handshake->child_spi = base::Spi{};  // the child owns it now
  const std::string text = "child " + config.name + " installed: " + spd::text(child.selectors.local) +
                           " === " + spd::text(child.selectors.remote) + ", " +
                           ikev2::text(Proposals{chosen.proposal}) + (sa.udp_encap() ? ", in UDP" : "");
  sa.children.push_back(std::move(child));
  // Only now the attempt is a success: an IKE SA whose child is refused must not start the backoff anew.
  if (PeerRuntime* peer = context.core.peers.find(sa.peer->name)) peer->failures = 0;
  report(context, Report::Kind::child_up, base::LogLevel::info, "child-up", text);
  step(context, text);
}

base::Spi peer_spi(const Proposal& proposal) { return base::Spi{base::load_be32(proposal.spi.data())}; }

// Whether one configured child fits the request; the error says what does not, and carries the notify.
base::Status try_child(Context& context, const ChildConfig& config, const Message& request,
                       std::vector<Payload>& payloads) {
  IkeSa& sa = context.sa;
  // RFC 7296 1.2: there is no key exchange of its own in IKE_AUTH; transforms of that type are not looked at.
  auto chosen = choose(without_ke(request.find<SaPayload>()->proposals), without_ke(config.proposals),
                       crypto::Ke::none);
  if (chosen.has_error()) return with_notify(std::move(chosen).error(), NotifyType::no_proposal_chosen);

  const auto ours = configured_selectors(sa, config);
  const auto& tsi = request.find_ts(PayloadType::tsi)->selectors;
  const auto& tsr = request.find_ts(PayloadType::tsr)->selectors;
  spd::SelectorPair agreed{spd::narrow(tsr, ours.local), spd::narrow(tsi, ours.remote)};
  if (agreed.local.empty() || agreed.remote.empty()) {
    const bool local = agreed.local.empty();
    return with_notify(
        base::incompatible("selectors do not fit child " + config.name + ": the peer asks for " +
                           (local ? "our side " + spd::text(tsr) : "its side " + spd::text(tsi)) +
                           ", we allow " + spd::text(local ? ours.local : ours.remote)),
        NotifyType::ts_unacceptable);
  }
  const base::Spi spi_out = peer_spi(chosen->proposal);
  const base::Spi spi_in = context.core.spis.draw();
  Proposal answer = chosen->proposal;
  answer.spi = spi_bytes(spi_in);
  payloads.emplace_back(SaPayload{{answer}});
  payloads.emplace_back(TsPayload{PayloadType::tsi, agreed.remote, 0});
  payloads.emplace_back(TsPayload{PayloadType::tsr, agreed.local, 0});
  install(context, config, *chosen, std::move(agreed), spi_in, spi_out);
  return {};
}

}  // namespace

base::Status offer_child(Context& context, std::vector<Payload>& payloads) {
  IkeSa& sa = context.sa;
  Handshake& handshake = *sa.handshake;
  const ChildConfig* config = wanted_child(sa);
  if (config == nullptr) return base::local_error("the profile has no such child");
  handshake.child_name = config->name;
  handshake.child_spi = context.core.spis.draw();
  handshake.child_selectors = configured_selectors(sa, *config);
  handshake.child_offered = to_offer(without_ke(config->proposals), spi_bytes(handshake.child_spi));
  payloads.emplace_back(SaPayload{handshake.child_offered});
  payloads.emplace_back(TsPayload{PayloadType::tsi, handshake.child_selectors.local, 0});
  payloads.emplace_back(TsPayload{PayloadType::tsr, handshake.child_selectors.remote, 0});
  return {};
}

base::Status take_child_answer(Context& context, const Message& response) {
  IkeSa& sa = context.sa;
  Handshake& handshake = *sa.handshake;
  if (const auto* error = response.first_error()) {
    std::string reason = "the peer refuses child " + handshake.child_name + " with " + name(error->type);
    if (error->type == NotifyType::no_proposal_chosen)
      reason += "; we offered " + ikev2::text(handshake.child_offered);
    if (error->type == NotifyType::ts_unacceptable) {
      reason += "; we asked for our side " + spd::text(handshake.child_selectors.local) + " and its side " +
                spd::text(handshake.child_selectors.remote);
    }
    return base::incompatible(reason);
  }
  const auto* answer = response.find<SaPayload>();
  const auto* tsi = response.find_ts(PayloadType::tsi);
  const auto* tsr = response.find_ts(PayloadType::tsr);
  if (answer == nullptr || tsi == nullptr || tsr == nullptr)
    return base::malformed("IKE_AUTH response without SA, TSi or TSr");
  ASSIGN_OR_RETURN(const ChosenProposal chosen, check_answer(answer->proposals, handshake.child_offered));
  // RFC 7296 2.9: the responder may narrow, never widen.
  if (tsi->selectors.empty() || tsr->selectors.empty() ||
      !spd::covered(tsi->selectors, handshake.child_selectors.local) ||
      !spd::covered(tsr->selectors, handshake.child_selectors.remote)) {
    return base::misbehaved("the peer answers selectors that we did not offer: " + spd::text(tsi->selectors) +
                            " === " + spd::text(tsr->selectors));
  }
  const ChildConfig* config = sa.peer->find_child(handshake.child_name);
  install(context, *config, chosen, {tsi->selectors, tsr->selectors}, handshake.child_spi,
          peer_spi(chosen.proposal));
  return {};
}

base::Status answer_child(Context& context, const Message& request, std::vector<Payload>& payloads) {
  if (request.find<SaPayload>() == nullptr || request.find_ts(PayloadType::tsi) == nullptr ||
      request.find_ts(PayloadType::tsr) == nullptr) {
    return with_notify(base::malformed("IKE_AUTH request without SA, TSi or TSr"),
                       NotifyType::invalid_syntax);
  }
  base::Error nearest =
      with_notify(base::incompatible("the profile has no children"), NotifyType::ts_unacceptable);
  for (const ChildConfig& config : context.sa.peer->children) {
    auto status = try_child(context, config, request, payloads);
    if (status.has_value()) return {};
    // Selectors come after proposals: a child that fails at them came closer.
    const bool closer = status.error().notify == static_cast<std::uint16_t>(NotifyType::ts_unacceptable);
    if (closer || &config == &context.sa.peer->children.front()) nearest = std::move(status).error();
  }
  return nearest;
}

}  // namespace ikev2
