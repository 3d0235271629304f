#include "apps/ctl/completion.h"

#include <algorithm>
#include <cctype>
#include <iterator>
#include <optional>
#include <ostream>

#include "apps/ctl/arguments.h"
#include "apps/ctl/ask.h"
#include "apps/ctl/handlers.h"
#include "control/client.h"
#include "control/model.h"

namespace ctl {

namespace {

constexpr std::string_view kBash = R"sh(# bash completion for ikectl
_ikectl() {
  local cur=${COMP_WORDS[COMP_CWORD]} word
  local -a next=() plain=()
  mapfile -t next < <(ikectl completion next -- "${COMP_WORDS[@]:1:COMP_CWORD-1}" 2>/dev/null)
  COMPREPLY=()
  for word in "${next[@]}"; do
    if [ "$word" = :file ]; then
      compopt -o filenames
      mapfile -t -O ${#COMPREPLY[@]} COMPREPLY < <(compgen -f -- "$cur")
    else
      plain+=("$word")
    fi
  done
  mapfile -t -O ${#COMPREPLY[@]} COMPREPLY < <(compgen -W "${plain[*]}" -- "$cur")
}
complete -F _ikectl ikectl
)sh";

constexpr std::string_view kZsh = R"sh(#compdef ikectl
_ikectl() {
  local -a next
  next=(${(f)"$(ikectl completion next -- ${words[2,CURRENT-1]} 2>/dev/null)"})
  if (( ${next[(Ie):file]} )); then _files; next=(${next:#:file}); fi
  compadd -- $next
}
if [ "$funcstack[1]" = _ikectl ]; then _ikectl "$@"; else compdef _ikectl ikectl; fi
)sh";

constexpr std::string_view kFish = R"sh(# fish completion for ikectl
function __ikectl_next
  set -l words (commandline -opc)
  for word in (ikectl completion next -- $words[2..-1] 2>/dev/null)
    if test "$word" = :file
      __fish_complete_path (commandline -ct)
    else
      echo $word
    end
  end
end
complete -c ikectl -f -a '(__ikectl_next)'
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

bool is_keyword(const std::string& token) { return std::islower(static_cast<unsigned char>(token[0])) != 0; }

bool contains(const std::vector<std::string>& list, const std::string& word) {
  return std::find(list.begin(), list.end(), word) != list.end();
}

// The words typed, taken apart.
struct Typed {
  std::vector<std::string> plain;    // no options, no values of options
  const Command* command = nullptr;  // that they name so far
  std::string wanted;                // the last option's value is still to come: "NAME", "proc|man"
};

// What the value of an option is called, where it takes one.
std::string_view value_of(const Command* command, const std::string& word) {
  if (word == "-s" || word == "--socket") return "FILE";
  if (command == nullptr) return word == "-f" || word == "--file" ? "FILE" : "";
  const auto option = find_option(*command, word);
  return option ? option->value : "";
}

Typed take_apart(const std::vector<std::string>& words) {
  Typed typed;
  for (const std::string& word : words) {
    if (!typed.wanted.empty()) {
      typed.wanted.clear();
    } else if (word.size() > 1 && word[0] == '-') {
      typed.wanted = value_of(typed.command, word);
    } else {
      typed.plain.push_back(word);
      typed.command = find_command(typed.plain);
    }
  }
  return typed;
}

std::string joined(const std::vector<std::string>& words) {
  std::string out;
  for (const std::string& word : words) out += word + " ";
  return out;
}

void append(std::vector<std::string>& to, std::vector<std::string> more) {
  to.insert(to.end(), std::make_move_iterator(more.begin()), std::make_move_iterator(more.end()));
}

// The words that an option's value may be, by the name that usage gives it.
std::vector<std::string> values_for(const Typed& typed, const std::string& option, const NameSource& names) {
  if (typed.wanted == "PROFILE") return names.profiles();
  if (typed.wanted == "FILE" || typed.wanted == "PREFIX") return {std::string(kAnyFile)};
  if (option == "--child" && typed.command != nullptr) {
    const std::size_t own = split(typed.command->name, " ").size();
    return typed.plain.size() > own ? names.children(typed.plain[own]) : std::vector<std::string>();
  }
  if (typed.wanted.find('|') == std::string::npos) return {};
  return split(typed.wanted, "|");
}

// The options that have not been given yet.
void add_options(const Command& command, const std::vector<std::string>& words,
                 std::vector<std::string>& out) {
  for (const OptionSpec& option : options_of(command))
    if (!contains(words, std::string(option.name))) out.emplace_back(option.name);
}

// The usage of a command without its options and their values.
std::vector<std::string> positional_tokens(const Command& command) {
  std::vector<std::string> out;
  std::string_view skipped;
  for (std::string& token : split(command.arguments, " []")) {
    if (token.substr(0, 2) == "--") {
      const std::size_t bar = token.find('|');
      const auto option = find_option(command, token.substr(0, bar));
      skipped = option ? option->value : "";
    } else if (!skipped.empty() && token == skipped) {
      skipped = {};
    } else {
      append(out, split(token, "|"));
    }
  }
  return out;
}

// Candidates from the command's own arguments, as its usage spells them.
void add_arguments(const Typed& typed, const std::vector<std::string>& words, const NameSource& names,
                   std::vector<std::string>& out) {
  const std::size_t behind = typed.plain.size() - split(typed.command->name, " ").size();
  std::size_t place = 0;  // of the next word in capitals: each takes one
  for (const std::string& token : positional_tokens(*typed.command)) {
    if (is_keyword(token)) {
      if (!contains(words, token)) out.push_back(token);
      continue;
    }
    if (place++ != behind) continue;
    if (token == "PROFILE") append(out, names.profiles());
    if (token == "FILE" || token == "PATH") out.emplace_back(kAnyFile);
    if (token == "COMMAND")
      for (const Command& other : commands()) out.push_back(split(other.name, " ").front());
  }
  add_options(*typed.command, words, out);
}

// What `name` finds in the rows of that table; of one profile, or of all.
std::vector<std::string> names_in(
    const std::string& socket, const char* table, const std::string& profile,
    const std::function<void(const control::StatusView&, std::vector<std::string>&)>& take) {
  std::vector<std::string> out;
  const auto on_part = [&](const nlohmann::json& part) { take(control::status_from_json(part), out); };
  nlohmann::json args = {{"tables", {table}}};
  if (!profile.empty()) args["profile"] = profile;
  (void)control::call(socket, {"list", std::move(args), false}, 2, {{}, {}, on_part});
  return out;
}

}  // namespace

std::vector<std::string> next_words(const std::vector<std::string>& words, const NameSource& names) {
  const Typed typed = take_apart(words);
  if (!typed.wanted.empty()) return values_for(typed, words.back(), names);
  std::vector<std::string> out;
  const std::string start = joined(typed.plain);
  for (const Command& command : commands()) {
    const std::string name = std::string(command.name) + " ";
    if (name.size() > start.size() && name.compare(0, start.size(), start) == 0)
      out.push_back(split(name.substr(start.size()), " ").front());
  }
  if (typed.command != nullptr && typed.command->run != nullptr) add_arguments(typed, words, names, out);
  for (const char* option : {"--json", "--secrets"})
    if (!contains(words, option)) out.emplace_back(option);
  std::sort(out.begin(), out.end());
  out.erase(std::unique(out.begin(), out.end()), out.end());
  return out;
}

NameSource names_from(const std::string& socket) {
  return {[socket] {
            return names_in(socket, "profiles", "", [](const control::StatusView& view, auto& out) {
              for (const control::ProfileView& profile : view.profiles) out.push_back(profile.name);
            });
          },
          [socket](const std::string& profile) {
            return names_in(socket, "ike_sas", profile, [](const control::StatusView& view, auto& out) {
              for (const control::IkeSaView& sa : view.ike_sas)
                for (const control::ChildView& child : sa.children) out.push_back(child.name);
            });
          }};
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
    for (const std::string& word : next_words(words, names_from(socket))) terminal.out << word << "\n";
    return kDone;
  }
  const std::string shell = invocation.words.size() == 1 ? invocation.words.front() : "";
  const std::string_view script = completion_script(shell);
  if (script.empty())
    return refuse(invocation, terminal, kUsage, "usage", "completion takes one of bash, zsh, fish");
  if (invocation.json) {
    print_json(terminal, {{"shell", shell}, {"script", script}});
  } else {
    terminal.out << script;
  }
  return kDone;
}

}  // namespace ctl
