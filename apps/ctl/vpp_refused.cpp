#include "apps/ctl/vpp_refused.h"

#include <fmt/format.h>

#include <array>

#include "apps/ctl/ask.h"
#include "apps/ctl/vpp.h"

namespace ctl {

namespace {

using WordList = std::vector<std::string>;

std::string host(const std::string& line) { return "the host's own commands do this: " + line; }

std::string word(const WordList& words, std::size_t i, const char* otherwise) {
  return i < words.size() ? words[i] : otherwise;
}

// set int|interface state IF up|down; … ip address [del] IF A/N; … unnumbered IF use IF.
std::string interface_command(const WordList& words) {
  if (word(words, 0, "") == "state")
    return host(fmt::format("ip link set dev {} {}", word(words, 1, "DEV"), word(words, 2, "up")));
  if (word(words, 0, "") == "ip" && word(words, 1, "") == "address") {
    const bool del = word(words, 2, "") == "del";
    const std::size_t at = del ? 3 : 2;
    return host(fmt::format("ip address {} {} dev {}", del ? "del" : "add",
                            word(words, at + 1, "ADDRESS/BITS"), word(words, at, "DEV")));
  }
  if (word(words, 0, "") == "unnumbered")
    return fmt::format(
        "{} needs no address: routes into it carry one of the host's as their source. "
        "For an address of its own: ip address add ADDRESS dev {}",
        word(words, 1, "the tunnel interface"), word(words, 1, "DEV"));
  if (word(words, 0, "") == "ipsec")
    return "keys belong to SAs: ipsec sa add ID … crypto-key KEY, set ipsec sa ID crypto-key KEY";
  return host("ip link, ip address");
}

// ip route add|del NET via GW [IF], or via IF; routes of SAs come by themselves.
std::string route_command(const WordList& words) {
  const std::string verb = word(words, 0, "add"), net = word(words, 1, "NET");
  if (word(words, 2, "") != "via") return host("ip route");
  const std::string gateway = word(words, 3, "GATEWAY");
  const bool is_address = gateway.find_first_of(".:") != std::string::npos;
  const std::string device = is_address ? word(words, 4, "") : gateway;
  std::string line = fmt::format("ip route {} {}", verb, net);
  if (is_address) line += " via " + gateway;
  if (!device.empty()) line += " dev " + device;
  return host(line) + "; those for what SAs protect come and go with them";
}

std::string neighbour_command(const WordList& words) {
  return host(fmt::format("ip neighbour replace {} lladdr {} dev {}", word(words, 1, "ADDRESS"),
                          word(words, 2, "MAC"), word(words, 0, "DEV")));
}

std::string ping_command(const WordList& words) {
  const std::string target = word(words, 0, "ADDRESS");
  if (word(words, 1, "") == "source")
    return host(fmt::format("ping -I {} {}", word(words, 2, "DEV"), target));
  return host("ping " + target);
}

struct Row {
  const char* name;
  std::string (*reason)(const WordList&);
};

// A word of VPP's API test, which the wiki page gives beside each command.
template <const char* const& kCommand>
std::string api_test(const WordList&) {
  return std::string("it belongs to its API test; the command does the same: ") + kCommand;
}
constexpr const char *kSpdAdd = "ipsec spd add|del ID", *kBind = "set interface ipsec spd INTERFACE ID",
                     *kSaAdd = "ipsec sa add|del ID …", *kPolicyAdd = "ipsec policy add|del spd ID …",
                     *kSaKey = "set ipsec sa ID crypto-key KEY integ-key KEY",
                     *kProfile = "ikev2 profile add|del NAME", *kAuth = "ikev2 profile set NAME auth …",
                     *kLocalKey = "set ikev2 local key PATH", *kId = "ikev2 profile set NAME id …",
                     *kSelector = "ikev2 profile set NAME traffic-selector …";

constexpr std::array kRows = {
    Row{"set int", interface_command},
    Row{"set interface", interface_command},
    Row{"set ip arp", [](const WordList& w) { return neighbour_command(w); }},
    Row{"set ip neighbor", [](const WordList& w) { return neighbour_command(w); }},
    Row{"ip route", route_command},
    Row{"ping", ping_command},
    Row{"loopback create", [](const WordList&) { return host("ip link add loop0 type dummy"); }},
    Row{"show interface", [](const WordList&) { return host("ip -s link"); }},
    Row{"create ipsec tunnel",
        [](const WordList&) {
          return std::string(
              "VPP has given it up; ikev2 profile add, or ipsec sa add … tunnel-src A tunnel-dst B with "
              "ipsec policy add, do the same");
        }},
    Row{"ipsec itf",
        [](const WordList&) {
          return std::string(
              "the daemon has one tunnel interface from its start (daemon.tun), which carries all SAs");
        }},
    Row{"ipsec tunnel protect",
        [](const WordList&) {
          return std::string(
              "all SAs protect the daemon's one tunnel interface; policies choose among them: ipsec "
              "policy add … action protect sa ID");
        }},
    Row{"set ipsec async mode",
        [](const WordList&) {
          return std::string("there is no asynchronous encryption: its mode is always off");
        }},
    Row{"clear ipsec",
        [](const WordList&) {
          return std::string(
              "counters run as long as their SA, so that nobody takes them from anybody else; "
              "--json show ipsec sa, twice, shows what is between");
        }},
    Row{"ikev2 dpd disable",
        [](const WordList&) {
          return std::string(
              "a peer that is gone must be noticed; ikev2 set liveness PERIOD RETRIES, or liveness: in "
              "the profile, says how soon");
        }},
    Row{"ikev2 set sleep interval",
        [](const WordList&) {
          return std::string("the daemon sleeps until something is due: it has no interval");
        }},
    Row{"show ikev2 sleep interval",
        [](const WordList&) {
          return std::string("the daemon sleeps until something is due: it has no interval");
        }},
    Row{"klipsdebug",
        [](const WordList&) {
          return std::string(
              "there is no kernel module to debug: ikev2d --log-level debug, show error and capture tell "
              "what becomes of packets");
        }},
    Row{"ipsec_spd_add_del", api_test<kSpdAdd>},
    Row{"ipsec_interface_add_del_spd", api_test<kBind>},
    Row{"ipsec_sad_add_del_entry", api_test<kSaAdd>},
    Row{"ipsec_spd_add_del_entry", api_test<kPolicyAdd>},
    Row{"ipsec_sa_set_key", api_test<kSaKey>},
    Row{"ikev2_profile_add_del", api_test<kProfile>},
    Row{"ikev2_profile_set_auth", api_test<kAuth>},
    Row{"ikev2_set_local_key", api_test<kLocalKey>},
    Row{"ikev2_profile_set_id", api_test<kId>},
    Row{"ikev2_profile_set_ts", api_test<kSelector>},
    Row{"manual",
        [](const WordList&) {
          return std::string(
              "connections that are keyed by hand stand in the daemon's file below manual:, or are made by "
              "spi, spigrp and eroute");
        }},
};

// The table's rows as commands, so that they are found and run like others.
const std::array<Command, kRows.size()>& refused_commands() {
  static const auto commands = [] {
    std::array<Command, kRows.size()> out{};
    for (std::size_t i = 0; i < kRows.size(); ++i)
      out[i] = {kRows[i].name, "", "refused, with what does the same", run_refused, Words::raw};
    return out;
  }();
  return commands;
}

}  // namespace

const Command* find_refused(const std::vector<std::string>& words, const Command* than) {
  std::string typed;
  for (const std::string& one : words) typed += one + " ";
  const Command* best = than;
  for (const Command& command : refused_commands()) {
    const std::string name = std::string(command.name) + " ";
    if (typed.compare(0, name.size(), name) != 0) continue;
    if (best == nullptr || command.name.size() > best->name.size()) best = &command;
  }
  return best == than ? nullptr : best;
}

std::string refusal_of(std::string_view command, const std::vector<std::string>& words) {
  for (const Row& row : kRows) {
    if (row.name == command) return row.reason(words);
  }
  return {};
}

int run_refused(const Invocation& invocation, Terminal& terminal) {
  const std::string_view name = invocation.command->name;
  return refuse(invocation, terminal, kRefused, "unsupported",
                fmt::format("{} is a command of {}; {}", name,
                            name == "klipsdebug" || name == "manual" ? "KLIPS'" : "VPP's",
                            refusal_of(name, invocation.words)));
}

}  // namespace ctl
