// One client of the control socket. Private to control: only server.cpp and connection.cpp include it.
#pragma once

#include <array>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "control/server.h"

namespace control {

// Reads requests one after the other and writes their steps and answers. Keeps itself alive while an
// operation is under way; `on_close` is called once.
class Connection : public std::enable_shared_from_this<Connection> {
 public:
  using Socket = boost::asio::local::stream_protocol::socket;
  using Clock = std::chrono::steady_clock;
  // What the server lends it; outlives it.
  struct Owner {
    const ServerOptions& options;
    const Handler& handler;
    ServerCounters& counters;
    std::function<void(Connection*)> on_close;
  };
  Connection(Socket socket, Owner owner);

  void start();
  // Appends to the output; a client that lets too much wait is disconnected.
  void send(std::string text);
  void finish_request(std::string text);
  void when_sent(std::function<void()> next);
  void when_gone(std::function<void()> gone);
  // Since when it neither has a request in progress nor reads an answer; nothing while it does.
  std::optional<Clock::time_point> idle_since() const;
  // Another client needs the place.
  void displace();
  void close();

 private:
  void read();
  void on_read(std::size_t octets);
  void next_request();
  void run_request(const std::string& line);
  void refuse(std::string code, std::string reason);  // answers, then closes
  void write();
  void on_written(std::size_t octets);
  void wait_for_request();

  Socket socket_;
  boost::asio::steady_timer read_timer_, write_timer_;
  const Owner owner_;
  Clock::time_point quiet_since_ = Clock::now();
  std::function<void()> on_sent_, on_gone_;
  std::string input_;
  std::size_t searched_ = 0;  // octets of input_ known to hold no newline
  std::array<char, 16384> chunk_;
  std::deque<std::string> output_;
  std::size_t queued_ = 0, written_ = 0;  // octets in output_; octets of its front that are sent
  bool busy_ = false, reading_ = false, writing_ = false, ended_ = false, last_ = false, closed_ = false;
};

}  // namespace control
