#include <array>

#include "apps/ctl/capture.h"
#include "apps/ctl/command_tables.h"
#include "apps/ctl/handlers.h"
#include "apps/ctl/vpp.h"

namespace ctl {

namespace {

constexpr std::array kCommands = {
    Command{"initiate", "PROFILE [--child NAME] [--timeout 30s]",
            "bring up a profile's IKE SA and children, and wait", run_initiate},
    Command{"terminate", "PROFILE [--child NAME] [--timeout 30s]",
            "delete the IKE SA, or that child, with the peer", run_terminate},
    Command{"rekey", "PROFILE [--child NAME] [--timeout 30s]", "rekey the IKE SA, or that child, now",
            run_rekey},
    Command{"reauth", "PROFILE [--timeout 30s]", "authenticate again: a new IKE SA, then the old one goes",
            run_reauth},
    Command{"status", "", "profiles, SAs and traffic at a glance", run_status},
    Command{"monitor", "", "events as they happen", run_monitor},
    Command{"reload", "[--dry-run]", "read the configuration again, all or nothing", run_reload},
    Command{"config save", "[FILE]", "write what runs as profiles.yaml", run_config_save},
    Command{"capture", "FILE [--plain] [--profile PROFILE] [--for 30s]",
            "packets into a file that Wireshark opens", run_capture},
    Command{"shutdown", "", "stop the daemon; it deletes its SAs with the peers first", run_shutdown},
};

}  // namespace

CommandGroup tunnel_commands() { return {"Tunnels", "ikectl.8", kCommands}; }

}  // namespace ctl
