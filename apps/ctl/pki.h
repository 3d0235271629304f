// `ikectl pki`: keys, CAs, certificates and CRLs, so that nobody needs another tool. Works without the
// daemon.
#pragma once

#include "apps/ctl/commands.h"

namespace ctl {

int run_pki_key(const Invocation& invocation, Terminal& terminal);
int run_pki_ca(const Invocation& invocation, Terminal& terminal);
int run_pki_cert(const Invocation& invocation, Terminal& terminal);
int run_pki_self_signed(const Invocation& invocation, Terminal& terminal);
int run_pki_crl(const Invocation& invocation, Terminal& terminal);
int run_pki_show(const Invocation& invocation, Terminal& terminal);

}  // namespace ctl
