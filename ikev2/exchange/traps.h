// Children that come up with the first packet that they are for (RFC 4301 4.4.1.2, RFC 7296 2.9): their
// traps in the data path, and what a packet there sets going.
#pragma once

#include <string>

#include "ikev2/core.h"
#include "ikev2/event.h"

namespace ikev2 {

// Makes exactly the traps stand that the profile wants from the start.
void stand_traps(Core& core, PeerRuntime& peer, Actions& out);
// Tells the data path between which outer addresses those that stand will be carried; unset: what the
// profile says.
void place_traps(const PeerRuntime& peer, const base::Endpoint& local, const base::Endpoint& remote,
                 Actions& out);
void remove_traps(PeerRuntime& peer, Actions& out);
// The peer is dead: where the profile says so, traps take the place of the children of this SA.
void trap_children_of(Context& context, PeerRuntime& peer);

// A packet has met a trap. Whether its child is to be brought up; else it is answered, or will be.
bool take_acquire(Core& core, PeerRuntime& peer, const Acquire& event, Actions& out);
// Answers those that nothing works on any more, because the child has come up or has failed.
void answer_acquires(Core& core, PeerRuntime& peer, Actions& out);
// Whether packets wait for that child of this SA's profile.
bool packets_wait(const Context& context, const std::string& child);
// Puts the selectors of the packet that has asked for the child, if one has, in front of those that are
// offered.
void name_packet_first(const Context& context, const std::string& child, spd::SelectorPair& offer);

}  // namespace ikev2
