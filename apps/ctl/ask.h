// What the handlers of commands share: asking the daemon, refusing, printing.
#pragma once

#include <nlohmann/json.hpp>
#include <optional>
#include <string>

#include "apps/ctl/commands.h"
#include "control/client.h"

namespace ctl {

constexpr int kQuick = 10;       // seconds for an answer that needs no peer
constexpr int kGrace = 5;        // seconds over the daemon's own deadline
constexpr int kToShutdown = 15;  // the daemon takes at most 5 s to delete its SAs

// One line on standard error; with --json {"error": {"code", "reason"}} on standard output as well. Returns
// `status`.
int refuse(const Invocation& invocation, Terminal& terminal, int status, const std::string& code,
           const std::string& reason);
// The same for a command line that makes no sense, with the command's usage below. Returns kUsage.
int usage(const Invocation& invocation, Terminal& terminal, const std::string& reason);

// Asks the daemon; its steps are printed. Nothing: it was refused, `status` is the exit status and the reason
// is printed.
std::optional<nlohmann::json> ask(const Invocation& invocation, Terminal& terminal,
                                  const std::string& command, nlohmann::json args, int timeout_s,
                                  int& status);
// What an answer comes to: its result, or nothing where it is a refusal, as above.
using Outcome = boost::system::result<control::Answer, control::ClientError>;
std::optional<nlohmann::json> settle(const Invocation& invocation, Terminal& terminal, const Outcome& answer,
                                     int& status);

// What the daemon warns of in "warnings", on standard error; the same words once a file.
void print_warnings(Terminal& terminal, const nlohmann::json& result);

// On one line.
void print_json(Terminal& terminal, const nlohmann::json& value);
// Whether the command has no words behind it; what is too much is refused.
bool no_words(const Invocation& invocation, Terminal& terminal);

}  // namespace ctl
