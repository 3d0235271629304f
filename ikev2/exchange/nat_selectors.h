// Traffic selectors of transport mode behind NATs: the peer names hosts by addresses that mean nothing on our
// side. RFC 7296 2.23.1. Pure.
#pragma once

#include <optional>

#include "ikev2/sa/ike_sa.h"

namespace ikev2 {

// The same selectors with that address in place of theirs. nullopt where they name more than one address, or
// one of the other family.
std::optional<spd::TrafficSelectors> with_address(const spd::TrafficSelectors& selectors,
                                                  const base::IpAddress& address);

// What selectors of the peer for transport mode mean here: a side behind a NAT has the address that the IKE
// SA has. nullopt where there is no NAT, or "exactly one IP address" is not what they hold.
std::optional<spd::SelectorPair> as_seen_here(const IkeSa& sa, const spd::SelectorPair& asked);

// The other way round, for the answer: `agreed`, with the addresses of `asked`.
spd::SelectorPair as_asked(const spd::SelectorPair& agreed, const spd::SelectorPair& asked);

}  // namespace ikev2
