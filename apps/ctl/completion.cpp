#include "apps/ctl/completion.h"

#include <algorithm>
#include <cctype>
#include <ostream>

#include "apps/ctl/arguments.h"
#include "apps/ctl/handlers.h"
#include "control/client.h"
#include "control/model.h"

namespace ctl {

namespace {

constexpr std::string_view kBash = R"sh(# bash completion for ikectl
_ikectl() {
  local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]}
  case $prev in -s|--socket) mapfile -t COMPREPLY < <(compgen -f -- "$cur"); return ;; esac
  local next
  next=$(ikectl completion next -- "${COMP_WORDS[@]:1:COMP_CWORD-1}" 2>/dev/null)
  mapfile -t COMPREPLY < <(compgen -W "$next" -- "$cur")
}
complete -F _ikectl ikectl
)sh";

constexpr std::string_view kZsh = R"sh(#compdef ikectl
_ikectl() {
  case ${words[CURRENT-1]} in -s|--socket) _files; return ;; esac
  local -a next
  next=(${(f)"$(ikectl completion next -- ${words[2,CURRENT-1]} 2>/dev/null)"})
  compadd -- $next
}
if [ "$funcstack[1]" = _ikectl ]; then _ikectl "$@"; else compdef _ikectl ikectl; fi
)sh";

constexpr std::string_view kFish = R"sh(# fish completion for ikectl
function __ikectl_next
  set -l words (commandline -opc)
  ikectl completion next -- $words[2..-1] 2>/dev/null
end
complete -c ikectl -f -a '(__ikectl_next)'
complete -c ikectl -s s -l socket -r -F -d 'control socket of the daemon'
)sh";

std::vector<std::string> split(std::string_view text, std::string_view separators) {
  std::vector<std::string> out;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find_first_of(separators), text.size());
    if (end > 0) out.emplace_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return out;
}

// Whether the next word is the value of this one.
bool has_value(std::string_view word) {
  constexpr std::string_view kOptions[] = {"-s",     "--socket",      "--child", "--timeout", "--out",
                                           "--name", "--id",          "--type",  "--key",     "--days",
                                           "--ca",   "--path-length", "--revoke"};
  return std::find(std::begin(kOptions), std::end(kOptions), word) != std::end(kOptions);
}

// The words that are no options and no values of options.
std::vector<std::string> plain_words(const std::vector<std::string>& words, bool& value_wanted) {
  std::vector<std::string> out;
  value_wanted = false;
  for (const std::string& word : words) {
    if (value_wanted) {
      value_wanted = false;
    } else if (has_value(word)) {
      value_wanted = true;
    } else if (word.empty() || word[0] != '-') {
      out.push_back(word);
    }
  }
  return out;
}

std::string joined(const std::vector<std::string>& words) {
  std::string out;
  for (const std::string& word : words) out += word + " ";
  return out;
}

bool is_keyword(const std::string& token) { return std::islower(static_cast<unsigned char>(token[0])) != 0; }

bool contains(const std::vector<std::string>& list, const std::string& word) {
  return std::find(list.begin(), list.end(), word) != list.end();
}

// Candidates from the command's own arguments, as its usage spells them.
void add_arguments(const Command& command, const std::vector<std::string>& words, std::size_t plain_behind,
                   const std::function<std::vector<std::string>()>& profiles, std::vector<std::string>& out) {
  if (command.run == nullptr) return;
  for (const std::string& token : split(command.arguments, " []|")) {
    if (token == "PROFILE" && plain_behind == 0) {
      for (std::string& name : profiles()) out.push_back(std::move(name));
    } else if (token == "COMMAND" && plain_behind == 0) {
      for (const Command& other : commands()) out.push_back(split(other.name, " ").front());
    } else if ((token.substr(0, 2) == "--" || is_keyword(token)) && !contains(words, token)) {
      if (std::isdigit(static_cast<unsigned char>(token[0])) == 0) out.push_back(token);
    }
  }
}

std::vector<std::string> profile_names(const std::string& socket) {
  const auto answer = control::call(socket, {"status", nlohmann::json::object(), false}, 2, nullptr);
  std::vector<std::string> out;
  if (!answer || !answer->ok) return out;
  for (const control::ProfileView& profile : control::status_from_json(answer->result).profiles)
    out.push_back(profile.name);
  return out;
}

}  // namespace

std::vector<std::string> next_words(const std::vector<std::string>& words,
                                    const std::function<std::vector<std::string>()>& profiles) {
  bool value_wanted = false;
  const std::vector<std::string> plain = plain_words(words, value_wanted);
  std::vector<std::string> out;
  if (value_wanted) return out;
  const std::string typed = joined(plain);
  for (const Command& command : commands()) {
    const std::string name = std::string(command.name) + " ";
    if (name.size() > typed.size() && name.compare(0, typed.size(), typed) == 0)
      out.push_back(split(name.substr(typed.size()), " ").front());
  }
  if (const Command* command = find_command(plain))
    add_arguments(*command, words, plain.size() - split(command->name, " ").size(), profiles, out);
  for (const char* option : {"--json", "--secrets"})
    if (!contains(words, option)) out.emplace_back(option);
  std::sort(out.begin(), out.end());
  out.erase(std::unique(out.begin(), out.end()), out.end());
  return out;
}

std::string_view completion_script(std::string_view shell) {
  if (shell == "bash") return kBash;
  if (shell == "zsh") return kZsh;
  if (shell == "fish") return kFish;
  return {};
}

int run_completion(const Invocation& invocation, Terminal& terminal) {
  if (!invocation.words.empty() && invocation.words.front() == "next") {
    const std::vector<std::string> words(invocation.words.begin() + 1, invocation.words.end());
    std::string socket = invocation.socket;
    for (std::size_t i = 0; i + 1 < words.size(); ++i)
      if (words[i] == "-s" || words[i] == "--socket") socket = words[i + 1];
    for (const std::string& word : next_words(words, [&] { return profile_names(socket); }))
      terminal.out << word << "\n";
    return kDone;
  }
  const std::string shell = invocation.words.size() == 1 ? invocation.words.front() : "";
  const std::string_view script = completion_script(shell);
  if (script.empty())
    return refuse(invocation, terminal, kUsage, "usage", "completion takes one of bash, zsh, fish");
  terminal.out << script;
  return kDone;
}

}  // namespace ctl
