// The log: one event a line, as text or as JSON, to standard error. Safe from any thread.
#pragma once

#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include "apps/daemon/clock.h"
#include "base/log.h"

namespace daemon_app {

enum class LogFormat : std::uint8_t { text, json };

std::string_view name(base::LogLevel level);
std::optional<base::LogLevel> parse_log_level(std::string_view text);
std::optional<LogFormat> parse_log_format(std::string_view text);

// One line, without the newline. Values are escaped and capped at kMaxLogValue octets, so that bytes of the
// network can neither forge a line nor fill the log.
constexpr std::size_t kMaxLogValue = 512;
std::string format_text(const base::LogEvent& event, WallTime at);
std::string format_json(const base::LogEvent& event, WallTime at);

// How many warnings of one event name are written per window; the rest is counted and told afterwards as
// "suppressed=n", so that one bad sender cannot fill the log.
struct LogLimit {
  unsigned lines = 20;
  std::chrono::seconds window{10};
};

class Logger : public base::LogSink {
 public:
  using Output = std::function<void(std::string_view line)>;  // with the newline
  using Clock = std::function<WallTime()>;

  // Writes to standard error.
  Logger(base::LogLevel level, LogFormat format);
  // The same elsewhere and with another clock.
  Logger(base::LogLevel level, LogFormat format, Output output, Clock clock, LogLimit limit = {});

  void write(const base::LogEvent& event) override;
  // Tells of what was suppressed in windows that have ended. Called now and then.
  void flush_suppressed();

 private:
  struct Window {
    WallTime began;
    unsigned lines = 0;
    std::uint64_t suppressed = 0;
  };
  bool admit(const base::LogEvent& event, WallTime at);
  void report_suppressed(const std::string& event, Window& window, WallTime at);
  void emit(const base::LogEvent& event, WallTime at);

  const base::LogLevel level_;
  const LogFormat format_;
  const Output output_;
  const Clock clock_;
  const LogLimit limit_;
  std::mutex mutex_;
  std::map<std::string, Window> windows_;
};

}  // namespace daemon_app
