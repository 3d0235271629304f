// What the handlers of commands share: asking the daemon, refusing, printing.
#pragma once

#include <nlohmann/json.hpp>
#include <optional>
#include <string>

#include "apps/ctl/commands.h"
#include "control/model.h"

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

// Asks the daemon; its steps are printed. Nothing: it was refused, `status` is the exit status and the reason is
// printed.
std::optional<nlohmann::json> ask(const Invocation& invocation, Terminal& terminal, const std::string& command,
                                  nlohmann::json args, int timeout_s, int& status);
// The model that every listing is made of; `raw` is the JSON that it came in.
std::optional<control::StatusView> ask_status(const Invocation& invocation, Terminal& terminal, int& status,
                                              nlohmann::json* raw = nullptr);

// On one line.
void print_json(Terminal& terminal, const nlohmann::json& value);
// Whether the command has no words behind it; what is too much is refused.
bool no_words(const Invocation& invocation, Terminal& terminal);

}  // namespace ctl
