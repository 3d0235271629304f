#include "control/connection.h"

#include <boost/asio/buffer.hpp>
#include <boost/asio/post.hpp>
#include <exception>

namespace control {

namespace {

using ErrorCode = boost::system::error_code;

class ConnectionResponder : public Responder {
 public:
  explicit ConnectionResponder(std::weak_ptr<Connection> connection) : connection_(std::move(connection)) {}
  ~ConnectionResponder() override {
    if (!finished_) answer(failed("failed", "the request was dropped without an answer"));
  }
  ConnectionResponder(const ConnectionResponder&) = delete;
  ConnectionResponder& operator=(const ConnectionResponder&) = delete;

  void step(const std::string& text) override {
    if (finished_) return;
    if (const auto connection = connection_.lock()) connection->send(write_step(text));
  }
  void finish(Answer result) override {
    if (!finished_) answer(result);
  }

 private:
  void answer(const Answer& result) {
    finished_ = true;
    if (const auto connection = connection_.lock()) connection->finish_request(control::write(result));
  }
  std::weak_ptr<Connection> connection_;
  bool finished_ = false;
};

}  // namespace

Connection::Connection(Socket socket, const ServerOptions& options, const Handler& handler,
                       std::function<void(Connection*)> on_close)
    : socket_(std::move(socket)),
      read_timer_(socket_.get_executor()),
      write_timer_(socket_.get_executor()),
      options_(options),
      handler_(handler),
      on_close_(std::move(on_close)) {}

void Connection::start() {
  wait_for_request();
  read();
}

void Connection::wait_for_request() {
  read_timer_.expires_after(options_.request_deadline);
  read_timer_.async_wait([self = shared_from_this()](ErrorCode error) {
    if (error || self->busy_ || self->closed_ || self->last_) return;
    if (!self->output_.empty()) {  // it still reads its answer: the write deadline watches over that
      self->wait_for_request();
      return;
    }
    self->refuse("timeout", "no whole request arrived in time");
  });
}

void Connection::read() {
  if (reading_ || ended_ || closed_ || last_) return;
  reading_ = true;
  socket_.async_read_some(boost::asio::buffer(chunk_),
                          [self = shared_from_this()](ErrorCode error, std::size_t octets) {
                            self->reading_ = false;
                            if (self->closed_) return;
                            if (error) {
                              self->ended_ = true;  // it may still wait for its answer
                              if (!self->busy_ && self->output_.empty()) self->close();
                              return;
                            }
                            self->on_read(octets);
                          });
}

void Connection::on_read(std::size_t octets) {
  input_.append(chunk_.data(), octets);
  next_request();
}

// Runs the first whole line of the input, unless a request is in progress: then the rest waits unread.
void Connection::next_request() {
  if (busy_ || closed_ || last_) return;
  const std::size_t end = input_.find('\n', searched_);
  if (end == std::string::npos) {
    searched_ = input_.size();
    if (input_.size() > kMaxFrame) {
      refuse("usage", "the request is longer than " + std::to_string(kMaxFrame) + " octets");
      return;
    }
    if (ended_ && output_.empty()) close();
    read();
    return;
  }
  const std::string line = input_.substr(0, end);
  input_.erase(0, end + 1);
  searched_ = 0;
  run_request(line);
}

void Connection::run_request(const std::string& line) {
  auto request = parse_request(line);
  if (request.has_error()) {
    refuse("usage", request.error().reason);
    return;
  }
  busy_ = true;
  read_timer_.cancel();
  const auto responder = std::make_shared<ConnectionResponder>(weak_from_this());
  try {
    handler_(std::move(*request), responder);
  } catch (const std::exception& e) {  // an argument of an unforeseen type must not end the daemon
    responder->finish(failed("failed", std::string("the command failed: ") + e.what()));
  }
}

void Connection::finish_request(std::string text) {
  if (closed_) return;
  send(std::move(text));
  if (closed_) return;
  busy_ = false;
  wait_for_request();
  // Not from within the handler's stack: a client may send any number of requests at once.
  boost::asio::post(socket_.get_executor(), [self = shared_from_this()] { self->next_request(); });
}

void Connection::refuse(std::string code, std::string reason) {
  last_ = true;
  send(control::write(failed(std::move(code), std::move(reason))));
}

void Connection::send(std::string text) {
  if (closed_) return;
  if (queued_ > options_.max_queue) {  // what waits already is too much; one large answer alone is not
    close();
    return;
  }
  queued_ += text.size();
  output_.push_back(std::move(text));
  if (!writing_) write();
}

void Connection::write() {
  writing_ = true;
  write_timer_.expires_after(options_.write_deadline);
  write_timer_.async_wait([weak = weak_from_this()](ErrorCode error) {
    if (const auto self = weak.lock(); self && !error && self->writing_) self->close();
  });
  const std::string& front = output_.front();
  socket_.async_write_some(boost::asio::buffer(front.data() + written_, front.size() - written_),
                           [self = shared_from_this()](ErrorCode error, std::size_t octets) {
                             if (self->closed_) return;
                             if (error) {
                               self->close();
                               return;
                             }
                             self->on_written(octets);
                           });
}

void Connection::on_written(std::size_t octets) {
  written_ += octets;
  if (written_ == output_.front().size()) {
    queued_ -= written_;
    written_ = 0;
    output_.pop_front();
  }
  if (!output_.empty()) {
    write();
    return;
  }
  writing_ = false;
  write_timer_.cancel();
  if (last_ || (ended_ && !busy_ && input_.find('\n') == std::string::npos)) close();
}

void Connection::close() {
  if (closed_) return;
  closed_ = true;
  ErrorCode ignored;
  socket_.close(ignored);
  read_timer_.cancel();
  write_timer_.cancel();
  output_.clear();
  on_close_(this);
}

}  // namespace control
