// Completion for shells and for the prompt. The scripts ask `ikectl completion next -- WORDS…` for what may
// follow WORDS, so that all knowledge stays in the table of commands.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace ctl {

// Stands among the candidates where the name of a file may.
constexpr std::string_view kAnyFile = ":file";

// Who knows names; asked only where they may stand.
struct NameSource {
  std::function<std::vector<std::string>()> profiles;
  std::function<std::vector<std::string>(const std::string& profile)> children;
};

// What may stand behind `words` (all words before the one being typed, without the program's name), without
// regard to the letters typed already.
std::vector<std::string> next_words(const std::vector<std::string>& words, const NameSource& names);

// Names from the daemon at the socket; none where nobody answers within two seconds.
NameSource names_from(const std::string& socket);

// The script for a shell: "bash", "zsh", "fish". Empty for others.
std::string_view completion_script(std::string_view shell);

}  // namespace ctl
