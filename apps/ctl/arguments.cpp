#include "apps/ctl/arguments.h"

#include <charconv>
#include <cstdint>
#include <stdexcept>

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

std::optional<UsageError> take_globals(const std::vector<std::string>& args, Invocation& to, Rest& rest) {
  std::optional<std::size_t> literal;
  for (std::size_t i = 0; i < args.size(); ++i) {
    const std::string& arg = args[i];
    bool missing = false;
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
    } else if (auto path = option_value(args, i, "-s", missing); path || missing) {
      if (missing) return UsageError{"-s needs the path of a socket", nullptr};
      to.socket = *path;
    } else if (auto long_path = option_value(args, i, "--socket", missing); long_path || missing) {
      if (missing) return UsageError{"--socket needs the path of a socket", nullptr};
      to.socket = *long_path;
    } else {
      rest.tokens.push_back(arg);
    }
  }
  rest.literal_from = literal.value_or(rest.tokens.size());
  return std::nullopt;
}

bool takes(const Command& command, std::string_view option) {
  const std::size_t at = command.arguments.find(option);
  if (at == std::string_view::npos) return false;
  const std::size_t end = at + option.size();
  return end == command.arguments.size() || command.arguments[end] == ' ' || command.arguments[end] == ']';
}

// "--out FILE" or "--out=FILE", of the options that `ikectl pki` takes. False: it is no such option.
bool take_value(const Rest& rest, std::size_t& i, Invocation& to, std::optional<UsageError>& error) {
  const std::string name = rest.tokens[i].substr(0, rest.tokens[i].find('='));
  if (name.size() < 3 || name.compare(0, 2, "--") != 0 || !takes(*to.command, name)) return false;
  bool missing = false;
  auto value = option_value(rest.tokens, i, name, missing);
  if (missing || !value) {
    error = UsageError{name + " needs a value", to.command};
  } else {
    to.options.emplace_back(name, std::move(*value));
  }
  return true;
}

std::size_t word_count(std::string_view name) {
  std::size_t count = 1;
  for (const char c : name) count += c == ' ' ? 1 : 0;
  return count;
}

// Options of the command and its words. What a planned command takes is not known yet: anything.
std::optional<UsageError> take_own(const Rest& rest, Invocation& to) {
  const Command& command = *to.command;
  for (std::size_t i = word_count(command.name); i < rest.tokens.size(); ++i) {
    const std::string& token = rest.tokens[i];
    bool missing = false;
    if (command.run == nullptr || i >= rest.literal_from || token.size() < 2 || token[0] != '-') {
      to.words.push_back(token);
    } else if (auto child = option_value(rest.tokens, i, "--child", missing);
               takes(command, "--child") && (child || missing)) {
      if (missing) return UsageError{"--child needs the name of a child", &command};
      to.child = *child;
    } else if (auto timeout = option_value(rest.tokens, i, "--timeout", missing);
               takes(command, "--timeout") && (timeout || missing)) {
      const auto seconds = missing ? std::nullopt : parse_timeout(*timeout);
      if (!seconds) return UsageError{"--timeout needs a duration of 1s to 24h", &command};
      to.timeout_s = *seconds;
    } else if (std::optional<UsageError> error; take_value(rest, i, to, error)) {
      if (error) return error;
    } else {
      return UsageError{"unknown option '" + token + "'", &command};
    }
  }
  return std::nullopt;
}

UsageError unknown_command(const Rest& rest) {
  if (rest.tokens.empty()) return {"a command is needed; see ikectl help", nullptr};
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
  to.command = find_command(rest.tokens);
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
