#include "apps/ctl/commands.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "apps/ctl/command_tables.h"

namespace ctl {

namespace {

constexpr std::string_view kSynopsis = "ikectl [-s SOCKET] [--json] [--secrets] COMMAND … | -f FILE";

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

// Of the names in help; longer ones push their summaries to a line of their own.
constexpr std::size_t kNameWidth = 24;

std::string row(const Command& command) {
  const std::string name = fmt::format("  {:<{}}", command.name, kNameWidth);
  const bool fits = command.name.size() < kNameWidth;
  return fmt::format("{}{}{}\n", name, fits ? "" : "\n" + std::string(2 + kNameWidth, ' '), command.summary);
}

// The commands that work (or those that are planned) under the titles of their groups.
std::string rows(bool available) {
  std::string out;
  for (const CommandGroup& group : command_groups()) {
    std::string below;
    for (const Command& command : group.commands)
      if ((command.run != nullptr) == available) below += row(command);
    if (below.empty()) continue;
    out += available ? fmt::format("{}:\n{}\n", group.title, below) : below;
  }
  return out;
}

}  // namespace

bool Invocation::has_option(std::string_view name) const { return option(name).has_value(); }

std::optional<std::string> Invocation::option(std::string_view name) const {
  const auto found =
      std::find_if(options.rbegin(), options.rend(), [&](const auto& one) { return one.first == name; });
  if (found == options.rend()) return std::nullopt;
  return found->second;
}

std::span<const CommandGroup> command_groups() {
  static const std::array groups = {tunnel_commands(), explain_commands(), vpp_listings(), vpp_commands(),
                                    klips_commands(),  pki_commands(),     own_commands()};
  return groups;
}

std::span<const Command> commands() {
  static const std::vector<Command> all = [] {
    std::vector<Command> list;
    for (const CommandGroup& group : command_groups())
      list.insert(list.end(), group.commands.begin(), group.commands.end());
    return list;
  }();
  return all;
}

const Command* find_command(const std::vector<std::string>& words) {
  const std::string typed = joined(words);
  const Command* best = nullptr;
  for (const Command& command : commands()) {
    if (!begins(typed, command.name)) continue;
    if (best == nullptr || command.name.size() > best->name.size()) best = &command;
  }
  return best;
}

// "--name" up to a space or bracket; a value follows where that space is not followed by the next option.
std::vector<OptionSpec> options_of(const Command& command) {
  std::vector<OptionSpec> out;
  const std::string_view text = command.arguments;
  for (std::size_t at = text.find("--"); at != std::string_view::npos; at = text.find("--", at + 2)) {
    const std::size_t end = std::min(text.find_first_of(" ]|", at), text.size());
    OptionSpec option{text.substr(at, end - at), {}};
    if (end + 1 < text.size() && text[end] == ' ' && text[end + 1] != '[' && text[end + 1] != '-') {
      const std::size_t stop = std::min(text.find_first_of(" ]", end + 1), text.size());
      option.value = text.substr(end + 1, stop - end - 1);
    }
    out.push_back(option);
  }
  return out;
}

std::optional<OptionSpec> find_option(const Command& command, std::string_view name) {
  for (const OptionSpec& option : options_of(command))
    if (option.name == name) return option;
  return std::nullopt;
}

std::string usage_line(const Command& command) {
  return fmt::format("ikectl {}{}{}", command.name, command.arguments.empty() ? "" : " ", command.arguments);
}

std::string general_help() {
  const std::string planned = rows(false);
  return fmt::format(
      "usage: {}\n\n{}{}{}"
      "Options, before or after the command:\n"
      "  -s, --socket SOCKET     the daemon's control socket (/run/ikev2d.sock)\n"
      "  -f, --file FILE         run the commands in FILE, one a line; -: standard input\n"
      "  --json                  print JSON\n"
      "  --secrets               print keys too\n"
      "  -h, --help              help, on the command where one is given\n"
      "  --version               the version of ikectl\n\n"
      "Without a command, at a terminal: a prompt with history and completion.\n"
      "Exit status: 0 done, 1 refused or failed, 2 usage, 3 no daemon at the socket.\n",
      kSynopsis, rows(true), planned.empty() ? "" : "Planned, not available in this version:\n",
      planned.empty() ? "" : planned + "\n");
}

std::string help_for(const std::vector<std::string>& words) {
  const std::string typed = joined(words);
  std::string out;
  for (const CommandGroup& group : command_groups()) {
    for (const Command& command : group.commands) {
      if (!begins(command.name, typed)) continue;
      const std::size_t dot = group.page.rfind('.');
      out += fmt::format("{}\n    {}{}\n    man {} {}, \"{}\"\n", usage_line(command), command.summary,
                         command.run == nullptr ? " (not available in this version)" : "",
                         group.page.substr(dot + 1), group.page.substr(0, dot), group.title);
    }
  }
  return out;
}

}  // namespace ctl
