#include "control/client.h"

#include <poll.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <optional>
#include <stdexcept>

namespace control {

namespace {

using Outcome = boost::system::result<Answer, ClientError>;
using Clock = std::chrono::steady_clock;

ClientError failure(std::string reason) { return {false, std::move(reason), "failed"}; }

ClientError connect_error(const std::string& path, int error) {
  const std::string why = std::strerror(error);
  if (error == ENOENT || error == ECONNREFUSED || error == ENOTSOCK)
    return {true, "no daemon answers at " + path + " (" + why + ")", "no-daemon"};
  if (error == EACCES || error == EPERM) return {false, "not permitted on " + path, "denied"};
  return failure("cannot connect to " + path + ": " + why);
}

// One conversation: a deadline over all of it, lines in, lines out.
class Conversation {
 public:
  Conversation(int fd, int timeout_s) : fd_(fd) {
    if (timeout_s > 0) deadline_ = Clock::now() + std::chrono::seconds(timeout_s);
  }

  // Waits for readiness. False: the deadline passed.
  bool wait(short events) {
    while (true) {
      int milliseconds = -1;
      if (deadline_) {
        const auto left = std::chrono::ceil<std::chrono::milliseconds>(*deadline_ - Clock::now()).count();
        if (left <= 0) return false;
        milliseconds = static_cast<int>(std::min<decltype(left)>(left, 1 << 30));
      }
      pollfd p{fd_, events, 0};
      const int ready = ::poll(&p, 1, milliseconds);
      if (ready > 0) return true;
      if (ready == 0) continue;  // the deadline decides
      if (errno != EINTR) return true;
    }
  }

  // Sends everything. A server that turned us away has closed already; what it said is still to be read.
  bool send_all(std::string_view text) {
    while (!text.empty()) {
      if (!wait(POLLOUT)) return false;
      const ssize_t sent = ::send(fd_, text.data(), text.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
      if (sent > 0) text.remove_prefix(static_cast<std::size_t>(sent));
      if (sent < 0 && errno != EAGAIN && errno != EINTR) return true;
    }
    return true;
  }

  enum class Read { line, end, timeout, too_long };
  Read read_line(std::string& line) {
    while (true) {
      const std::size_t end = input_.find('\n', searched_);
      if (end != std::string::npos) {
        line = input_.substr(0, end);
        input_.erase(0, end + 1);
        searched_ = 0;
        return Read::line;
      }
      searched_ = input_.size();
      if (input_.size() > kMaxReply) return Read::too_long;
      if (!wait(POLLIN)) return Read::timeout;
      std::array<char, 65536> chunk;
      const ssize_t octets = ::recv(fd_, chunk.data(), chunk.size(), MSG_DONTWAIT);
      if (octets > 0) input_.append(chunk.data(), static_cast<std::size_t>(octets));
      if (octets == 0 || (octets < 0 && errno != EAGAIN && errno != EINTR)) return Read::end;
    }
  }

 private:
  int fd_;
  std::optional<Clock::time_point> deadline_;
  std::string input_;
  std::size_t searched_ = 0;
};

Outcome converse(Conversation& talk, const Request& request, int timeout_s, const Listener& listener) {
  const ClientError late = {false, "no answer within " + std::to_string(timeout_s) + " s", "timeout"};
  if (!talk.send_all(write(request))) return late;
  std::string line;
  while (true) {
    switch (talk.read_line(line)) {
      case Conversation::Read::timeout:
        return late;
      case Conversation::Read::end:
        return failure("the daemon closed the connection before it answered");
      case Conversation::Read::too_long:
        return failure("the daemon's answer is too long");
      case Conversation::Read::line:
        break;
    }
    auto reply = parse_reply(line);
    if (reply.has_error()) return failure("the daemon's answer is not understood: " + reply.error().reason);
    if (reply->answer) return std::move(*reply->answer);
    if (reply->step && listener.step) listener.step(*reply->step);
    if (reply->event && listener.event) listener.event(*reply->event);
    if (reply->part && listener.part) listener.part(std::move(*reply->part));
  }
}

// Whether the daemon has closed the connection, or says something that nobody has asked for.
bool is_stale(int fd) {
  pollfd p{fd, POLLIN, 0};
  return ::poll(&p, 1, 0) != 0;
}

}  // namespace

Session::~Session() { close(); }

void Session::close() {
  if (fd_ >= 0) ::close(fd_);
  fd_ = -1;
}

std::optional<ClientError> Session::connect(const std::string& socket, int timeout_s) {
  if (fd_ >= 0 && socket == socket_ && !is_stale(fd_)) return {};
  close();
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (socket.empty() || socket.size() >= sizeof address.sun_path)
    return failure("the socket's path \"" + socket + "\" is empty or too long");
  std::memcpy(address.sun_path, socket.data(), socket.size());
  fd_ = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (fd_ < 0) return failure(std::string("cannot make a socket: ") + std::strerror(errno));
  // A daemon that has stopped accepting must not hang its client: connect() waits no longer than this.
  const timeval limit{timeout_s > 0 ? timeout_s : 10, 0};
  (void)::setsockopt(fd_, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
  if (::connect(fd_, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0)
    return connect_error(socket, errno);
  socket_ = socket;
  return {};
}

Outcome Session::call(const std::string& socket, const Request& request, int timeout_s,
                      const Listener& listener) {
  if (auto error = connect(socket, timeout_s)) {
    close();
    return std::move(*error);
  }
  Conversation talk(fd_, timeout_s);
  Outcome outcome = converse(talk, request, timeout_s, listener);
  if (outcome.has_error()) close();  // what comes late is no answer to the next request
  return outcome;
}

Outcome call(const std::string& socket, const Request& request, int timeout_s, const Listener& listener) {
  return Session().call(socket, request, timeout_s, listener);
}

void throw_exception_from_error(const ClientError& error, const boost::source_location&) {
  throw std::logic_error("the value of a failed call was taken: " + error.reason);
}

}  // namespace control
