#include "apps/ctl/handlers.h"

#include <fmt/format.h>

#include <functional>
#include <optional>
#include <ostream>

#include "apps/ctl/arguments.h"
#include "apps/ctl/ask.h"
#include "apps/ctl/listing.h"
#include "apps/ctl/prompt.h"
#include "apps/ctl/script.h"
#include "control/client.h"
#include "control/listing/ikev2_sa.h"
#include "control/listing/status_table.h"
#include "control/listing/text.h"
#include "control/model.h"

namespace ctl {

using control::listing::printable;
using nlohmann::json;

namespace {

bool profile_word(const Invocation& invocation, Terminal& terminal) {
  if (invocation.words.size() == 1 && !invocation.words.front().empty()) return true;
  usage(invocation, terminal,
        invocation.words.size() > 1 ? fmt::format("'{}' is too much", printable(invocation.words[1]))
                                    : "the name of a profile is needed");
  return false;
}

json peer_args(const Invocation& invocation) {
  json args = {{"profile", invocation.words.front()}, {"timeout_s", invocation.timeout_s}};
  if (invocation.child) args["child"] = *invocation.child;
  return args;
}

// What is up now, one line for the IKE SA and one for each child.
std::string summary(const json& ike_sa) {
  const control::StatusView view = control::status_from_json({{"ike_sas", json::array({ike_sa})}});
  std::string out;
  for (const control::IkeSaView& sa : view.ike_sas) {
    out += fmt::format("{} is {}: {} to {}\n", printable(sa.profile), sa.state, printable(sa.local.address),
                       printable(sa.remote.address));
    for (const control::ChildView& child : sa.children)
      out += fmt::format("  {} is {}: spi in {} out {}\n", printable(child.name), child.state, child.spi_in,
                         child.spi_out);
  }
  return out;
}

// "[rspi HEX] [details]" in any order. Returns what is wrong with the words, or nothing.
std::string read_ikev2_sa_words(const std::vector<std::string>& words,
                                control::listing::Ikev2SaOptions& options) {
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (words[i] == "details") {
      options.details = true;
    } else if (words[i] != "rspi") {
      return fmt::format("'{}' is not understood", printable(words[i]));
    } else {
      options.responder_spi = i + 1 < words.size() ? parse_spi(words[++i]) : std::nullopt;
      if (!options.responder_spi) return "rspi takes an SPI of up to 16 hexadecimal digits";
    }
  }
  return {};
}

}  // namespace

int run_initiate(const Invocation& invocation, Terminal& terminal) {
  if (!profile_word(invocation, terminal)) return kUsage;
  int status = kDone;
  const auto result =
      ask(invocation, terminal, "initiate", peer_args(invocation), invocation.timeout_s + kGrace, status);
  if (!result) return status;
  if (invocation.json) {
    print_json(terminal, *result);
  } else {
    terminal.out << summary(*result);
  }
  return kDone;
}

// A command on a profile or one of its children that is waited for, and answers nothing but its outcome.
static int run_on_profile(const Invocation& invocation, Terminal& terminal, const std::string& command) {
  if (!profile_word(invocation, terminal)) return kUsage;
  int status = kDone;
  const auto result =
      ask(invocation, terminal, command, peer_args(invocation), invocation.timeout_s + kGrace, status);
  if (!result) return status;
  if (invocation.json) print_json(terminal, result->is_object() ? *result : json::object());
  return kDone;
}

int run_terminate(const Invocation& invocation, Terminal& terminal) {
  return run_on_profile(invocation, terminal, "terminate");
}

int run_rekey(const Invocation& invocation, Terminal& terminal) {
  return run_on_profile(invocation, terminal, "rekey");
}

int run_reauth(const Invocation& invocation, Terminal& terminal) {
  return run_on_profile(invocation, terminal, "reauth");
}

// Rows of some tables as arrays of one object, and these members of the rest behind them.
static int print_tables(const Invocation& invocation, Terminal& terminal, json args,
                        const std::vector<std::string>& members) {
  JsonPrinter printer(terminal.out);
  int status = kDone;
  const json tables = args["tables"];
  const auto rest = list(
      invocation, terminal, std::move(args),
      [&](const std::string& table, const json& row) { printer.element(table, row); }, status);
  if (!rest) return status;
  for (const json& table : tables) printer.array(table.get<std::string>());
  for (const std::string& key : members)
    if (rest->contains(key)) printer.member(key, rest->at(key));
  printer.end();
  return kDone;
}

// Beyond so many children a person wants their sums first.
constexpr int kFewChildren = 64;

int run_status(const Invocation& invocation, Terminal& terminal) {
  if (!no_words(invocation, terminal)) return kUsage;
  json args = {{"tables", {"profiles", "ike_sas"}}};
  if (invocation.json)
    return print_tables(invocation, terminal, std::move(args),
                        {"version", "uptime_s", "data_path", "counters"});
  args["brief"] = kFewChildren;
  int status = kDone;
  const auto models = list_models(invocation, terminal, args, status);
  if (models) terminal.out << control::listing::status_table(models->status, terminal.colour);
  return status;
}

int run_show_ikev2_sa(const Invocation& invocation, Terminal& terminal) {
  control::listing::Ikev2SaOptions options;
  const std::string wrong = read_ikev2_sa_words(invocation.words, options);
  if (!wrong.empty()) return usage(invocation, terminal, wrong);
  options.secrets = invocation.secrets;
  const std::string form = invocation.option("--format").value_or("current");
  if (form != "current" && form != "wiki") return usage(invocation, terminal, "--format is current or wiki");
  options.wiki = form == "wiki";
  json args = {{"tables", {"ike_sas"}}, {"brief", !options.details && !options.wiki && !invocation.json}};
  if (options.responder_spi) args["rspi"] = fmt::format("{:x}", *options.responder_spi);
  if (options.responder_spi) args["brief"] = false;
  int status = kDone;
  bool any = false;
  JsonPrinter printer(terminal.out);
  const auto on_row = [&](const std::string& table, const json& row) {
    any = true;
    if (invocation.json) return printer.element(table, row);
    control::StatusView view;
    view.ike_sas.push_back(control::ike_sa_from_json(row));
    terminal.out << control::listing::ikev2_sa(view, options);
  };
  if (!list(invocation, terminal, std::move(args), on_row, status)) return status;
  if (options.responder_spi && !any)
    return refuse(invocation, terminal, kRefused, "not-found",
                  fmt::format("no IKE SA has the responder SPI {:x}", *options.responder_spi));
  if (!invocation.json) return kDone;
  printer.array("ike_sas");
  printer.end();
  return kDone;
}

int run_show_error(const Invocation& invocation, Terminal& terminal) {
  if (!no_words(invocation, terminal)) return kUsage;
  int status = kDone;
  const auto models = list_models(invocation, terminal, json::object(), status);
  if (!models) return status;
  if (invocation.json) {
    json counters = json::object();
    for (const control::CounterView& counter : models->status.counters)
      counters[counter.name] = counter.value;
    print_json(terminal, {{"counters", std::move(counters)}});
  } else {
    terminal.out << control::listing::counters(models->status);
  }
  return kDone;
}

int run_shutdown(const Invocation& invocation, Terminal& terminal) {
  if (!no_words(invocation, terminal)) return kUsage;
  int status = kDone;
  const auto result = ask(invocation, terminal, "shutdown", json::object(), kToShutdown, status);
  if (result && invocation.json) print_json(terminal, result->is_object() ? *result : json::object());
  return status;
}

// The commands whose names begin with these words.
static json help_json(const std::vector<std::string>& words) {
  std::string typed = fmt::format("{} ", fmt::join(words, " "));
  if (words.empty()) typed.clear();
  json out = json::array();
  for (const CommandGroup& group : command_groups()) {
    for (const Command& command : group.commands) {
      if ((std::string(command.name) + " ").compare(0, typed.size(), typed) != 0) continue;
      out.push_back({{"name", command.name},
                     {"usage", usage_line(command)},
                     {"summary", command.summary},
                     {"group", group.title},
                     {"page", group.page}});
    }
  }
  return out;
}

int run_help(const Invocation& invocation, Terminal& terminal) {
  if (json list = help_json(invocation.words); invocation.json && !list.empty()) {
    print_json(terminal, {{"commands", std::move(list)}});
    return kDone;
  }
  if (invocation.words.empty()) {
    terminal.out << general_help();
    return kDone;
  }
  std::string text = help_for(invocation.words);
  if (text.empty()) {  // `ikectl initiate pr1 --help`: the words behind the command are not its name
    if (const Command* command = find_command(invocation.words)) {
      if (invocation.json) {
        print_json(terminal, {{"commands", help_json({std::string(command->name)})}});
        return kDone;
      }
      text = help_for({std::string(command->name)});
    }
  }
  if (text.empty())
    return refuse(invocation, terminal, kUsage, "usage",
                  fmt::format("unknown command '{}'; see ikectl help", fmt::join(invocation.words, " ")));
  terminal.out << text;
  return kDone;
}

int run_version(const Invocation& invocation, Terminal& terminal) {
  const bool local = invocation.words == std::vector<std::string>{"local"};
  if (!local && !no_words(invocation, terminal)) return kUsage;
  json versions = {{"ikectl", IKEV2D_VERSION}};
  if (!local) {
    versions["ikev2d"] = nullptr;
    const auto answer = control::call(invocation.socket, {"version", json::object(), false}, kQuick);
    if (answer && answer->ok) {
      const json& result = answer->result;
      const json& version = result.is_object() && result.contains("version") ? result["version"] : result;
      if (version.is_string()) versions["ikev2d"] = version;
    }
  }
  if (invocation.json) {
    print_json(terminal, versions);
    return kDone;
  }
  terminal.out << "ikectl " << IKEV2D_VERSION << "\n";
  if (!local)
    terminal.out << "ikev2d "
                 << (versions["ikev2d"].is_string() ? printable(versions["ikev2d"].get<std::string>())
                                                    : "does not answer at " + invocation.socket)
                 << "\n";
  return kDone;
}

int run_command(const std::vector<std::string>& args, Terminal& terminal) {
  const auto parsed = parse_arguments(args);
  if (parsed.has_error()) {
    Invocation invocation;
    invocation.json = wants_json(args);
    invocation.command = parsed.error().command;
    return usage(invocation, terminal, parsed.error().reason);
  }
  if (parsed->command == nullptr)
    return usage(
        *parsed, terminal,
        parsed->file ? "-f stands on the command line alone" : "a command is needed; see ikectl help");
  const Command& command = *parsed->command;
  if (command.run == nullptr)
    return refuse(*parsed, terminal, kRefused, "unsupported",
                  fmt::format("{} is not available in this version", command.name));
  return command.run(*parsed, terminal);
}

int run(const std::vector<std::string>& args, Terminal& terminal) {
  const auto parsed = parse_arguments(args);
  if (!parsed.has_error() && parsed->file) return run_file(*parsed, terminal);
  if (!parsed.has_error() && parsed->prompt && terminal.interactive) return run_prompt(*parsed, terminal);
  return run_command(args, terminal);
}

}  // namespace ctl
