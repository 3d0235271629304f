// Structured events: a level, an event name and key=value fields. No global logger; a LogSink is handed down.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace base {

enum class LogLevel : std::uint8_t { error, warning, info, debug, trace };

// One event. `message` is a sentence for a person; fields are for machines. Neither ever holds a secret.
// Values may hold bytes of the network: the sink escapes and caps them.
struct LogEvent {
  LogLevel level = LogLevel::info;
  std::string event;
  std::string message;
  std::vector<std::pair<std::string, std::string>> fields;
};

class LogSink {
 public:
  virtual ~LogSink() = default;
  virtual void write(const LogEvent& event) = 0;
};

}  // namespace base
