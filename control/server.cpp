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
        retry(io) {}

  void accept();
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
  bool closed = false;
};

void Server::Impl::accept() {
  acceptor.async_accept([self = shared_from_this()](ErrorCode error, stream_protocol::socket socket) {
    if (self->closed) return;
    if (!error) {
      self->admit(std::move(socket));
      self->accept();
      return;
    }
    // No descriptor is free, most likely: others must close theirs first.
    self->log.write({base::LogLevel::warning,
                     "control-accept-failed",
                     "cannot accept a control connection: " + error.message(),
                     {}});
    self->retry.expires_after(std::chrono::milliseconds(100));
    self->retry.async_wait([self](ErrorCode cancelled) {
      if (!cancelled && !self->closed) self->accept();
    });
  });
}

void Server::Impl::admit(stream_protocol::socket socket) {
  const auto peer = peer_credentials(socket.native_handle());
  if (peer.has_error() || !admitted(socket.native_handle(), *peer, group)) {
    const std::string who = peer.has_error() ? peer.error().reason : "user " + std::to_string(peer->uid);
    log.write({base::LogLevel::warning,
               "control-denied",
               "a control connection was refused",
               {{"peer", who}, {"pid", peer.has_error() ? "0" : std::to_string(peer->pid)}}});
    turn_away(socket, "denied", "not permitted: only root, the daemon's user and the socket's group are");
    return;
  }
  if (clients.size() >= options.max_clients) {
    turn_away(socket, "failed", "too many control connections (" + std::to_string(options.max_clients) + ")");
    return;
  }
  // The connection refers to this Impl's options and handler; the callback keeps the Impl alive.
  auto connection =
      std::make_shared<Connection>(std::move(socket), options, handler,
                                   [self = shared_from_this()](Connection* c) { self->clients.erase(c); });
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
Server::~Server() { impl_->close(); }

}  // namespace control
