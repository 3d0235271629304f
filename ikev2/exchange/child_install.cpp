// A child that is agreed on becomes SAs.

#include "ikev2/exchange/child_setup.h"
#include "ikev2/exchange/report.h"
#include "ikev2/keys/child_keys.h"
#include "ikev2/sa/lifetime.h"

namespace ikev2 {
namespace {

// Longest wait of a responder for the initiator's first packet on the new child.
constexpr base::Duration kSwitchOver = std::chrono::seconds(3);

// A limit 5 to 10 % before the hard one, at random: rekeys of SAs born together do not all come at once.
std::uint64_t soft_limit(std::uint64_t hard, base::Rng& rng) {
  if (hard == 0) return 0;  // none
  return hard - static_cast<std::uint64_t>(static_cast<double>(hard) * (0.05 + 0.05 * fraction(rng)));
}

void set_lifetime(Context& context, ChildSa& child) {
  child.installed_at = context.now;
  child.expires_at = context.now + child.config.lifetime;
  child.rekey_at = renewal_of(context.now, child.config.lifetime, child.config.jitter, context.core.rng);
  context.core.deadlines.set(owner_of(child.id), DeadlineKind::rekey, child.rekey_at);
  context.core.deadlines.set(owner_of(child.id), DeadlineKind::expiry, child.expires_at);
}

// Both SAs of the child, for the data path.
InstallChild to_install(Context& context, const ChildSa& child) {
  const IkeSa& sa = context.sa;
  InstallChild action;
  action.id = child.id;
  action.profile = sa.peer->name;
  action.child = child.config.name;
  action.ike_spi_i = sa.spi_i;
  action.ike_spi_r = sa.spi_r;
  action.suite = child.suite;
  action.mode = child.mode;
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
  // RFC 7296 1.3.1: the peer "will not accept packets that contain Traffic Flow Confidentiality (TFC)
  // padding".
  action.tfc_size = child.takes_padding ? child.config.tfc_size : 0;
  action.dummy_every = child.config.dummy_every;
  action.lifetime_bytes = child.config.lifetime_bytes;
  action.lifetime_packets = child.config.lifetime_packets;
  action.soft_bytes = soft_limit(action.lifetime_bytes, context.core.rng);
  action.soft_packets = soft_limit(action.lifetime_packets, context.core.rng);
  action.inactivity = child.config.inactivity;
  action.outbound_later = child.outbound_waits;
  return action;
}

void tell(Context& context, const ChildSa& child, const ChosenProposal& chosen, bool rekeyed) {
  const std::string text = "child " + child.config.name + (rekeyed ? " rekeyed: " : " installed: ") +
                           spd::text(child.selectors.local) + " === " + spd::text(child.selectors.remote) +
                           ", " + ikev2::text(Proposals{chosen.proposal}) +
                           (child.mode == Mode::transport ? ", transport mode" : "") +
                           (context.sa.udp_encap() ? ", in UDP" : "");
  report(context, child, rekeyed ? Report::Kind::child_rekeyed : Report::Kind::child_up, base::LogLevel::info,
         rekeyed ? "child-rekeyed" : "child-up", text);
  step(context, text);
}

}  // namespace

base::ChildId install_child(Context& context, AgreedChild agreed, const ChildMaking& making) {
  IkeSa& sa = context.sa;
  ChildSa child;
  child.id = base::ChildId{context.core.next_child++};
  child.config = std::move(agreed.config);
  child.suite = {static_cast<crypto::IpsecProtocol>(agreed.chosen.proposal.protocol),
                 child.config.cipher_for(agreed.chosen.cipher), agreed.chosen.ke, agreed.chosen.esn};
  child.mode = agreed.mode;
  child.spi_in = agreed.spi_in;
  child.spi_out = agreed.spi_out;
  child.selectors = std::move(agreed.selectors);
  child.we_initiated = making.we_initiated;
  child.takes_padding = agreed.takes_padding;
  child.outbound_waits = making.outbound_later;
  child.keys = derive_child_keys(child.suite, *sa.prf, sa.keys.sk_d, making.shared_secret, making.nonce_i,
                                 making.nonce_r);
  set_lifetime(context, child);
  context.out.push_back(to_install(context, child));
  if (child.outbound_waits) {
    context.core.deadlines.set(owner_of(child.id), DeadlineKind::switch_over, context.now + kSwitchOver);
  }
  context.core.child_owner[child.id] = sa.id;
  context.core.remote_networks.add(child.id, child.selectors.remote);
  tell(context, child, agreed.chosen, making.rekeys.has_value());
  sa.children.push_back(std::move(child));
  // Only now the attempt is a success: an IKE SA whose child is refused must not start the backoff anew.
  if (PeerRuntime* peer = context.core.peers.find(sa.peer->name)) peer->failures = 0;
  return sa.children.back().id;
}

}  // namespace ikev2
