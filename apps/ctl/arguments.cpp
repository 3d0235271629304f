#include "apps/ctl/arguments.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>
#include <span>
#include <stdexcept>

#include "apps/ctl/vpp_refused.h"

namespace ctl {

namespace {

using Outcome = boost::system::result<Invocation, UsageError>;

// The arguments without the options that may stand anywhere.
struct Rest {
  std::vector<std::string> tokens;
  std::size_t literal_from = 0;  // tokens from here on stood behind "--" and are no options
  bool help = false, version = false;
};

// "--name VALUE" or "--name=VALUE" at `i`, which moves to the last token used. Nothing where it is another.
// `missing` is set where the value is.
std::optional<std::string> option_value(const std::vector<std::string>& args, std::size_t& i,
                                        std::string_view name, bool& missing) {
  const std::string& arg = args[i];
  if (arg == name) {
    if (i + 1 < args.size()) return args[++i];
    missing = true;
    return std::nullopt;
  }
  if (name.size() > 2 && arg.size() > name.size() && arg.compare(0, name.size(), name) == 0 &&
      arg[name.size()] == '=')
    return arg.substr(name.size() + 1);
  return std::nullopt;
}

// An option with a value that may stand anywhere: "-s PATH", "--socket PATH", and "-f FILE" before any word.
struct Global {
  std::string_view name, needs;
};
constexpr Global kSocket[] = {{"-s", "the path of a socket"}, {"--socket", "the path of a socket"}};
constexpr Global kFile[] = {{"-f", "the name of a file"}, {"--file", "the name of a file"}};

// The value where `args[i]` is one of `names`; `error` where it has none.
std::optional<std::string> take_global(const std::vector<std::string>& args, std::size_t& i,
                                       std::span<const Global> names, std::optional<UsageError>& error) {
  for (const Global& global : names) {
    bool missing = false;
    auto value = option_value(args, i, global.name, missing);
    if (missing)
      error = UsageError{std::string(global.name) + " needs " + std::string(global.needs), nullptr};
    if (value || missing) return value.value_or("");
  }
  return std::nullopt;
}

std::optional<UsageError> take_globals(const std::vector<std::string>& args, Invocation& to, Rest& rest) {
  std::optional<std::size_t> literal;
  std::optional<UsageError> error;
  for (std::size_t i = 0; i < args.size() && !error; ++i) {
    const std::string& arg = args[i];
    if (literal) {
      rest.tokens.push_back(arg);
    } else if (arg == "--") {
      literal = rest.tokens.size();
    } else if (arg == "--json") {
      to.json = true;
    } else if (arg == "--secrets") {
      to.secrets = true;
    } else if (arg == "-h" || arg == "--help") {
      rest.help = true;
    } else if (arg == "--version") {
      rest.version = true;
    } else if (auto path = take_global(args, i, kSocket, error)) {
      to.socket = *path;
    } else if (auto file = rest.tokens.empty() ? take_global(args, i, kFile, error) : std::nullopt) {
      to.file = *file;
    } else {
      rest.tokens.push_back(arg);
    }
  }
  rest.literal_from = literal.value_or(rest.tokens.size());
  return error;
}

// Puts one option of the command where it belongs.
std::optional<UsageError> store(const OptionSpec& option, std::string value, Invocation& to) {
  if (option.name == "--child") {
    to.child = std::move(value);
  } else if (option.name == "--timeout") {
    const auto seconds = parse_timeout(value);
    if (!seconds) return UsageError{"--timeout needs a duration of 1s to 24h", to.command};
    to.timeout_s = *seconds;
  } else {
    to.options.emplace_back(option.name, std::move(value));
  }
  return std::nullopt;
}

// "--out FILE", "--out=FILE" or "--dry-run" at `i`, as the usage of the command spells it.
std::optional<UsageError> take_option(const Rest& rest, std::size_t& i, Invocation& to) {
  const std::string& token = rest.tokens[i];
  const std::string name = token.substr(0, token.find('='));
  const auto option = find_option(*to.command, name);
  if (!option) return UsageError{"unknown option '" + token + "'", to.command};
  if (option->value.empty()) {
    if (token.size() > name.size()) return UsageError{name + " takes no value", to.command};
    return store(*option, "", to);
  }
  bool missing = false;
  auto value = option_value(rest.tokens, i, name, missing);
  if (!value) return UsageError{name + " needs a value: " + std::string(option->value), to.command};
  return store(*option, std::move(*value), to);
}

// KLIPS' man pages have "ipsec" in front of each of its commands.
void drop_ipsec(Rest& rest) {
  constexpr std::array kBehind = {"spi", "spigrp", "eroute", "tncfg", "klipsdebug", "manual"};
  if (rest.tokens.size() < 2 || rest.literal_from < 2 || rest.tokens[0] != "ipsec") return;
  if (std::find(kBehind.begin(), kBehind.end(), rest.tokens[1]) == kBehind.end()) return;
  rest.tokens.erase(rest.tokens.begin());
  --rest.literal_from;
}

std::size_t word_count(std::string_view name) {
  std::size_t count = 1;
  for (const char c : name) count += c == ' ' ? 1 : 0;
  return count;
}

// Options of the command and its words. What a planned command takes is not known yet: anything.
std::optional<UsageError> take_own(const Rest& rest, Invocation& to) {
  const bool raw = to.command->run == nullptr || to.command->words == Words::raw;
  for (std::size_t i = word_count(to.command->name); i < rest.tokens.size(); ++i) {
    const std::string& token = rest.tokens[i];
    if (raw || i >= rest.literal_from || token.size() < 2 || token[0] != '-') {
      to.words.push_back(token);
    } else if (auto error = take_option(rest, i, to)) {
      return error;
    }
  }
  return std::nullopt;
}

UsageError unknown_command(const Rest& rest) {
  const std::string& first = rest.tokens.front();
  if (first[0] == '-') return {"unknown option '" + first + "'", nullptr};
  std::string typed, candidates;
  for (const std::string& token : rest.tokens) typed += (typed.empty() ? "" : " ") + token;
  for (const Command& command : commands())
    if (command.name.substr(0, typed.size() + 1) == typed + " ")
      candidates += (candidates.empty() ? "" : ", ") + std::string(command.name);
  if (!candidates.empty()) return {"'" + typed + "' is not complete: " + candidates, nullptr};
  return {"unknown command '" + typed + "'; see ikectl help", nullptr};
}

}  // namespace

void throw_exception_from_error(const UsageError& error, const boost::source_location&) {
  throw std::logic_error("the value of a failed parse was taken: " + error.reason);
}

Outcome parse_arguments(const std::vector<std::string>& args) {
  Invocation to;
  Rest rest;
  if (auto error = take_globals(args, to, rest)) return *error;
  drop_ipsec(rest);
  if (rest.help) {
    to.command = find_command({"help"});
    to.words = rest.tokens;
    return to;
  }
  if (rest.version) {
    to.command = find_command({"version"});
    to.words = {"local"};
    return to;
  }
  if (to.file) {
    if (!rest.tokens.empty()) return UsageError{"-f takes its commands from the file alone", nullptr};
    return to;
  }
  to.prompt = rest.tokens.empty();
  if (to.prompt) return to;
  to.command = find_command(rest.tokens);
  if (const Command* refused = find_refused(rest.tokens, to.command)) to.command = refused;
  if (to.command == nullptr) return unknown_command(rest);
  if (auto error = take_own(rest, to)) return *error;
  return to;
}

bool wants_json(const std::vector<std::string>& args) {
  for (const std::string& arg : args) {
    if (arg == "--") return false;
    if (arg == "--json") return true;
  }
  return false;
}

std::optional<int> parse_timeout(std::string_view text) {
  int value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  const std::string_view unit(end, static_cast<std::size_t>(text.data() + text.size() - end));
  constexpr int kDay = 86400;
  if (error != std::errc() || value < 1 || value > kDay) return std::nullopt;
  int factor = 0;
  if (unit.empty() || unit == "s") factor = 1;
  if (unit == "m") factor = 60;
  if (unit == "h") factor = 3600;
  if (factor == 0 || value > kDay / factor) return std::nullopt;
  return value * factor;
}

std::optional<std::uint64_t> parse_spi(std::string_view text) {
  if (text.substr(0, 2) == "0x") text.remove_prefix(2);
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, 16);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

}  // namespace ctl
