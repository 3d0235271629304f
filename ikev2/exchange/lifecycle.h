// How IKE SAs begin, come to stand, and end.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "ikev2/core.h"

namespace ikev2 {

// Begins an IKE SA with a peer that has an address or a name, with these children. `request` is told how it
// goes.
IkeSa& initiate(Core& core, PeerRuntime& peer, const std::vector<std::string>& children,
                std::optional<RequestId> request, base::Instant now, Actions& out);
// Begins a new IKE SA with the same children; the old one is deleted once they have moved (RFC 7296 2.8.3).
void reauthenticate(Core& core, PeerRuntime& peer, IkeSa& old, std::optional<RequestId> request,
                    base::Instant now, Actions& out);
// This authentication ends after that time at the latest (RFC 4478): a new one comes before, where we can
// begin one.
void limit_authentication(Context& context, base::Duration lifetime);
// Sets when an IKE SA that stands is to be renewed, ends, and is asked for a sign of life.
void begin_life(Context& context);
// The pause before the next attempt: doubling with the failures in a row, plus up to a fifth of jitter.
base::Duration retry_wait(Core& core, const PeerRuntime& peer);
// Plans the next attempt at what the peer's profile wants, after a pause that grows with the failures.
void plan_retry(Core& core, PeerRuntime& peer, base::Instant now);
// The IKE SA stands: both sides have proved who they are.
void establish(Context& context);
// Ends it: removes its children, tells who waits, plans the next attempt where one is wanted. The SA is gone
// after.
void close_sa(Core& core, IkeSa& sa, const std::string& reason, bool failure, base::Instant now,
              Actions& out);
// Ends it although the peer believes that it stands: its children go at once, what waits is told of a
// failure, and the peer gets a DELETE as soon as our slot is free (RFC 7296 2.4, 2.21.3). The SA may be gone
// after.
void fail_ike_sa(Context& context, const std::string& reason);
// Lets go of the exchange in our slot, which has had an answer that is of no use.
void drop_exchange(Context& context, const std::string& reason);
// The peer was heard: an authentic message or packet arrived (RFC 7296 2.4).
void heard_from_peer(Context& context);

// Asks the peer to delete the IKE SA as soon as our slot is free; before it stands, it ends at once.
void delete_ike_sa(Core& core, IkeSa& sa, const std::string& reason, base::Instant now, Actions& out);

}  // namespace ikev2
