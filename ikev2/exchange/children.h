// What becomes of the children of an IKE SA: coming up, taking over from another, going.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "ikev2/core.h"

namespace ikev2 {

// Wants these children of the profile: those that are not installed are asked for, one after the other. The
// commands in sa.waiting are told when all have come up or failed.
void bring_up_children(Context& context, const std::vector<std::string>& names);
// One of them is installed, or is refused.
void child_came_up(Context& context, const std::string& name);
void child_failed(Context& context, const std::string& name, const base::Error& error);

// Another child has taken over from this one: it carries what is under way until it is deleted.
void mark_replaced(Context& context, ChildSa& child);
// The child that waited for the peer sends from now on.
void use_child(Context& context, ChildSa& child);
// The data path forgets a child whose life is over; its SPI is kept until its DELETE is answered. RFC
// 7296 2.8: "the SA MUST NOT be used".
void stop_child(Context& context, ChildSa& child);
// Removes one child from the SA and from the data path; the inbound SA of one that was replaced drains first.
void remove_child(Context& context, base::ChildId child, const std::string& reason);
// The inbound SA of a removed child has drained.
void end_lingering(Core& core, base::ChildId child, Actions& out);
// Hands all children over to the IKE SA that takes the place of this one (RFC 7296 1.3.2), with what our
// slot still had to do for them.
void move_children(Context& context, IkeSa& successor);

// The children of a profile that are wanted without a command: those with start: up that nobody has stopped.
std::vector<std::string> wanted_children(const PeerRuntime& peer);
std::vector<std::string> all_children(const PeerConfig& peer);

}  // namespace ikev2
