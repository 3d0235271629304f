// Commands of people and of the configuration, and deadlines.
#pragma once

#include "ikev2/core.h"

namespace ikev2 {

void run_command(Core& core, const Command& command, base::Instant now, Actions& out);
void run_child_event(Core& core, const ChildEvent& event, base::Instant now, Actions& out);
// Every deadline that is due.
void run_deadlines(Core& core, base::Instant now, Actions& out);

}  // namespace ikev2
