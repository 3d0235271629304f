// ikectl capture: packets of the daemon into a file that Wireshark opens.
#pragma once

#include "apps/ctl/commands.h"

namespace ctl {

int run_capture(const Invocation& invocation, Terminal& terminal);

}  // namespace ctl
