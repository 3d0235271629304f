// From an event to the row of the table that handles it, and from its outcome to the next state.
#pragma once

#include "ikev2/core.h"

namespace ikev2 {

void dispatch_datagram(Core& core, const Datagram& datagram, base::Instant now, Actions& out);
void dispatch_completion(Core& core, Completion completion, base::Instant now, Actions& out);

}  // namespace ikev2
