// The table of commands. Help, completion, usage, dispatch and the checks of the man pages are made from it.
// It stands in parts, one file a group: NAME_table.cpp. A command is added by a row there, its handler, and
// its paragraph in the man page that the group names.
#pragma once

#include <iosfwd>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace control {
class Session;
}

namespace ctl {

// Exit statuses of ikectl.
constexpr int kDone = 0, kRefused = 1, kUsage = 2, kNoDaemon = 3;

struct Terminal {
  std::ostream& out;
  std::ostream& err;
  bool colour = false;
  bool interactive = false;             // a person sits there: without a command, ikectl prompts for some
  std::string where = {};               // in front of reasons: "FILE:LINE: " while commands come from a file
  control::Session* session = nullptr;  // by which all of them are asked; null: each by one of its own
};

struct Command;

// One command line, understood.
struct Invocation {
  std::string socket = "/run/ikev2d.sock";
  bool json = false, secrets = false;
  std::optional<std::string> file;  // -f: the commands stand there, `command` is null
  bool prompt = false;              // no command at all, `command` is null
  const Command* command = nullptr;
  std::vector<std::string> words;    // behind the command's own words; options left out unless Words::raw
  std::optional<std::string> child;  // --child
  int timeout_s = 30;                // --timeout
  // The other options, as they stand: name with its dashes, value; "" where it takes none.
  std::vector<std::pair<std::string, std::string>> options;

  bool has_option(std::string_view name) const;
  // The last one given.
  std::optional<std::string> option(std::string_view name) const;
};

// How the words behind a command's name are read.
enum class Words : std::uint8_t {
  checked,  // options are those that `arguments` spells, with or without a value as it says
  raw,      // all of them, options too, are the handler's; --json, --secrets, -s and --help are still ours
};

struct Command {
  std::string_view name;  // its words: "show ikev2 sa"
  // As in usage: "PROFILE [--child NAME] [--format proc|man] [--dry-run]". Completion reads it: words in
  // small letters are offered as they stand, PROFILE and NAME behind --child as what the daemon knows, FILE
  // as files.
  std::string_view arguments;
  std::string_view summary;  // one line, no capital, no full stop
  // Runs it and returns the exit status; nullptr: planned, not available in this version.
  int (*run)(const Invocation&, Terminal&);
  Words words = Words::checked;
};

// Commands that belong together.
struct CommandGroup {
  std::string_view title;  // in help; and the .SS of the man page below which each of them is described
  std::string_view page;   // that man page in docs/man: "ikectl.8"
  std::span<const Command> commands;
};

std::span<const CommandGroup> command_groups();
// All of them, group by group.
std::span<const Command> commands();

// A command line that makes no sense: exit status 2.
struct UsageError {
  std::string reason;
  const Command* command = nullptr;  // whose usage to show, where one was recognised
};

// The command whose words begin `words`, the longest where several do; nullptr where none does.
const Command* find_command(const std::vector<std::string>& words);

// An option as `arguments` spells it.
struct OptionSpec {
  std::string_view name;   // "--child"
  std::string_view value;  // "NAME", "proc|man"; empty where it takes none
};
std::vector<OptionSpec> options_of(const Command& command);
std::optional<OptionSpec> find_option(const Command& command, std::string_view name);

std::string usage_line(const Command& command);
std::string general_help();
// Help for every command whose name begins with these words; empty where there is none.
std::string help_for(const std::vector<std::string>& words);

}  // namespace ctl
