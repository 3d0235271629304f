// A server in a thread of its own, and raw clients for it.
#pragma once

#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>
#include <chrono>
#include <cstring>
#include <filesystem>
#include <functional>
#include <future>
#include <mutex>
#include <stdexcept>
#include <thread>

#include "control/server.h"

namespace harness {

// A fresh folder that everybody may enter, removed at the end.
class Folder {
 public:
  Folder() {
    std::string name = (std::filesystem::temp_directory_path() / "ikev2d-test-XXXXXX").string();
    if (::mkdtemp(name.data()) == nullptr) throw std::runtime_error("mkdtemp failed");
    path_ = name;
    std::filesystem::permissions(path_, std::filesystem::perms(0755));
  }
  ~Folder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  std::string file(const std::string& name) const { return path_ + "/" + name; }

 private:
  std::string path_;
};

class Log : public base::LogSink {
 public:
  void write(const base::LogEvent& event) override {
    const std::lock_guard lock(mutex_);
    events_.push_back(event.event);
  }
  bool has(const std::string& event) const {
    const std::lock_guard lock(mutex_);
    return std::find(events_.begin(), events_.end(), event) != events_.end();
  }

 private:
  mutable std::mutex mutex_;
  std::vector<std::string> events_;
};

class Running {
 public:
  Running(control::ServerOptions options, control::Handler handler) : work_(io_.get_executor()) {
    auto opened = control::Server::open(io_, options, std::move(handler), log);
    if (opened.has_error()) throw std::runtime_error(opened.error().reason);
    server_ = std::move(*opened);
    thread_ = std::thread([this] { io_.run(); });
  }
  ~Running() {
    run([this] { server_.reset(); });
    work_.reset();
    thread_.join();
  }
  Running(const Running&) = delete;
  Running& operator=(const Running&) = delete;

  // Runs something on the server's thread and waits for it.
  void run(const std::function<void()>& what) {
    std::promise<void> done;
    boost::asio::post(io_, [&] {
      what();
      done.set_value();
    });
    done.get_future().wait();
  }

  control::ServerCounters counters() {
    control::ServerCounters out;
    run([&] { out = server_->counters(); });
    return out;
  }

  Log log;

 private:
  boost::asio::io_context io_;
  boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work_;
  std::unique_ptr<control::Server> server_;
  std::thread thread_;
};

// Our own group, so that the tests run as any user.
inline control::ServerOptions options_at(const std::string& path) {
  control::ServerOptions options;
  options.path = path;
  options.group = std::to_string(::getegid());
  return options;
}

class Client {
 public:
  explicit Client(const std::string& path) : fd_(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::memcpy(address.sun_path, path.data(), path.size());
    connected_ = ::connect(fd_, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
  }
  ~Client() { ::close(fd_); }
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;

  bool connected() const { return connected_; }
  // False where the server has closed.
  bool send(std::string_view text) {
    while (!text.empty()) {
      const ssize_t n = ::send(fd_, text.data(), text.size(), MSG_NOSIGNAL);
      if (n <= 0) return false;
      text.remove_prefix(static_cast<std::size_t>(n));
    }
    return true;
  }
  void end_of_input() { ::shutdown(fd_, SHUT_WR); }
  // One line without its newline; "" at the end of the stream, "<nothing>" after ten seconds of silence.
  std::string line() {
    while (true) {
      if (const auto end = input_.find('\n'); end != std::string::npos) {
        std::string out = input_.substr(0, end);
        input_.erase(0, end + 1);
        return out;
      }
      pollfd p{fd_, POLLIN, 0};
      if (::poll(&p, 1, 10'000) <= 0) return "<nothing>";
      char chunk[65536];
      const ssize_t n = ::recv(fd_, chunk, sizeof chunk, 0);
      if (n <= 0) return "";
      input_.append(chunk, static_cast<std::size_t>(n));
    }
  }
  std::size_t drain() {  // octets until the server closes
    std::size_t total = input_.size();
    char chunk[65536];
    for (ssize_t n; (n = ::recv(fd_, chunk, sizeof chunk, 0)) > 0;) total += static_cast<std::size_t>(n);
    return total;
  }

 private:
  int fd_;
  bool connected_ = false;
  std::string input_;
};

}  // namespace harness
