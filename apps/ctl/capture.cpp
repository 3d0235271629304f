#include "apps/ctl/capture.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstring>
#include <ostream>
#include <set>
#include <stdexcept>

#include "apps/ctl/arguments.h"
#include "apps/ctl/ask.h"
#include "apps/ctl/wireshark_keys.h"
#include "base/base64.h"
#include "control/client.h"

namespace ctl {
namespace {

using nlohmann::json;

// What ends a capture from our side.
struct WriteError : std::runtime_error {
  using std::runtime_error::runtime_error;
};

// A file for its owner alone: it holds what others wrote to each other, or keys. What was there goes.
class OutputFile {
 public:
  explicit OutputFile(const std::string& path) : path_(path == "-" ? "standard output" : path) {
    constexpr int kOwner = 0600;
    number_ =
        path == "-" ? STDOUT_FILENO : ::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, kOwner);
    if (number_ < 0) fail();
    // Also where it was there before, with rights for others.
    struct stat status {};
    if (path != "-" && ::fstat(number_, &status) == 0 && S_ISREG(status.st_mode)) ::fchmod(number_, kOwner);
  }
  ~OutputFile() {
    if (number_ != STDOUT_FILENO) ::close(number_);
  }
  OutputFile(const OutputFile&) = delete;
  OutputFile& operator=(const OutputFile&) = delete;

  // At once, so that what has been captured stands there whatever ends us.
  void write(base::ByteSpan octets) const {
    while (!octets.empty()) {
      const ssize_t written = ::write(number_, octets.data(), octets.size());
      if (written < 0 && errno != EINTR) fail();
      if (written > 0) octets = octets.subspan(static_cast<std::size_t>(written));
    }
  }

 private:
  [[noreturn]] void fail() const {
    throw WriteError(fmt::format("cannot write {}: {}", path_, std::strerror(errno)));
  }

  std::string path_;
  int number_ = -1;
};

// Keys of all SAs that are seen while the capture runs, each once.
class KeyFiles {
 public:
  KeyFiles(const Invocation& invocation, const std::string& path)
      : invocation_(invocation), esp_(path + ".esp_sa"), ike_(path + ".ikev2_decryption_table") {}

  // Asks at most once a second, or at once where `now`.
  void look(bool now) {
    const auto moment = std::chrono::steady_clock::now();
    if (!now && moment - looked_ < std::chrono::seconds(1)) return;
    looked_ = moment;
    const auto on_part = [this](const json& part) {
      const control::StatusView status = control::status_from_json(part);
      for (const std::string& line : esp_sa_lines(status)) add(esp_, line);
      for (const std::string& line : ikev2_lines(status)) add(ike_, line);
    };
    // Where that fails, the capture itself will hear of it.
    (void)control::call(invocation_.socket, {"list", {{"tables", {"ike_sas"}}}, true}, kQuick,
                        {{}, {}, on_part});
  }

 private:
  void add(const OutputFile& file, const std::string& line) {
    if (known_.insert(line).second) file.write(base::as_bytes(line + "\n"));
  }

  const Invocation& invocation_;
  OutputFile esp_, ike_;
  std::set<std::string> known_;
  std::chrono::steady_clock::time_point looked_{};
};

// What the daemon shall do; nullopt: the reason is printed.
std::optional<json> read_options(const Invocation& invocation, Terminal& terminal, int& limit) {
  if (invocation.words.size() != 1) {
    usage(invocation, terminal,
          invocation.words.empty() ? "the name of a file is needed, or -" : "one file is enough");
    return std::nullopt;
  }
  if (invocation.secrets && invocation.words.front() == "-") {
    usage(invocation, terminal, "--secrets writes files beside FILE, which standard output has not");
    return std::nullopt;
  }
  json args = {{"plain", invocation.has_option("--plain")}};
  if (const auto profile = invocation.option("--profile")) args["profile"] = *profile;
  if (const auto length = invocation.option("--for")) {
    const auto seconds = parse_timeout(*length);
    if (!seconds) {
      usage(invocation, terminal, "--for takes 1s to 1440m or 24h");
      return std::nullopt;
    }
    args["for_s"] = *seconds;
    limit = *seconds + kGrace;
  }
  return args;
}

int capture_to(const Invocation& invocation, Terminal& terminal, const json& args, int limit) {
  const std::string& path = invocation.words.front();
  std::optional<OutputFile> file;
  std::optional<KeyFiles> keys;
  const auto take = [&](const json& part) {
    const auto text = part.find("pcapng");
    const auto octets = text != part.end() && text->is_string()
                            ? base::from_base64(text->get_ref<const std::string&>())
                            : std::nullopt;
    if (!octets) throw WriteError("the daemon sends something that is no part of a capture");
    if (!file) file.emplace(path);  // not before the daemon has agreed
    file->write(*octets);
    if (invocation.secrets && !keys) keys.emplace(invocation, path);
    if (keys) keys->look(false);
  };
  const auto answer =
      control::call(invocation.socket, {"capture", args, false}, limit, {nullptr, nullptr, take});
  if (answer.has_error()) {
    const control::ClientError& error = answer.error();
    return refuse(invocation, terminal, error.no_daemon ? kNoDaemon : kRefused, error.code, error.reason);
  }
  if (!answer->ok) return refuse(invocation, terminal, kRefused, answer->error.code, answer->error.reason);
  if (keys) keys->look(true);
  if (invocation.json) {
    print_json(terminal, answer->result);
  } else {
    terminal.err << fmt::format("{} packets, {} lost\n", answer->result.value("packets", std::uint64_t{0}),
                                answer->result.value("lost", std::uint64_t{0}));
  }
  return kDone;
}

}  // namespace

int run_capture(const Invocation& invocation, Terminal& terminal) {
  int limit = 0;  // without --for until we are ended
  const auto args = read_options(invocation, terminal, limit);
  if (!args) return kUsage;
  try {
    return capture_to(invocation, terminal, *args, limit);
  } catch (const WriteError& error) {
    return refuse(invocation, terminal, kRefused, "failed", error.what());
  }
}

}  // namespace ctl
