#include <array>

#include "apps/ctl/command_tables.h"
#include "apps/ctl/handlers.h"

namespace ctl {

namespace {

constexpr std::array kListings = {
    Command{"show ikev2 profile", "", "profiles, in VPP's form", nullptr},
    Command{"show ikev2 sa", "[rspi HEX] [details]", "IKE SAs, in VPP's form", run_show_ikev2_sa},
    Command{"show ipsec", "", "the same as show ipsec all", nullptr},
    Command{"show ipsec sa", "[INDEX|detail]", "IPsec SAs, in VPP's form", run_show_ipsec_sa},
    Command{"show ipsec spd", "[INDEX|bindings]", "security policies, in VPP's form", nullptr},
    Command{"show ipsec tunnel", "", "tunnel protection, in VPP's form", nullptr},
    Command{"show ipsec interface", "", "IPsec interfaces, in VPP's form", nullptr},
    Command{"show ipsec all", "", "everything about IPsec, in VPP's form", nullptr},
    Command{"show error", "", "counters that are not zero", run_show_error},
};

constexpr std::array kCommands = {
    Command{"ikev2 profile", "add|set|del …", "VPP's profile commands", nullptr},
    Command{"ikev2 initiate sa-init", "PROFILE [--child NAME] [--timeout 30s]", "the same as initiate",
            run_initiate},
    Command{"ikev2 initiate", "del-sa|del-child-sa|rekey-child-sa …", "VPP's commands on SAs", nullptr},
    Command{"set ikev2 local key", "PATH", "VPP's command for the private key", nullptr},
    Command{"ipsec sa", "add|del …", "VPP's manual SAs", nullptr},
    Command{"ipsec spd", "add|del …", "VPP's policy databases", nullptr},
    Command{"ipsec policy", "add|del …", "VPP's policies", nullptr},
    Command{"set interface ipsec spd", "…", "VPP's binding of an SPD to an interface", nullptr},
    Command{"set ipsec sa", "…", "VPP's change of a manual SA's keys", nullptr},
};

}  // namespace

CommandGroup vpp_listings() { return {"VPP's listings", "ikectl.8", kListings}; }
CommandGroup vpp_commands() { return {"VPP's commands", "ikectl.8", kCommands}; }

}  // namespace ctl
