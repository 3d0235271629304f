#include <array>

#include "apps/ctl/command_tables.h"

namespace ctl {

namespace {

constexpr std::array kCommands = {
    Command{"explain packet", "--src ADDRESS --dst ADDRESS [--proto PROTOCOL] [--sport PORT] [--dport PORT]",
            "what would become of a packet, and why", nullptr},
    Command{"explain negotiate", "FILE PROFILE FILE PROFILE",
            "what two profiles would agree on, without a daemon", nullptr},
};

}  // namespace

CommandGroup explain_commands() { return {"Explanations", "ikectl.8", kCommands}; }

}  // namespace ctl
