// A blocking client of the control socket, for ikectl.
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "base/result.h"
#include "control/protocol.h"

namespace control {

struct ClientError {
  bool no_daemon = false;  // nothing answers at the socket
  std::string reason;
  std::string code = "failed";  // "no-daemon", "denied", "timeout", "failed"
};

// What is told before the answer comes; the functions that are not set hear nothing.
struct Listener {
  std::function<void(const std::string&)> step;
  std::function<void(const nlohmann::json&)> event;
  std::function<void(nlohmann::json&&)> part;
};

// A client that stays connected from one call to the next, as long as the daemon lets it.
class Session {
 public:
  Session() = default;
  ~Session();
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  // As call().
  boost::system::result<Answer, ClientError> call(const std::string& socket, const Request& request,
                                                  int timeout_s, const Listener& listener = {});

 private:
  // Nullopt: it is connected.
  std::optional<ClientError> connect(const std::string& socket, int timeout_s);
  void close();

  int fd_ = -1;
  std::string socket_;  // that it is connected to
};

// Sends one request and waits for its answer, at most timeout_s seconds (0: without limit).
boost::system::result<Answer, ClientError> call(const std::string& socket, const Request& request,
                                                int timeout_s, const Listener& listener = {});
[[noreturn]] void throw_exception_from_error(const ClientError& error, const boost::source_location& where);

}  // namespace control
