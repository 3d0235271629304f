// Commands from a file: `ikectl -f FILE`.
#pragma once

#include <istream>
#include <string>
#include <string_view>
#include <vector>

#include "apps/ctl/commands.h"
#include "base/result.h"

namespace ctl {

// The words of one line, as a shell reads them: parted by blanks, kept together by '…' and "…", \ before a
// character takes it as it stands (not within '…'), # at the beginning of a word ends the line. No variables,
// no patterns.
base::Result<std::vector<std::string>> split_line(std::string_view line);

// Runs one line of a file or of the prompt with the socket, --json and --secrets of `outer`; an empty one is
// done at once. A word "ikectl" in front of the command is skipped.
int run_line(std::string_view line, const Invocation& outer, Terminal& terminal);

// One command a line, up to the first that fails: its exit status is returned, and its reason stands behind
// NAME:LINE.
int run_stream(std::istream& in, const std::string& name, const Invocation& outer, Terminal& terminal);
// The file that `invocation` names; "-": standard input.
int run_file(const Invocation& invocation, Terminal& terminal);

}  // namespace ctl
