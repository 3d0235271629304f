#include "apps/ctl/ask.h"

#include <fmt/format.h>

#include <ostream>

#include "control/client.h"
#include "control/listing/text.h"

namespace ctl {

using control::listing::printable;
using nlohmann::json;

int refuse(const Invocation& invocation, Terminal& terminal, int status, const std::string& code,
           const std::string& reason) {
  terminal.err << "ikectl: " << printable(terminal.where + reason) << "\n";
  if (invocation.json) print_json(terminal, {{"error", {{"code", code}, {"reason", reason}}}});
  return status;
}

int usage(const Invocation& invocation, Terminal& terminal, const std::string& reason) {
  refuse(invocation, terminal, kUsage, "usage", reason);
  if (invocation.command != nullptr) terminal.err << "usage: " << usage_line(*invocation.command) << "\n";
  return kUsage;
}

std::optional<json> ask(const Invocation& invocation, Terminal& terminal, const std::string& command,
                        json args, int timeout_s, int& status) {
  const control::Request request{command, std::move(args), invocation.secrets};
  const auto on_step = [&](const std::string& step) {
    if (!invocation.json) terminal.out << printable(step) << std::endl;
  };
  control::Session once;
  control::Session& session = terminal.session != nullptr ? *terminal.session : once;
  auto answer = session.call(invocation.socket, request, timeout_s, {on_step, {}, {}});
  if (answer.has_error()) {
    const control::ClientError& error = answer.error();
    status = refuse(invocation, terminal, error.no_daemon ? kNoDaemon : kRefused, error.code, error.reason);
    return std::nullopt;
  }
  if (!answer->ok) {
    status = refuse(invocation, terminal, kRefused, answer->error.code, answer->error.reason);
    return std::nullopt;
  }
  status = kDone;
  return std::optional<json>(std::in_place, std::move(answer->result));
}

void print_json(Terminal& terminal, const json& value) { terminal.out << control::dump(value) << "\n"; }

bool no_words(const Invocation& invocation, Terminal& terminal) {
  if (invocation.words.empty()) return true;
  usage(invocation, terminal, fmt::format("'{}' is too much", printable(invocation.words.front())));
  return false;
}

std::optional<control::StatusView> ask_status(const Invocation& invocation, Terminal& terminal, int& status,
                                              json* raw) {
  auto result = ask(invocation, terminal, "status", json::object(), kQuick, status);
  if (!result) return std::nullopt;
  control::StatusView view = control::status_from_json(*result);
  if (raw != nullptr) *raw = std::move(*result);
  return view;
}

}  // namespace ctl
