// The one table of commands. Help, completion, usage and dispatch are made from it.
#pragma once

#include <iosfwd>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace ctl {

// Exit statuses of ikectl.
constexpr int kDone = 0, kRefused = 1, kUsage = 2, kNoDaemon = 3;

struct Terminal {
  std::ostream& out;
  std::ostream& err;
  bool colour = false;
};

struct Command;

// One command line, understood.
struct Invocation {
  std::string socket = "/run/ikev2d.sock";
  bool json = false, secrets = false;
  const Command* command = nullptr;
  std::vector<std::string> words;    // behind the command's own words, options left out
  std::optional<std::string> child;  // --child
  int timeout_s = 30;                // --timeout
  std::vector<std::pair<std::string, std::string>>
      options;  // the others that the command takes, as they stand
};

struct Command {
  std::string_view name;       // its words: "show ikev2 sa"
  std::string_view arguments;  // as in usage: "PROFILE [--child NAME]"
  std::string_view summary;
  // Runs it and returns the exit status; nullptr: planned, not available in this version.
  int (*run)(const Invocation&, Terminal&);
};

std::span<const Command> commands();

// A command line that makes no sense: exit status 2.
struct UsageError {
  std::string reason;
  const Command* command = nullptr;  // whose usage to show, where one was recognised
};

// The command whose words begin `words`, the longest where several do; nullptr where none does.
const Command* find_command(const std::vector<std::string>& words);

std::string usage_line(const Command& command);
std::string general_help();
// Help for every command whose name begins with these words; empty where there is none.
std::string help_for(const std::vector<std::string>& words);

}  // namespace ctl
