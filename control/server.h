// The control socket's server. Admits root, the daemon's own user and members of one group, by the peer's
// credentials (SO_PEERCRED, SO_PEERGROUPS). Runs on the IKE thread's io_context; never blocks it.
#pragma once

#include <boost/asio/io_context.hpp>
#include <chrono>
#include <functional>
#include <memory>
#include <string>

#include "base/log.h"
#include "base/result.h"
#include "control/protocol.h"

namespace control {

struct ServerOptions {
  std::string path;
  std::string group = "root";  // a name or a number
  unsigned mode = 0660;
  // Limits. A connection without a request in progress is closed after request_deadline, one that reads
  // nothing of its answer after write_deadline.
  std::chrono::milliseconds request_deadline{10'000}, write_deadline{10'000};
  // Where all places are taken, the one that has been silent longest gives way, after that time; others wait
  // unaccepted. Where all of them have a request in progress, a new one is turned away.
  std::size_t max_clients = 256;
  std::chrono::milliseconds silence{200};
  std::size_t max_queue = 1 << 20;  // octets waiting for a slow reader beyond which it is disconnected
};

// One request in progress. Kept by whoever answers later; a vanished client makes the calls do nothing.
// Called from the io_context's own thread. Dropped without finish(), it answers with a failure.
class Responder {
 public:
  virtual ~Responder() = default;
  virtual void step(const std::string& text) = 0;
  // A whole line made by write_event or write_part; several clients may be sent the same.
  virtual void send(const std::string& line) = 0;
  // `next` is called once, when everything sent so far is on its way, unless the client has gone.
  virtual void when_sent(std::function<void()> next) = 0;
  // From now on it is noticed when the client goes away, or is disconnected since it reads too slowly.
  virtual void when_gone(std::function<void()> gone) = 0;
  virtual void finish(Answer answer) = 0;  // once
};
// What it throws becomes a failed answer.
using Handler = std::function<void(Request, std::shared_ptr<Responder>)>;

// Clients that were refused or thrown out, by reason.
struct ServerCounters {
  std::uint64_t denied = 0;       // not permitted
  std::uint64_t turned_away = 0;  // no place was free
  std::uint64_t displaced = 0;    // silent, and another needed the place
  std::uint64_t slow = 0;         // read too slowly
};

class Server {
 public:
  // Binds with the mode and group given; takes over a stale socket file, refuses one on which a daemon
  // answers. The error names path and reason.
  static base::Result<std::unique_ptr<Server>> open(boost::asio::io_context& io, const ServerOptions& options,
                                                    Handler handler, base::LogSink& log);
  ~Server();  // closes and removes the socket file
  const ServerCounters& counters() const;

 private:
  struct Impl;
  explicit Server(std::shared_ptr<Impl> impl);
  std::shared_ptr<Impl> impl_;
};

}  // namespace control
