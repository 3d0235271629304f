#include "apps/ctl/commands.h"

#include <fmt/format.h>

#include <array>

#include "apps/ctl/handlers.h"
#include "apps/ctl/pki.h"

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
    Command{"show ikev2 sa", "[rspi HEX] [details]", "IKE SAs, in VPP's form", run_show_ikev2_sa},
    Command{"show ipsec sa", "[INDEX|detail]", "IPsec SAs, in VPP's form", run_show_ipsec_sa},
    Command{"show error", "", "counters that are not zero", run_show_error},
    Command{"ikev2 initiate sa-init", "PROFILE [--child NAME] [--timeout 30s]", "the same as initiate",
            run_initiate},
    Command{"shutdown", "", "stop the daemon; it deletes its SAs with the peers first", run_shutdown},
    Command{"pki key", "--out FILE [--type TYPE]", "make a private key", run_pki_key},
    Command{"pki ca",
            "--name NAME --out PREFIX [--ca PREFIX] [--type TYPE] [--key FILE] [--days N] [--path-length N]",
            "make a CA, or one below another", run_pki_ca},
    Command{"pki cert",
            "--ca PREFIX --id ID --out PREFIX [--name NAME] [--type TYPE] [--key FILE] [--days N]",
            "make a certificate of a CA", run_pki_cert},
    Command{"pki self-signed", "--id ID --out PREFIX [--name NAME] [--type TYPE] [--key FILE] [--days N]",
            "make a certificate to be pinned", run_pki_self_signed},
    Command{"pki crl", "--ca PREFIX --out FILE [--revoke FILE] [--days N]",
            "make a list of revoked certificates", run_pki_crl},
    Command{"pki show", "FILE", "what a key, certificate or CRL holds", run_pki_show},
    Command{"help", "[COMMAND]", "this list, or more on one command", run_help},
    Command{"version", "", "versions of ikectl and of the daemon", run_version},
    Command{"completion", "bash|zsh|fish", "print the completion script for a shell", run_completion},
    Command{"reload", "[--dry-run]", "read the configuration again, all or nothing", nullptr},
    Command{"monitor", "", "events as they happen", nullptr},
    Command{"show ikev2 profile", "", "profiles, in VPP's form", nullptr},
    Command{"show ipsec", "", "the same as show ipsec all", nullptr},
    Command{"show ipsec spd", "[INDEX|bindings]", "security policies, in VPP's form", nullptr},
    Command{"show ipsec tunnel", "", "tunnel protection, in VPP's form", nullptr},
    Command{"show ipsec interface", "", "IPsec interfaces, in VPP's form", nullptr},
    Command{"show ipsec all", "", "everything about IPsec, in VPP's form", nullptr},
    Command{"spi", "[…]", "manual SAs: list them, or KLIPS' ipsec spi", nullptr},
    Command{"spigrp", "[…]", "groups of SAs: list them, or KLIPS' ipsec spigrp", nullptr},
    Command{"eroute", "[…]", "extended routes: list them, or KLIPS' ipsec eroute", nullptr},
    Command{"tncfg", "[…]", "virtual interfaces: list them, or KLIPS' ipsec tncfg", nullptr},
    Command{"ikev2 profile", "add|set|del …", "VPP's profile commands", nullptr},
    Command{"ikev2 initiate", "del-sa|del-child-sa|rekey-child-sa …", "VPP's commands on SAs", nullptr},
    Command{"set ikev2 local key", "PATH", "VPP's command for the private key", nullptr},
    Command{"ipsec sa", "add|del …", "VPP's manual SAs", nullptr},
    Command{"ipsec spd", "add|del …", "VPP's policy databases", nullptr},
    Command{"ipsec policy", "add|del …", "VPP's policies", nullptr},
    Command{"set interface ipsec spd", "…", "VPP's binding of an SPD to an interface", nullptr},
    Command{"set ipsec sa", "…", "VPP's change of a manual SA's keys", nullptr},
};

constexpr std::string_view kSynopsis = "ikectl [-s SOCKET] [--json] [--secrets] COMMAND …";

std::string joined(const std::vector<std::string>& words) {
  std::string out;
  for (const std::string& word : words) out += (out.empty() ? "" : " ") + word;
  return out;
}

// Whether `name` is `words` or begins with them and a space.
bool begins(std::string_view name, std::string_view words) {
  if (name.substr(0, words.size()) != words) return false;
  return name.size() == words.size() || words.empty() || name[words.size()] == ' ';
}

std::string rows(bool available) {
  std::string out;
  for (const Command& command : kCommands)
    if ((command.run != nullptr) == available)
      out += fmt::format("  {:<24}{}\n", command.name, command.summary);
  return out;
}

}  // namespace

std::span<const Command> commands() { return kCommands; }

const Command* find_command(const std::vector<std::string>& words) {
  const std::string typed = joined(words);
  const Command* best = nullptr;
  for (const Command& command : kCommands) {
    if (!begins(typed, command.name)) continue;
    if (best == nullptr || command.name.size() > best->name.size()) best = &command;
  }
  return best;
}

std::string usage_line(const Command& command) {
  return fmt::format("ikectl {}{}{}", command.name, command.arguments.empty() ? "" : " ", command.arguments);
}

std::string general_help() {
  return fmt::format(
      "usage: {}\n\n"
      "Commands:\n{}\n"
      "Planned, not available in this version:\n{}\n"
      "Options, before or after the command:\n"
      "  -s, --socket SOCKET     the daemon's control socket (/run/ikev2d.sock)\n"
      "  --json                  print JSON\n"
      "  --secrets               print keys too\n"
      "  -h, --help              help, on the command where one is given\n"
      "  --version               the version of ikectl\n\n"
      "Exit status: 0 done, 1 refused or failed, 2 usage, 3 no daemon at the socket.\n",
      kSynopsis, rows(true), rows(false));
}

std::string help_for(const std::vector<std::string>& words) {
  const std::string typed = joined(words);
  std::string out;
  for (const Command& command : kCommands) {
    if (!begins(command.name, typed)) continue;
    out += fmt::format("{}\n    {}{}\n", usage_line(command), command.summary,
                       command.run == nullptr ? " (not available in this version)" : "");
  }
  return out;
}

}  // namespace ctl
