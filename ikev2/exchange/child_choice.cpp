// A child as the responder of its exchange sees it.

#include <algorithm>

#include "ikev2/exchange/child_setup.h"
#include "ikev2/exchange/nat_selectors.h"
#include "ikev2/exchange/send.h"

namespace ikev2 {
namespace {

base::Error with_notify(base::Error error, NotifyType type) {
  error.notify = static_cast<std::uint16_t>(type);
  return error;
}

// What the profile offers, without AH where a NAT is on the way.
Proposals usable_proposals(const IkeSa& sa, const ChildConfig& config) {
  Proposals list = config.proposals;
  if (sa.local_behind_nat || sa.remote_behind_nat) {
    std::erase_if(list, [](const Proposal& proposal) { return proposal.protocol == ProtocolId::ah; });
  }
  return list;
}

// RFC 7296 2.9: the part of what is asked for that the profile allows.
spd::SelectorPair narrow(const spd::SelectorPair& asked, const spd::SelectorPair& ours) {
  return {spd::narrow(asked.local, ours.local), spd::narrow(asked.remote, ours.remote)};
}

base::Status narrow_selectors(const IkeSa& sa, const ChildConfig& config, const Message& request,
                              AgreedChild& agreed) {
  const auto ours = configured_selectors(sa, config);
  const spd::SelectorPair asked{request.find_ts(PayloadType::tsr)->selectors,
                                request.find_ts(PayloadType::tsi)->selectors};
  // RFC 7296 2.23.1: in transport mode the policy is asked about the addresses that are seen here. A profile
  // may also name those that the peer sees.
  const auto seen = config.mode == Mode::transport ? as_seen_here(sa, asked) : std::nullopt;
  if (seen && (agreed.selectors = narrow(*seen, ours)).has_both_sides()) {
    agreed.as_asked = as_asked(agreed.selectors, asked);
    return {};
  }
  if ((agreed.selectors = narrow(asked, ours)).has_both_sides()) return {};
  const bool local = agreed.selectors.local.empty();
  return with_notify(base::incompatible("selectors do not fit child " + config.name + ": the peer asks for " +
                                        (local ? "our side " + spd::text(asked.local)
                                               : "its side " + spd::text(asked.remote)) +
                                        ", we allow " + spd::text(local ? ours.local : ours.remote)),
                     NotifyType::ts_unacceptable);
}

bool overlap(const spd::TrafficSelectors& a, const spd::TrafficSelectors& b) {
  return std::any_of(a.begin(), a.end(), [&](const spd::TrafficSelector& one) {
    return std::any_of(b.begin(), b.end(), [&](const spd::TrafficSelector& other) {
      return spd::intersect(one, other).has_value();
    });
  });
}

// Where a profile admits several peers, what one of them has behind it is not given to another: the newest
// child takes the traffic, and would take the other's. The same peer, which has come back, does take over.
base::Status check_owner(Context& context, const ChildConfig& config, const spd::SelectorPair& wanted) {
  const IkeSa& sa = context.sa;
  if (sa.peer->remote_id && sa.peer->remote_id->is_exact()) return {};  // there is one peer
  for (const base::ChildId id : context.core.remote_networks.overlapping(wanted.remote)) {
    IkeSa* const other = context.core.sas.find(context.core.child_owner.at(id));
    if (other == nullptr || other == &sa || other->peer->name != sa.peer->name) continue;
    if (other->remote_id == sa.remote_id || other->lifecycle == Lifecycle::deleting) continue;
    const ChildSa& child = *other->find_child(id);
    if (child.stopped || !overlap(child.selectors.remote, wanted.remote) ||
        !overlap(child.selectors.local, wanted.local))
      continue;
    return with_notify(base::incompatible("child " + config.name + ": " + spd::text(wanted.remote) +
                                          " overlaps " + spd::text(child.selectors.remote) + ", which " +
                                          other->remote_id.text() + " at " + other->remote.text() + " has"),
                       NotifyType::ts_unacceptable);
  }
  return {};
}

// A child in transport mode takes nothing else; one in tunnel mode declines transport mode by its silence
// (RFC 7296 1.3.1).
base::Status check_mode(const ChildConfig& config, const Message& request) {
  if (config.mode == Mode::tunnel || request.find_notify(NotifyType::use_transport_mode) != nullptr)
    return {};
  return with_notify(
      base::incompatible("the peer asks for tunnel mode, child " + config.name + " is for transport mode"),
      NotifyType::no_proposal_chosen);
}

// Whether one configured child fits the request; the error says what does not, and carries the notify.
base::Result<AgreedChild> try_child(Context& context, const ChildConfig& config, const Message& request,
                                    bool first_child) {
  auto passes = passes_nat(context.sa, config);
  if (passes.has_error()) return with_notify(std::move(passes).error(), NotifyType::no_proposal_chosen);
  const auto& offered = request.find<SaPayload>()->proposals;
  const auto* ke = request.find<KePayload>();
  // RFC 7296 1.2: there is no key exchange of its own in IKE_AUTH; transforms of that type are not looked at.
  auto chosen = first_child
                    ? choose(without_ke(offered), first_child_proposals(context.sa, config), crypto::Ke::none)
                    : choose(offered, later_child_proposals(context.sa, config),
                             ke == nullptr ? crypto::Ke::none : ke->method);
  if (chosen.has_error()) return with_notify(std::move(chosen).error(), NotifyType::no_proposal_chosen);
  RETURN_IF_ERROR(check_mode(config, request));
  AgreedChild agreed;
  RETURN_IF_ERROR(narrow_selectors(context.sa, config, request, agreed));
  RETURN_IF_ERROR(check_owner(context, config, agreed.selectors));
  agreed.config = config;
  agreed.mode = config.mode;
  agreed.takes_padding = request.find_notify(NotifyType::esp_tfc_padding_not_supported) == nullptr;
  agreed.spi_out = base::Spi{base::load_be32(chosen->proposal.spi.data())};
  agreed.chosen = std::move(*chosen);
  return agreed;
}

}  // namespace

spd::SelectorPair configured_selectors(const IkeSa& sa, const ChildConfig& config) {
  spd::SelectorPair pair{config.local_ts, config.remote_ts};
  if (pair.local.empty()) pair.local = {spd::TrafficSelector::of(sa.local.address)};
  if (pair.remote.empty()) pair.remote = {spd::TrafficSelector::of(sa.remote.address)};
  return pair;
}

base::Status passes_nat(const IkeSa& sa, const ChildConfig& config) {
  if (!usable_proposals(sa, config).empty()) return {};
  return base::incompatible(
      "child " + config.name +
      " is for AH, which cannot pass the NAT that is on the way: it covers addresses, and "
      "does not go in UDP");
}

ChildConfig with_selectors_of(const ChildSa& old) {
  ChildConfig config = old.config;
  if (config.local_ts.empty()) config.local_ts = old.selectors.local;
  if (config.remote_ts.empty()) config.remote_ts = old.selectors.remote;
  return config;
}

base::Status check_not_narrower(const ChildSa& old, const spd::SelectorPair& agreed) {
  if (spd::covered(old.selectors.local, agreed.local) && spd::covered(old.selectors.remote, agreed.remote))
    return {};
  return with_notify(
      base::incompatible("rekeyed, child " + old.config.name + " would be narrower: " +
                         spd::text(agreed.local) + " === " + spd::text(agreed.remote) + ", in use are " +
                         spd::text(old.selectors.local) + " === " + spd::text(old.selectors.remote)),
      NotifyType::ts_unacceptable);
}

Proposals first_child_proposals(const IkeSa& sa, const ChildConfig& config) {
  return without_ke(usable_proposals(sa, config));
}

Proposals later_child_proposals(const IkeSa& sa, const ChildConfig& config) {
  if (!config.ike_group_on_rekey) return usable_proposals(sa, config);
  Proposals list = without_ke(usable_proposals(sa, config));
  const Transform group{TransformType::ke, static_cast<std::uint16_t>(sa.suite.ke), 0, true};
  for (Proposal& proposal : list) proposal.transforms.push_back(group);
  // A peer without a key exchange for its children finds the same proposals without one behind.
  const Proposals without = without_ke(usable_proposals(sa, config));
  list.insert(list.end(), without.begin(), without.end());
  return list;
}

std::vector<const ChildConfig*> near_children(const PeerConfig& peer, const Message& request) {
  const auto* tsi = request.find_ts(PayloadType::tsi);
  const auto* tsr = request.find_ts(PayloadType::tsr);
  std::vector<const ChildConfig*> all, near;
  for (const ChildConfig& config : peer.children) {
    all.push_back(&config);
    if (tsi == nullptr || tsr == nullptr) continue;
    // What the others allow depends on the addresses of the IKE SA.
    const bool fixed = config.mode == Mode::tunnel && !config.local_ts.empty() && !config.remote_ts.empty();
    const bool meet =
        !fixed || (overlap(config.remote_ts, tsi->selectors) && overlap(config.local_ts, tsr->selectors));
    if (meet) near.push_back(&config);
  }
  return near.empty() ? all : near;
}

base::Result<AgreedChild> choose_child(Context& context, const Message& request,
                                       const std::vector<const ChildConfig*>& configs, bool first_child) {
  if (request.find<SaPayload>() == nullptr || request.find_ts(PayloadType::tsi) == nullptr ||
      request.find_ts(PayloadType::tsr) == nullptr) {
    return with_notify(base::malformed(name(request.header.exchange) + " request without SA, TSi or TSr"),
                       NotifyType::invalid_syntax);
  }
  base::Error nearest =
      with_notify(base::incompatible("the profile has no children"), NotifyType::ts_unacceptable);
  for (const ChildConfig* config : configs) {
    auto agreed = try_child(context, *config, request, first_child);
    if (agreed.has_value()) {
      agreed->spi_in = context.core.spis.draw();
      return agreed;
    }
    // Selectors come after proposals: a child that fails at them came closer.
    const bool closer = agreed.error().notify == static_cast<std::uint16_t>(NotifyType::ts_unacceptable);
    if (closer || config == configs.front()) nearest = std::move(agreed).error();
  }
  return nearest;
}

void write_child_choice(const AgreedChild& agreed, std::vector<Payload> between, std::vector<Payload>& out) {
  if (agreed.mode == Mode::transport) out.emplace_back(make_notify(NotifyType::use_transport_mode));
  Proposal answer = agreed.chosen.proposal;
  answer.spi.resize(4);
  base::store_be32(answer.spi.data(), agreed.spi_in.value);
  out.emplace_back(SaPayload{{answer}});
  for (Payload& payload : between) out.push_back(std::move(payload));
  const spd::SelectorPair& told = agreed.as_asked ? *agreed.as_asked : agreed.selectors;
  out.emplace_back(TsPayload{PayloadType::tsi, told.remote, 0});
  out.emplace_back(TsPayload{PayloadType::tsr, told.local, 0});
}

}  // namespace ikev2
