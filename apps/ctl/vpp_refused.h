// VPP's and KLIPS' commands that this daemon refuses, each with its reason. They are in no help and no
// completion: nobody should be led to them.
#pragma once

#include <string>
#include <vector>

#include "apps/ctl/commands.h"

namespace ctl {

// The command that begins these words, with a longer name than `than`; nullptr where there is none.
const Command* find_refused(const std::vector<std::string>& words, const Command* than);
// Why, and for commands about the host the command line that does the same; `words` are all of the command's.
std::string refusal_of(std::string_view command, const std::vector<std::string>& words);

}  // namespace ctl
