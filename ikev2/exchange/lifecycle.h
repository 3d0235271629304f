// How IKE SAs begin, come to stand, and end.
#pragma once

#include <optional>
#include <string>

#include "ikev2/core.h"

namespace ikev2 {

// Begins an IKE SA with a peer that has an address or a name. `request` is told how it goes.
void initiate(Core& core, PeerRuntime& peer, std::optional<std::string> child,
              std::optional<RequestId> request, base::Instant now, Actions& out);
// The IKE SA stands: both sides have proved who they are.
void establish(Context& context);
// Ends it: removes its children, tells who waits, plans the next attempt where one is wanted. The SA is gone
// after.
void close_sa(Core& core, IkeSa& sa, const std::string& reason, bool failure, base::Instant now,
              Actions& out);
// Removes one child from the data path and from the SA.
void remove_child(Context& context, base::ChildId child, const std::string& reason);
// The peer was heard: an authentic message or packet arrived (RFC 7296 2.4).
void heard_from_peer(Context& context);

// Asks the peer to delete the IKE SA as soon as our slot is free; before it stands, it ends at once.
void delete_ike_sa(Core& core, IkeSa& sa, const std::string& reason, base::Instant now, Actions& out);
// Sends what has waited for our slot to become free.
void send_pending(Context& context);

}  // namespace ikev2
