// A child as the initiator of its exchange sees it.

#include "ikev2/exchange/child_setup.h"
#include "ikev2/exchange/nat_selectors.h"
#include "ikev2/exchange/send.h"
#include "ikev2/exchange/traps.h"

namespace ikev2 {
namespace {

base::Bytes spi_bytes(base::Spi spi) {
  base::Bytes bytes(4);
  base::store_be32(bytes.data(), spi.value);
  return bytes;
}

base::Error refusal(const ChildOffer& offer, const NotifyPayload& notify) {
  std::string reason = "the peer refuses child " + offer.config.name + " with " + name(notify.type);
  if (notify.type == NotifyType::no_proposal_chosen) reason += "; we offered " + text(offer.proposals);
  if (notify.type == NotifyType::ts_unacceptable) {
    reason += "; we asked for our side " + spd::text(offer.selectors.local) + " and its side " +
              spd::text(offer.selectors.remote);
  }
  base::Error error = base::incompatible(reason);
  error.notify = static_cast<std::uint16_t>(notify.type);
  return error;
}

// RFC 7296 2.9: "The responder … can choose a subset", never more than was proposed.
bool offered(const ChildOffer& offer, const spd::SelectorPair& answer) {
  return answer.has_both_sides() && spd::covered(answer.local, offer.selectors.local) &&
         spd::covered(answer.remote, offer.selectors.remote);
}

base::Result<spd::SelectorPair> answered_selectors(const IkeSa& sa, const ChildOffer& offer,
                                                   const TsPayload& tsi, const TsPayload& tsr) {
  spd::SelectorPair answer{tsi.selectors, tsr.selectors};
  if (offered(offer, answer)) return answer;
  // RFC 7296 2.23.1: a responder behind NATs may answer with the addresses that it sees.
  const auto seen = offer.config.mode == Mode::transport ? as_seen_here(sa, answer) : std::nullopt;
  if (seen && offered(offer, *seen)) return *seen;
  return base::misbehaved("the peer answers selectors that we did not offer: " + spd::text(tsi.selectors) +
                          " === " + spd::text(tsr.selectors));
}

}  // namespace

ChildOffer make_child_offer(Context& context, const ChildConfig& config, const Proposals& proposals) {
  ChildOffer offer;
  offer.config = config;
  offer.spi_in = context.core.spis.draw();
  offer.selectors = configured_selectors(context.sa, config);
  name_packet_first(context, config.name, offer.selectors);
  offer.proposals = to_offer(proposals, spi_bytes(offer.spi_in));
  return offer;
}

void write_child_offer(const ChildOffer& offer, std::vector<Payload> between, std::vector<Payload>& out) {
  // RFC 7296 1.3.1: transport mode is asked for beside the SA payload.
  if (offer.config.mode == Mode::transport) out.emplace_back(make_notify(NotifyType::use_transport_mode));
  out.emplace_back(SaPayload{offer.proposals});
  for (Payload& payload : between) out.push_back(std::move(payload));
  out.emplace_back(TsPayload{PayloadType::tsi, offer.selectors.local, 0});
  out.emplace_back(TsPayload{PayloadType::tsr, offer.selectors.remote, 0});
}

base::Result<AgreedChild> check_child_answer(const IkeSa& sa, const ChildOffer& offer,
                                             const Message& response) {
  if (const auto* error = response.first_error()) return refusal(offer, *error);
  const auto* answer = response.find<SaPayload>();
  const auto* tsi = response.find_ts(PayloadType::tsi);
  const auto* tsr = response.find_ts(PayloadType::tsr);
  if (answer == nullptr || tsi == nullptr || tsr == nullptr) {
    return base::malformed(name(response.header.exchange) + " response without SA, TSi or TSr");
  }
  AgreedChild agreed;
  ASSIGN_OR_RETURN(agreed.chosen, check_answer(answer->proposals, offer.proposals));
  ASSIGN_OR_RETURN(agreed.selectors, answered_selectors(sa, offer, *tsi, *tsr));
  // RFC 7296 1.3.1: "If the responder declines the request, the Child SA will be established in tunnel mode.
  // If this is unacceptable to the initiator, the initiator MUST delete the SA."
  const bool transport = response.find_notify(NotifyType::use_transport_mode) != nullptr;
  if (transport != (offer.config.mode == Mode::transport)) {
    return base::incompatible("the peer answers child " + offer.config.name + " in " +
                              (transport ? "transport" : "tunnel") + " mode, the profile wants the other");
  }
  agreed.config = offer.config;
  agreed.mode = offer.config.mode;
  agreed.takes_padding = response.find_notify(NotifyType::esp_tfc_padding_not_supported) == nullptr;
  agreed.spi_in = offer.spi_in;
  agreed.spi_out = base::Spi{base::load_be32(agreed.chosen.proposal.spi.data())};
  return agreed;
}

}  // namespace ikev2
