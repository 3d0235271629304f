#include <array>

#include "apps/ctl/command_tables.h"
#include "apps/ctl/klips.h"

namespace ctl {

namespace {

constexpr std::array kCommands = {
    Command{"spi", "[--format proc|man] | --said SA TRANSFORM … | --del --said SA | --clear",
            "SAs: list them, or KLIPS' ipsec spi", run_spi, Words::raw},
    Command{"spigrp", "[--format proc|man] | --said SA [SA…]",
            "groups of SAs: list them, or KLIPS' ipsec spigrp", run_spigrp, Words::raw},
    Command{"eroute",
            "[--format proc|man] [--ids] | --add|--replace|--del --src NET --dst NET --said SA … | --clear",
            "extended routes: list them, or KLIPS' ipsec eroute", run_eroute, Words::raw},
    Command{"tncfg", "| --attach --virtual NAME --physical NAME | --detach --virtual NAME | --clear",
            "the daemon's device: list it, or KLIPS' ipsec tncfg", run_tncfg, Words::raw},
};

}  // namespace

CommandGroup klips_commands() { return {"KLIPS' commands and listings", "ikectl.8", kCommands}; }

}  // namespace ctl
