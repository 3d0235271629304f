// `ikectl` alone at a terminal: a prompt with history and completion.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "apps/ctl/commands.h"
#include "apps/ctl/completion.h"

namespace ctl {

// What the Tab key does to a line.
struct Completed {
  std::string insert;                   // what all candidates have in common behind what is typed
  std::vector<std::string> candidates;  // whole words; to be shown where nothing can be inserted
};
// `line` ends at the cursor. A single candidate is completed with the blank behind it.
Completed complete_line(std::string_view line, const NameSource& names);

// Until "exit", "quit" or the end of input. The history lives as long as the prompt and no longer: what is
// typed may hold keys and secrets, so no file has it. Returns kDone, or kRefused where the terminal is of no
// use.
int run_prompt(const Invocation& invocation, Terminal& terminal);

}  // namespace ctl
