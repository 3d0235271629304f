// The control socket's server. Runs on the IKE thread's io_context; never blocks it.
#pragma once

#include <boost/asio/io_context.hpp>
#include <functional>
#include <memory>
#include <string>

#include "base/log.h"
#include "base/result.h"
#include "control/protocol.h"

namespace control {

struct ServerOptions {
  std::string path;
  std::string group = "root";
  unsigned mode = 0660;
};

// One request in progress. Kept by whoever answers later; a vanished client makes the calls do nothing.
class Responder {
 public:
  virtual ~Responder() = default;
  virtual void step(const std::string& text) = 0;
  virtual void finish(Answer answer) = 0;  // once
};
using Handler = std::function<void(Request, std::shared_ptr<Responder>)>;

class Server {
 public:
  // Binds with the mode and group given; takes over a stale socket file, refuses one on which a daemon
  // answers. The error names path and reason.
  static base::Result<std::unique_ptr<Server>> open(boost::asio::io_context& io, const ServerOptions& options,
                                                    Handler handler, base::LogSink& log);
  ~Server();  // closes and removes the socket file

 private:
  struct Impl;
  explicit Server(std::shared_ptr<Impl> impl);
  std::shared_ptr<Impl> impl_;
};

}  // namespace control
