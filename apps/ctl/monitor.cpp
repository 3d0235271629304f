#include <fmt/format.h>

#include <ostream>

#include "apps/ctl/ask.h"
#include "apps/ctl/handlers.h"
#include "control/client.h"
#include "control/listing/text.h"

namespace ctl {

using control::listing::printable;
using nlohmann::json;

namespace {

std::string text_of(const json& event, const char* key) {
  const auto found = event.find(key);
  return found != event.end() && found->is_string() ? found->get<std::string>() : "";
}

// "2026-11-22T22:40:01Z child-up        pr1/net  child net installed: …"
std::string event_line(const json& event) {
  std::string subject = text_of(event, "profile");
  if (const std::string child = text_of(event, "child_name"); !child.empty()) subject += "/" + child;
  return printable(fmt::format("{} {:<15} {}  {}", text_of(event, "at"), text_of(event, "event"),
                               subject.empty() ? "-" : subject, text_of(event, "message")));
}

}  // namespace

int run_monitor(const Invocation& invocation, Terminal& terminal) {
  if (!no_words(invocation, terminal)) return kUsage;
  control::Listener listener;
  listener.event = [&](const json& event) {
    terminal.out << (invocation.json ? control::dump(event) : event_line(event)) << std::endl;
  };
  constexpr int kForEver = 0;
  const auto answer =
      control::call(invocation.socket, {"monitor", json::object(), false}, kForEver, listener);
  if (answer.has_error()) {
    const control::ClientError& error = answer.error();
    return refuse(invocation, terminal, error.no_daemon ? kNoDaemon : kRefused, error.code, error.reason);
  }
  if (!answer->ok) return refuse(invocation, terminal, kRefused, answer->error.code, answer->error.reason);
  return kDone;  // the daemon stops
}

}  // namespace ctl
