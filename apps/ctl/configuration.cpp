// ikectl reload, ikectl config save.
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <optional>
#include <ostream>
#include <tuple>

#include "apps/ctl/ask.h"
#include "apps/ctl/listing.h"
#include "apps/ctl/vpp.h"
#include "control/client.h"
#include "control/listing/text.h"

namespace ctl {

using control::listing::printable;
using nlohmann::json;

namespace {

constexpr int kToReload = 60;  // seconds; certificates are read again

std::string text_of(const json& object, const char* key) {
  const auto found = object.find(key);
  return found != object.end() && found->is_string() ? found->get<std::string>() : std::string();
}

// "rekey    pr1/net  proposals, lifetime"
std::string line_of(const json& step) {
  std::string why;
  if (const auto list = step.find("why"); list != step.end() && list->is_array()) {
    for (const json& key : *list) {
      if (key.is_string()) why += (why.empty() ? "" : ", ") + key.get<std::string>();
    }
  }
  const std::string child = text_of(step, "child");
  const std::string name = text_of(step, "profile") + (child.empty() ? "" : "/" + child);
  return fmt::format("{:<8} {}{}\n", text_of(step, "action"), printable(name),
                     why.empty() ? "" : "  " + printable(why));
}

// Every mistake on a line of its own, as `ikev2d --check` prints them.
int refuse_lines(const Invocation& invocation, Terminal& terminal, const control::Failure& failure) {
  if (invocation.json)
    print_json(terminal, {{"error", {{"code", failure.code}, {"reason", failure.reason}}}});
  std::string_view rest = failure.reason;
  while (!rest.empty()) {
    const std::size_t end = std::min(rest.find('\n'), rest.size());
    terminal.err << printable(rest.substr(0, end)) << "\n";
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  terminal.err << "ikectl: " << terminal.where << "nothing is changed\n";
  return kRefused;
}

std::string system_error(const std::string& path) { return path + ": " + std::strerror(errno); }

// For its owner alone: there may be secrets in it. A file that is there is replaced only once all is written.
std::string write_file(const std::string& path, const std::string& text) {
  const std::string fresh = path + ".new";
  const int file = ::open(fresh.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (file < 0) return system_error(fresh);
  bool good = ::fchmod(file, 0600) == 0;
  std::size_t written = 0;
  while (good && written < text.size()) {
    const ssize_t count = ::write(file, text.data() + written, text.size() - written);
    if (count < 0 && errno == EINTR) continue;
    good = count > 0;
    if (good) written += static_cast<std::size_t>(count);
  }
  good = good && ::fsync(file) == 0;
  std::string wrong = good ? "" : system_error(fresh);
  ::close(file);
  if (good && ::rename(fresh.c_str(), path.c_str()) != 0) wrong = system_error(path);
  if (!wrong.empty()) ::unlink(fresh.c_str());
  return wrong;
}

}  // namespace

int run_reload(const Invocation& invocation, Terminal& terminal) {
  if (!no_words(invocation, terminal)) return kUsage;
  const control::Request request{"reload", {{"dry_run", invocation.has_option("--dry-run")}}, false};
  const auto answer = control::call(invocation.socket, request, kToReload);
  if (answer.has_error()) {
    const control::ClientError& error = answer.error();
    return refuse(invocation, terminal, error.no_daemon ? kNoDaemon : kRefused, error.code, error.reason);
  }
  if (!answer->ok) return refuse_lines(invocation, terminal, answer->error);
  if (invocation.json) {
    print_json(terminal, answer->result);
  } else if (const auto list = answer->result.find("connections"); list != answer->result.end()) {
    for (const json& step : *list) terminal.out << line_of(step);
  }
  return kDone;
}

// What the YAML does not say, and a line about it on standard error.
static json left_out(const json& rest, Terminal& terminal) {
  json out = rest.value("by_command", json::object());
  std::string text;
  const std::array kinds = {std::tuple("sas", "SA", "SAs"), std::tuple("groups", "group", "groups"),
                            std::tuple("policies", "policy", "policies")};
  for (const auto& [key, one, many] : kinds) {
    const auto count = out.value(key, std::uint64_t{0});
    out[key] = count;
    if (count != 0) text += fmt::format("{}{} {}", text.empty() ? "" : ", ", count, count == 1 ? one : many);
  }
  if (!text.empty())
    terminal.err << "ikectl: " << terminal.where << "left out, since commands have made them: " << text
                 << "; what shall be there after a restart belongs below manual: in the file\n";
  return out;
}

int run_config_save(const Invocation& invocation, Terminal& terminal) {
  if (invocation.words.size() > 1) return usage(invocation, terminal, "one file, or none, may stand here");
  const bool prints = invocation.words.empty();
  std::string yaml;
  const auto on_row = [&](const std::string&, const json& row) {
    const auto* const lines = row.get_ptr<const std::string*>();
    if (lines == nullptr) return;
    if (prints && !invocation.json) {
      terminal.out << *lines;
    } else {
      yaml += *lines;
    }
  };
  int status = kDone;
  const auto rest = list(invocation, terminal, {{"tables", {"yaml"}}}, on_row, status);
  if (!rest) return status;
  const json missing = left_out(*rest, terminal);
  const std::string wrong = prints ? "" : write_file(invocation.words.front(), yaml);
  if (!wrong.empty()) return refuse(invocation, terminal, kRefused, "failed", wrong);
  if (!invocation.json) return kDone;
  if (prints) {
    print_json(terminal, {{"yaml", yaml}, {"left_out", missing}});
  } else {
    print_json(terminal, {{"file", invocation.words.front()}, {"left_out", missing}});
  }
  return kDone;
}

}  // namespace ctl
