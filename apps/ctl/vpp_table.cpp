#include <array>

#include "apps/ctl/command_tables.h"
#include "apps/ctl/handlers.h"
#include "apps/ctl/vpp.h"

namespace ctl {

namespace {

constexpr std::array kListings = {
    Command{"show ikev2 profile", "[--format current|wiki]", "profiles, in VPP's form",
            run_show_ikev2_profile},
    Command{"show ikev2 sa", "[rspi HEX] [details] [--format current|wiki]", "IKE SAs, in VPP's form",
            run_show_ikev2_sa},
    Command{"show ipsec", "[--format current|wiki]", "the same as show ipsec all", run_show_ipsec},
    Command{"show ipsec sa", "[INDEX|detail]", "IPsec SAs, in VPP's form", run_show_ipsec_sa},
    Command{"show ipsec spd", "[INDEX|bindings]", "security policies, in VPP's form", run_show_ipsec_spd},
    Command{"show ipsec tunnel", "", "tunnel protection, in VPP's form", run_show_ipsec_tunnel},
    Command{"show ipsec protect", "", "the same as show ipsec tunnel", run_show_ipsec_tunnel},
    Command{"show ipsec protect-hash", "", "inbound SAs by peer and SPI, in VPP's form",
            run_show_ipsec_protect_hash},
    Command{"show ipsec interface", "", "IPsec interfaces, in VPP's form", run_show_ipsec_interface},
    Command{"show ipsec all", "[--format current|wiki]", "everything about IPsec, in VPP's form",
            run_show_ipsec},
    Command{"show error", "", "counters that are not zero", run_show_error},
};

constexpr std::array kCommands = {
    Command{"ikev2 profile", "add|del NAME | set NAME WORD…", "make profiles at run time", run_ikev2_profile,
            Words::raw},
    Command{"ikev2 initiate sa-init", "PROFILE [--child NAME] [--timeout 30s]", "the same as initiate",
            run_initiate},
    Command{"ikev2 initiate del-sa", "SPI [--timeout 30s]", "delete one IKE SA with the peer",
            run_ikev2_del_sa},
    Command{"ikev2 initiate del-child-sa", "SPI [--timeout 30s]", "delete one child with the peer",
            run_ikev2_del_child_sa},
    Command{"ikev2 initiate rekey-child-sa", "SPI [--timeout 30s]", "replace the keys of one child",
            run_ikev2_rekey_child_sa},
    Command{"ikev2 set liveness", "PERIOD RETRIES",
            "when peers of such profiles are asked for a sign of life", run_ikev2_liveness},
    Command{"set ikev2 local key", "FILE", "the private key of such profiles", run_ikev2_local_key},
    Command{"ipsec sa", "add ID WORD… | del ID", "SAs with keys set by hand", run_ipsec_sa, Words::raw},
    Command{"ipsec spd", "add|del ID", "policy databases", run_ipsec_spd},
    Command{"ipsec policy", "add|del spd ID WORD…", "policies", run_ipsec_policy, Words::raw},
    Command{"set interface ipsec spd", "INTERFACE ID [del]", "bind a policy database to an interface",
            run_interface_spd},
    Command{"set ipsec sa", "ID [crypto-key HEX] [integ-key HEX] [salt HEX]",
            "new keys for an SA set by hand", run_set_ipsec_sa},
};

}  // namespace

CommandGroup vpp_listings() { return {"VPP's listings", "ikectl.8", kListings}; }
CommandGroup vpp_commands() { return {"VPP's commands", "ikectl.8", kCommands}; }

}  // namespace ctl
