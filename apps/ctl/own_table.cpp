#include <array>

#include "apps/ctl/command_tables.h"
#include "apps/ctl/handlers.h"

namespace ctl {

namespace {

constexpr std::array kCommands = {
    Command{"help", "[COMMAND]", "this list, or more on one command", run_help},
    Command{"version", "", "versions of ikectl and of the daemon", run_version},
    Command{"completion", "bash|zsh|fish", "print the completion script for a shell", run_completion},
};

}  // namespace

CommandGroup own_commands() { return {"ikectl itself", "ikectl.8", kCommands}; }

}  // namespace ctl
