#include "control/server.h"

#include <sys/socket.h>

#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/steady_timer.hpp>
#include <optional>
#include <unordered_map>

#include "control/connection.h"
#include "control/socket_file.h"

namespace control {

using boost::asio::local::stream_protocol;
using ErrorCode = boost::system::error_code;

struct Server::Impl : std::enable_shared_from_this<Server::Impl> {
  Impl(boost::asio::io_context& io, ServerOptions with, Handler on_request, base::LogSink& sink,
       SocketFile socket_file, gid_t admitted_group)
      : options(std::move(with)),
        handler(std::move(on_request)),
        log(sink),
        file(std::move(socket_file)),
        group(admitted_group),
        acceptor(io, stream_protocol(), file->release_descriptor()),
        retry(io) {
    acceptor.non_blocking(true);
  }

  void accept();
  void accept_after(std::chrono::milliseconds pause);
  std::optional<std::chrono::milliseconds> make_room();
  void admit(stream_protocol::socket socket);
  void turn_away(stream_protocol::socket& socket, const char* code, const std::string& reason);
  void close();

  const ServerOptions options;
  const Handler handler;
  base::LogSink& log;
  std::optional<SocketFile> file;
  const gid_t group;
  stream_protocol::acceptor acceptor;
  boost::asio::steady_timer retry;
  std::unordered_map<Connection*, std::shared_ptr<Connection>> clients;
  ServerCounters counters;
  bool closed = false;
};

void Server::Impl::accept() {
  acceptor.async_wait(stream_protocol::acceptor::wait_read, [self = shared_from_this()](ErrorCode waited) {
    if (self->closed) return;
    if (const auto pause = self->make_room(); pause && !waited) return self->accept_after(*pause);
    ErrorCode error = waited;
    stream_protocol::socket socket(self->acceptor.get_executor());
    if (!error) self->acceptor.accept(socket, error);
    if (!error) {
      self->admit(std::move(socket));
      self->accept();
    } else if (error == boost::asio::error::would_block || error == boost::asio::error::try_again) {
      self->accept();  // that client has gone again
    } else {
      // No descriptor is free, most likely: others must close theirs first.
      self->log.write({base::LogLevel::warning,
                       "control-accept-failed",
                       "cannot accept a control connection: " + error.message(),
                       {}});
      self->accept_after(std::chrono::milliseconds(100));
    }
  });
}

void Server::Impl::accept_after(std::chrono::milliseconds pause) {
  retry.expires_after(pause);
  retry.async_wait([self = shared_from_this()](ErrorCode cancelled) {
    if (!cancelled && !self->closed) self->accept();
  });
}

// Lets the client go that has been silent longest, where all places are taken. Returns how long to wait
// before one may be let go; nothing where a place is free, or where none is to be had by waiting.
std::optional<std::chrono::milliseconds> Server::Impl::make_room() {
  if (clients.size() < options.max_clients) return std::nullopt;
  std::shared_ptr<Connection> quietest;
  for (const auto& [key, connection] : clients) {
    const auto since = connection->idle_since();
    if (since && (quietest == nullptr || *since < *quietest->idle_since())) quietest = connection;
  }
  if (quietest == nullptr) return std::nullopt;
  const auto silent = Connection::Clock::now() - *quietest->idle_since();
  if (silent < options.silence) return std::chrono::ceil<std::chrono::milliseconds>(options.silence - silent);
  quietest->displace();
  return std::nullopt;
}

void Server::Impl::admit(stream_protocol::socket socket) {
  const auto peer = peer_credentials(socket.native_handle());
  if (peer.has_error() || !admitted(socket.native_handle(), *peer, group)) {
    const std::string who = peer.has_error() ? peer.error().reason : "user " + std::to_string(peer->uid);
    log.write({base::LogLevel::warning,
               "control-denied",
               "a control connection was refused",
               {{"peer", who}, {"pid", peer.has_error() ? "0" : std::to_string(peer->pid)}}});
    ++counters.denied;
    turn_away(socket, "denied", "not permitted: only root, the daemon's user and the socket's group are");
    return;
  }
  if (clients.size() >= options.max_clients) {
    ++counters.turned_away;
    turn_away(socket, "busy", "too many control connections (" + std::to_string(options.max_clients) + ")");
    return;
  }
  // The connection refers to this Impl's options and handler; the callback keeps the Impl alive.
  auto connection = std::make_shared<Connection>(
      std::move(socket),
      Connection::Owner{options, handler, counters,
                        [self = shared_from_this()](Connection* c) { self->clients.erase(c); }});
  clients.emplace(connection.get(), connection);
  connection->start();
}

// Says why and closes, without waiting: the few octets fit into the socket's own buffer.
void Server::Impl::turn_away(stream_protocol::socket& socket, const char* code, const std::string& reason) {
  const std::string text = write(failed(code, reason));
  (void)::send(socket.native_handle(), text.data(), text.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
  ErrorCode ignored;
  socket.close(ignored);
}

void Server::Impl::close() {
  closed = true;
  ErrorCode ignored;
  acceptor.close(ignored);
  file.reset();
  retry.cancel();
  const auto open_clients = std::move(clients);
  clients.clear();
  for (const auto& [key, connection] : open_clients) connection->close();
}

base::Result<std::unique_ptr<Server>> Server::open(boost::asio::io_context& io, const ServerOptions& options,
                                                   Handler handler, base::LogSink& log) {
  ASSIGN_OR_RETURN(const gid_t group, find_group(options.group));
  ASSIGN_OR_RETURN(SocketFile file, SocketFile::open(options.path, group, options.mode));
  auto impl = std::make_shared<Impl>(io, options, std::move(handler), log, std::move(file), group);
  impl->accept();
  return std::unique_ptr<Server>(new Server(std::move(impl)));
}

Server::Server(std::shared_ptr<Impl> impl) : impl_(std::move(impl)) {}
const ServerCounters& Server::counters() const { return impl_->counters; }
Server::~Server() { impl_->close(); }

}  // namespace control
