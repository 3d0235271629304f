#include "apps/daemon/logger.h"

#include <fmt/format.h>
#include <unistd.h>

#include <nlohmann/json.hpp>

namespace daemon_app {
namespace {

constexpr std::string_view kLevelNames[] = {"error", "warning", "info", "debug", "trace"};

std::string_view capped(std::string_view value) { return value.substr(0, kMaxLogValue); }

// What stands behind a value of which a part was cut off.
const char* mark_of_cut(std::string_view value) { return value.size() > kMaxLogValue ? "..." : ""; }

bool printable(char c) { return c >= 0x20 && c < 0x7f; }

// Backslash, quotes and everything unprintable as \\, \" and \xNN.
std::string escaped(std::string_view value) {
  std::string out;
  out.reserve(value.size());
  for (const char c : value) {
    if (c == '\\' || c == '"') {
      out += '\\';
      out += c;
    } else if (printable(c)) {
      out += c;
    } else {
      out += fmt::format("\\x{:02x}", static_cast<unsigned char>(c));
    }
  }
  return out;
}

// A sentence: what cannot be printed is escaped, quotes stay as they are.
std::string sentence(std::string_view text) {
  std::string out;
  for (const char c : capped(text)) {
    if (printable(c)) {
      out += c;
    } else {
      out += fmt::format("\\x{:02x}", static_cast<unsigned char>(c));
    }
  }
  return out + mark_of_cut(text);
}

bool plain(std::string_view value) {
  if (value.empty()) return false;
  for (const char c : value) {
    if (!printable(c) || c == ' ' || c == '"' || c == '\\' || c == '=') return false;
  }
  return true;
}

std::string quoted_if_needed(std::string_view value) {
  const char* const mark = mark_of_cut(value);
  value = capped(value);
  if (plain(value)) return std::string(value) + mark;
  return "\"" + escaped(value) + mark + "\"";
}

void write_to_stderr(std::string_view line) {
  while (!line.empty()) {
    const ssize_t n = ::write(STDERR_FILENO, line.data(), line.size());
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return;  // nobody listens: a log must not end the daemon
    line.remove_prefix(static_cast<std::size_t>(n));
  }
}

}  // namespace

std::string_view name(base::LogLevel level) { return kLevelNames[static_cast<std::size_t>(level)]; }

std::optional<base::LogLevel> parse_log_level(std::string_view text) {
  for (std::size_t i = 0; i < std::size(kLevelNames); ++i) {
    if (kLevelNames[i] == text) return static_cast<base::LogLevel>(i);
  }
  return {};
}

std::optional<LogFormat> parse_log_format(std::string_view text) {
  if (text == "text") return LogFormat::text;
  if (text == "json") return LogFormat::json;
  return {};
}

std::string format_text(const base::LogEvent& event, WallTime at) {
  std::string line = fmt::format("{} {:<5} event={}", iso_time(at), name(event.level), event.event);
  if (!event.message.empty()) line += " " + sentence(event.message);
  for (const auto& [key, value] : event.fields) line += " " + key + "=" + quoted_if_needed(value);
  return line;
}

std::string format_json(const base::LogEvent& event, WallTime at) {
  nlohmann::ordered_json line;
  line["time"] = iso_time(at);
  line["level"] = name(event.level);
  line["event"] = event.event;
  line["message"] = std::string(capped(event.message)) + mark_of_cut(event.message);
  for (const auto& [key, value] : event.fields) {
    if (!line.contains(key)) line[key] = std::string(capped(value)) + mark_of_cut(value);
  }
  // Octets that are no UTF-8 become U+FFFD instead of an exception.
  return line.dump(-1, ' ', true, nlohmann::ordered_json::error_handler_t::replace);
}

Logger::Logger(base::LogLevel level, LogFormat format)
    : Logger(level, format, write_to_stderr, [] { return std::chrono::system_clock::now(); }) {}

Logger::Logger(base::LogLevel level, LogFormat format, Output output, Clock clock, LogLimit limit)
    : level_(level), format_(format), output_(std::move(output)), clock_(std::move(clock)), limit_(limit) {}

void Logger::write(const base::LogEvent& event) {
  if (event.level > level_) return;
  const std::lock_guard lock(mutex_);
  const WallTime at = clock_();
  if (admit(event, at)) emit(event, at);
}

bool Logger::admit(const base::LogEvent& event, WallTime at) {
  if (event.level != base::LogLevel::warning) return true;
  Window& window = windows_[event.event];
  if (at - window.began >= limit_.window || at < window.began) {
    report_suppressed(event.event, window, at);
    window = Window{at, 0, 0};
  }
  if (window.lines < limit_.lines) {
    ++window.lines;
    return true;
  }
  ++window.suppressed;
  return false;
}

void Logger::report_suppressed(const std::string& event, Window& window, WallTime at) {
  if (window.suppressed == 0) return;
  const auto count = std::to_string(window.suppressed);
  window.suppressed = 0;
  emit({base::LogLevel::warning,
        event,
        "suppressed " + count + " more of this event",
        {{"suppressed", count}}},
       at);
}

void Logger::flush_suppressed() {
  const std::lock_guard lock(mutex_);
  const WallTime at = clock_();
  for (auto& [event, window] : windows_) {
    if (at - window.began >= limit_.window) report_suppressed(event, window, at);
  }
}

void Logger::emit(const base::LogEvent& event, WallTime at) {
  std::string line = format_ == LogFormat::json ? format_json(event, at) : format_text(event, at);
  line += '\n';
  output_(line);
}

}  // namespace daemon_app
