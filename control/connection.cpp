#include "control/connection.h"

#include <sys/socket.h>

#include <boost/asio/buffer.hpp>
#include <boost/asio/post.hpp>
#include <exception>
#include <utility>

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
  void send(const std::string& line) override {
    if (finished_) return;
    if (const auto connection = connection_.lock()) connection->send(line);
  }
  void when_sent(std::function<void()> next) override {
    if (const auto connection = connection_.lock()) connection->when_sent(std::move(next));
  }
  void when_gone(std::function<void()> gone) override {
    if (const auto connection = connection_.lock()) {
      connection->when_gone(std::move(gone));
    } else {
      gone();
    }
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

Connection::Connection(Socket socket, Owner owner)
    : socket_(std::move(socket)),
      read_timer_(socket_.get_executor()),
      write_timer_(socket_.get_executor()),
      owner_(std::move(owner)) {}

void Connection::start() {
  wait_for_request();
  read();
}

void Connection::wait_for_request() {
  read_timer_.expires_after(owner_.options.request_deadline);
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
    owner_.handler(std::move(*request), responder);
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
  if (queued_ > owner_.options.max_queue) {  // what waits already is too much; one large answer alone is not
    ++owner_.counters.slow;
    close();
    return;
  }
  queued_ += text.size();
  output_.push_back(std::move(text));
  if (!writing_) write();
}

void Connection::write() {
  writing_ = true;
  write_timer_.expires_after(owner_.options.write_deadline);
  write_timer_.async_wait([weak = weak_from_this()](ErrorCode error) {
    const auto self = weak.lock();
    if (!self || error || !self->writing_) return;
    ++self->owner_.counters.slow;
    self->close();
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
  quiet_since_ = Clock::now();
  write_timer_.cancel();
  if (auto next = std::exchange(on_sent_, nullptr))
    boost::asio::post(socket_.get_executor(), std::move(next));
  if (last_ || (ended_ && !busy_ && input_.find('\n') == std::string::npos)) close();
}

void Connection::when_sent(std::function<void()> next) {
  if (closed_) return;
  if (output_.empty()) {
    boost::asio::post(socket_.get_executor(), std::move(next));
  } else {
    on_sent_ = std::move(next);
  }
}

// A client that has shut down its writing alone may still read: that is no hangup.
void Connection::when_gone(std::function<void()> gone) {
  if (closed_) {
    boost::asio::post(socket_.get_executor(), std::move(gone));
    return;
  }
  on_gone_ = std::move(gone);
  socket_.async_wait(Socket::wait_error, [weak = weak_from_this()](ErrorCode error) {
    if (const auto self = weak.lock(); self && !error) self->close();
  });
}

std::optional<Connection::Clock::time_point> Connection::idle_since() const {
  if (busy_ || closed_ || !output_.empty()) return std::nullopt;
  return quiet_since_;
}

void Connection::displace() {
  ++owner_.counters.displaced;
  const std::string text =
      control::write(failed("busy", "another client needed the place of this silent one"));
  (void)::send(socket_.native_handle(), text.data(), text.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
  close();
}

void Connection::close() {
  if (closed_) return;
  closed_ = true;
  ErrorCode ignored;
  socket_.close(ignored);
  read_timer_.cancel();
  write_timer_.cancel();
  output_.clear();
  if (auto gone = std::exchange(on_gone_, nullptr))
    boost::asio::post(socket_.get_executor(), std::move(gone));  // not from within who sends
  on_sent_ = nullptr;
  owner_.on_close(this);
}

}  // namespace control
