#include <array>

#include "apps/ctl/command_tables.h"

namespace ctl {

namespace {

constexpr std::array kCommands = {
    Command{"spi", "[…]", "manual SAs: list them, or KLIPS' ipsec spi", nullptr, Words::raw},
    Command{"spigrp", "[…]", "groups of SAs: list them, or KLIPS' ipsec spigrp", nullptr, Words::raw},
    Command{"eroute", "[…]", "extended routes: list them, or KLIPS' ipsec eroute", nullptr, Words::raw},
    Command{"tncfg", "[…]", "virtual interfaces: list them, or KLIPS' ipsec tncfg", nullptr, Words::raw},
};

}  // namespace

CommandGroup klips_commands() { return {"KLIPS' commands and listings", "ikectl.8", kCommands}; }

}  // namespace ctl
