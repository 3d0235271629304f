// A blocking client of the control socket, for ikectl.
#pragma once

#include <functional>
#include <string>

#include "base/result.h"
#include "control/protocol.h"

namespace control {

struct ClientError {
  bool no_daemon = false;  // nothing answers at the socket
  std::string reason;
  std::string code = "failed";  // "no-daemon", "denied", "timeout", "failed"
};

// Sends one request and waits for its answer, at most timeout_s seconds (0: without limit). Steps go to
// `on_step`.
boost::system::result<Answer, ClientError> call(const std::string& socket, const Request& request,
                                                int timeout_s,
                                                const std::function<void(const std::string&)>& on_step);
[[noreturn]] void throw_exception_from_error(const ClientError& error, const boost::source_location& where);

}  // namespace control
