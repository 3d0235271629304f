// The listings that KLIPS' commands print without arguments.
#pragma once

#include "apps/ctl/commands.h"
#include "apps/ctl/klips_words.h"

namespace ctl {

enum class KlipsListing { spi, spigrp, eroute, tncfg };

// Whether the words ask for a listing: none at all, or --format and --ids alone.
bool asks_for_listing(const std::vector<std::string>& words);
int run_listing(const Invocation& invocation, Terminal& terminal, KlipsListing which);

}  // namespace ctl
