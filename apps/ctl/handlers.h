// What the commands do. Each returns the exit status.
#pragma once

#include <string>
#include <vector>

#include "apps/ctl/commands.h"

namespace ctl {

int run_initiate(const Invocation& invocation, Terminal& terminal);
int run_terminate(const Invocation& invocation, Terminal& terminal);
int run_rekey(const Invocation& invocation, Terminal& terminal);
int run_reauth(const Invocation& invocation, Terminal& terminal);
int run_status(const Invocation& invocation, Terminal& terminal);
int run_show_ikev2_sa(const Invocation& invocation, Terminal& terminal);
int run_show_ipsec_sa(const Invocation& invocation, Terminal& terminal);
int run_show_error(const Invocation& invocation, Terminal& terminal);
int run_monitor(const Invocation& invocation, Terminal& terminal);
int run_shutdown(const Invocation& invocation, Terminal& terminal);
int run_help(const Invocation& invocation, Terminal& terminal);
int run_version(const Invocation& invocation, Terminal& terminal);
int run_completion(const Invocation& invocation, Terminal& terminal);

// One command; `args` without the program's name.
int run_command(const std::vector<std::string>& args, Terminal& terminal);
// All of ikectl: one command, a file of them, or a prompt.
int run(const std::vector<std::string>& args, Terminal& terminal);

}  // namespace ctl
