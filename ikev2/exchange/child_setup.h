// A child in the making: what is offered, chosen and installed, whichever exchange carries it. RFC 7296 1.2,
// 1.3.1, 2.9, 2.17.
#pragma once

#include <vector>

#include "base/result.h"
#include "ikev2/core.h"
#include "ikev2/message/message.h"

namespace ikev2 {

// The proposals for the first child, which has no key exchange of its own, and for those that CREATE_CHILD_SA
// makes.
Proposals first_child_proposals(const IkeSa& sa, const ChildConfig& config);
Proposals later_child_proposals(const IkeSa& sa, const ChildConfig& config);

// AH covers the addresses of its packets, and goes in no UDP: it cannot pass a NAT (RFC 3948 1, RFC 7296
// 2.23). The error says so.
base::Status passes_nat(const IkeSa& sa, const ChildConfig& config);

// A rekeyed child has at least the selectors of the old one (RFC 7296 2.9.2): its configuration, with the
// selectors in use where the profile names none.
ChildConfig with_selectors_of(const ChildSa& old);
base::Status check_not_narrower(const ChildSa& old, const spd::SelectorPair& agreed);

// What the profile says of the selectors; the outer addresses where it says nothing.
spd::SelectorPair configured_selectors(const IkeSa& sa, const ChildConfig& config);

// Initiator of the exchange: draws an SPI, and what goes out: [N(USE_TRANSPORT_MODE)], SA, `between`, TSi,
// TSr.
ChildOffer make_child_offer(Context& context, const ChildConfig& config, const Proposals& proposals);
void write_child_offer(const ChildOffer& offer, std::vector<Payload> between, std::vector<Payload>& out);
// The responder's answer. The error says who refuses what.
base::Result<AgreedChild> check_child_answer(const IkeSa& sa, const ChildOffer& offer,
                                             const Message& response);

// Responder: the children of a profile whose selectors have anything in common with what is asked for, and
// those where that is not known yet; all of them, to find a reason, where there is none. Cheap: profiles may
// have thousands of children.
std::vector<const ChildConfig*> near_children(const PeerConfig& peer, const Message& request);
// Responder: the first of `configs` that fits the request, with an SPI drawn for it. The error carries the
// notify to send instead (NO_PROPOSAL_CHOSEN, TS_UNACCEPTABLE, INVALID_SYNTAX).
base::Result<AgreedChild> choose_child(Context& context, const Message& request,
                                       const std::vector<const ChildConfig*>& configs, bool first_child);
void write_child_choice(const AgreedChild& agreed, std::vector<Payload> between, std::vector<Payload>& out);

// How its exchange went, for the keys and for what becomes of the child that it replaces.
struct ChildMaking {
  base::ByteSpan nonce_i, nonce_r, shared_secret;  // of the exchange; no secret without a key exchange
  bool we_initiated = false;
  bool outbound_later = false;
  std::optional<base::ChildId> rekeys;
};
// Derives the keys, hands both SAs to the data path, and keeps the child, whose id it returns.
base::ChildId install_child(Context& context, AgreedChild agreed, const ChildMaking& making);

}  // namespace ikev2
