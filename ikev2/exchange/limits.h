// How much a peer that has proved who it is may make us keep: RFC 7296 1.3 (NO_ADDITIONAL_SAS), RFC 8019 5.
#pragma once

#include <optional>
#include <string>

#include "ikev2/core.h"

namespace ikev2 {

// Each says why there is no room, or nothing. Limits are those of EngineConfig.

// For one child more that the peer asks for; `rekeys`: in the place of another. What was replaced and waits
// for the peer's DELETE may be as many again.
std::optional<std::string> no_room_for_child(const Context& context, bool rekeys);
// For this IKE SA, which is about to stand: of the same identity, and of the same profile.
std::optional<std::string> no_room_for_ike_sa(const Context& context);
// For an IKE SA that takes the place of this one, whose predecessors wait for the peer's DELETE.
std::optional<std::string> no_room_for_successor(const Context& context);

// Counts a CREATE_CHILD_SA request of the peer. True: there are more of them than any use would bring.
bool is_storm(Context& context);

}  // namespace ikev2
