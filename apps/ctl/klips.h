// KLIPS' commands and listings: spi, spigrp, eroute, tncfg.
#pragma once

#include "apps/ctl/commands.h"

namespace ctl {

int run_spi(const Invocation& invocation, Terminal& terminal);
int run_spigrp(const Invocation& invocation, Terminal& terminal);
int run_tncfg(const Invocation& invocation, Terminal& terminal);
int run_eroute(const Invocation& invocation, Terminal& terminal);

}  // namespace ctl
