// The parts of the table of commands; commands.cpp joins them.
#pragma once

#include "apps/ctl/commands.h"

namespace ctl {

CommandGroup tunnel_commands();
CommandGroup explain_commands();
CommandGroup vpp_listings();
CommandGroup vpp_commands();
CommandGroup klips_commands();
CommandGroup pki_commands();
CommandGroup own_commands();

}  // namespace ctl
