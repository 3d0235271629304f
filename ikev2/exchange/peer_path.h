// Where the peer of an IKE SA is, and how that changes: RFC 7296 2.23.
#pragma once

#include "ikev2/core.h"

namespace ikev2 {

// Gives the SA, and with it its children, other outer endpoints.
void move_sa(Context& context, const Path& path, const std::string& why);
// The children follow to where the SA's endpoints are now.
void move_children(Context& context);

// A message of the peer is authentic and new: the SA goes on with where it came from, where RFC 7296 2.23
// allows that. While it is being set up, a responder always follows (the initiator moves to port 4500).
void follow_peer(Context& context, const Datagram& datagram);
// The same for the newest authentic ESP packet of a child, in UDP.
void follow_packets(Context& context, const base::Endpoint& remote);

}  // namespace ikev2
