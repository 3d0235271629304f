// VPP's commands and listings. Each returns the exit status.
#pragma once

#include "apps/ctl/commands.h"

namespace ctl {

int run_ikev2_profile(const Invocation& invocation, Terminal& terminal);
int run_ikev2_del_sa(const Invocation& invocation, Terminal& terminal);
int run_ikev2_del_child_sa(const Invocation& invocation, Terminal& terminal);
int run_ikev2_rekey_child_sa(const Invocation& invocation, Terminal& terminal);
int run_ikev2_local_key(const Invocation& invocation, Terminal& terminal);
int run_ikev2_liveness(const Invocation& invocation, Terminal& terminal);
int run_ipsec_spd(const Invocation& invocation, Terminal& terminal);
int run_ipsec_sa(const Invocation& invocation, Terminal& terminal);
int run_ipsec_policy(const Invocation& invocation, Terminal& terminal);
int run_interface_spd(const Invocation& invocation, Terminal& terminal);
int run_set_ipsec_sa(const Invocation& invocation, Terminal& terminal);

int run_show_ikev2_profile(const Invocation& invocation, Terminal& terminal);
int run_show_ipsec(const Invocation& invocation, Terminal& terminal);
int run_show_ipsec_sa(const Invocation& invocation, Terminal& terminal);
int run_show_ipsec_spd(const Invocation& invocation, Terminal& terminal);
int run_show_ipsec_tunnel(const Invocation& invocation, Terminal& terminal);
int run_show_ipsec_interface(const Invocation& invocation, Terminal& terminal);
int run_show_ipsec_protect_hash(const Invocation& invocation, Terminal& terminal);

int run_reload(const Invocation& invocation, Terminal& terminal);
int run_config_save(const Invocation& invocation, Terminal& terminal);

// A command of VPP's that is refused here, with the reason and what does the same; vpp_refused.cpp has the
// list.
int run_refused(const Invocation& invocation, Terminal& terminal);

}  // namespace ctl
