// Completion for shells. The scripts ask `ikectl completion next -- WORDS…` for what may follow WORDS, so
// that all knowledge stays in the table of commands.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace ctl {

// What may stand behind `words` (all words before the one being typed, without the program's name), without
// regard to the letters typed already. `profiles` is called where a profile's name may stand.
std::vector<std::string> next_words(const std::vector<std::string>& words,
                                    const std::function<std::vector<std::string>()>& profiles);

// The script for a shell: "bash", "zsh", "fish". Empty for others.
std::string_view completion_script(std::string_view shell);

}  // namespace ctl
