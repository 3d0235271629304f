// UDP at a given rate and what became of it, for ./dev bench: datagrams with sequence numbers, many to a
// system call.
//
//   udp_load sink ADDRESS PORT
//   udp_load send [--destinations N] SOURCE ADDRESS PORT RATE SECONDS SIZE[xCOUNT]…
//
// The sink takes datagrams until standard input ends, then prints one JSON object. SIZE is octets of payload,
// several are a pattern: 64x7 548x4 1372x1. RATE is datagrams a second. A sender that falls behind does not
// make up for more than 1024 of them, so that it never sends a burst that no real sender would; it prints how
// many it sent and how long that took.
//
// With --destinations the datagrams go to ADDRESS and the N - 1 addresses behind it in turn, one to each,
// from a socket that is not connected: the kernel looks up the route of every datagram, also where N is 1.
#include <arpa/inet.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cinttypes>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <string>
#include <vector>

namespace {

constexpr std::size_t kBatch = 64;          // datagrams of one system call
constexpr std::uint64_t kMaxBehind = 1024;  // datagrams that a late sender makes up for
constexpr std::uint64_t kMaxNumber = 1u << 28;
constexpr int kBuffer = 8 << 20;  // octets; the socket shall not be what loses datagrams
constexpr std::size_t kMaxSize = 9000;
constexpr std::size_t kMaxDestinations = 1 << 20;
constexpr std::uint32_t kMagic = 0x75647021;

// The first octets of each datagram; both ends are on one machine, so its byte order does.
struct Header {
  std::uint32_t magic;
  std::uint32_t spare;
  std::uint64_t number;
};

[[noreturn]] void fail(const char* what) {
  std::fprintf(stderr, "udp_load: %s: %s\n", what, std::strerror(errno));
  std::exit(1);
}

std::uint64_t nanoseconds() {
  timespec now{};
  clock_gettime(CLOCK_MONOTONIC, &now);
  return static_cast<std::uint64_t>(now.tv_sec) * 1'000'000'000u + static_cast<std::uint64_t>(now.tv_nsec);
}

sockaddr_in address(const char* text, const char* port) {
  sockaddr_in made{};
  made.sin_family = AF_INET;
  made.sin_port = htons(static_cast<std::uint16_t>(std::atoi(port)));
  if (inet_pton(AF_INET, text, &made.sin_addr) != 1) {
    errno = EINVAL;
    fail(text);
  }
  return made;
}

int bound_socket(const sockaddr_in& local, int buffer_option) {
  const int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (fd < 0) fail("socket");
  setsockopt(fd, SOL_SOCKET, buffer_option, &kBuffer, sizeof kBuffer);  // needs root; less is only worse
  if (bind(fd, reinterpret_cast<const sockaddr*>(&local), sizeof local) != 0) fail("bind");
  return fd;
}

// Buffers for kBatch datagrams; msgs[i] is buffer i.
struct Batch {
  Batch() {
    for (std::size_t i = 0; i < kBatch; ++i) {
      vectors[i] = {buffers[i].data(), kMaxSize};
      messages[i].msg_hdr.msg_iov = &vectors[i];
      messages[i].msg_hdr.msg_iovlen = 1;
    }
  }
  std::vector<std::array<std::uint8_t, kMaxSize>> buffers{kBatch};
  std::array<iovec, kBatch> vectors{};
  std::array<mmsghdr, kBatch> messages{};
};

// What the sink has seen.
struct Seen {
  std::vector<bool> numbers;
  std::uint64_t received = 0, twice = 0, late = 0, octets = 0, next = 0, last_at = 0, gap = 0;

  void take(const std::uint8_t* data, std::size_t size) {
    Header header{};
    if (size < sizeof header) return;
    std::memcpy(&header, data, sizeof header);
    if (header.magic != kMagic || header.number >= kMaxNumber) return;
    if (header.number >= numbers.size()) numbers.resize(std::max<std::size_t>(2 * header.number, 1 << 20));
    if (numbers[header.number]) {
      ++twice;
      return;
    }
    numbers[header.number] = true;
    ++received;
    octets += size;
    if (header.number < next) ++late;
    next = std::max(next, header.number + 1);
  }

  // The longest time between two arrivals, in nanoseconds.
  void arrived(std::uint64_t now) {
    if (last_at != 0) gap = std::max(gap, now - last_at);
    last_at = now;
  }
};

bool input_ended() {
  pollfd input{STDIN_FILENO, POLLIN, 0};
  char octet = 0;
  return poll(&input, 1, 0) > 0 && read(STDIN_FILENO, &octet, 1) <= 0;
}

int sink(char** arguments) {
  const int fd = bound_socket(address(arguments[0], arguments[1]), SO_RCVBUFFORCE);
  const timeval patience{0, 50'000};
  if (setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience) != 0) fail("SO_RCVTIMEO");
  Batch batch;
  Seen seen;
  std::puts("listening");
  std::fflush(stdout);
  for (;;) {
    const int count = recvmmsg(fd, batch.messages.data(), kBatch, MSG_WAITFORONE, nullptr);
    if (count <= 0) {
      if (input_ended()) break;
      continue;
    }
    seen.arrived(nanoseconds());
    for (std::size_t i = 0; i < static_cast<std::size_t>(count); ++i)
      seen.take(batch.buffers[i].data(), batch.messages[i].msg_len);
  }
  std::printf("{\"received\": %" PRIu64 ", \"octets\": %" PRIu64 ", \"twice\": %" PRIu64
              ", \"late\": %" PRIu64 ", \"highest\": %" PRIu64 ", \"gap_us\": %" PRIu64 "}\n",
              seen.received, seen.octets, seen.twice, seen.late, seen.next, seen.gap / 1000);
  return 0;
}

// SIZE[xCOUNT]… as one list of sizes, mixed so that large datagrams do not follow one another.
std::vector<std::size_t> pattern(int count, char** arguments) {
  std::vector<std::pair<double, std::size_t>> placed;
  for (int i = 0; i < count; ++i) {
    char* rest = nullptr;
    const std::size_t size = std::strtoul(arguments[i], &rest, 10);
    const std::size_t times = *rest == 'x' ? std::strtoul(rest + 1, nullptr, 10) : 1;
    errno = EINVAL;
    if (size < sizeof(Header) || size > kMaxSize || times == 0 || times > 100) fail(arguments[i]);
    for (std::size_t k = 0; k < times; ++k)
      placed.emplace_back((static_cast<double>(k) + 0.5) / static_cast<double>(times), size);
  }
  std::sort(placed.begin(), placed.end());
  std::vector<std::size_t> sizes;
  for (const auto& [place, size] : placed) sizes.push_back(size);
  return sizes;
}

// What is sent, and where to.
struct Traffic {
  std::vector<std::size_t> sizes;         // in turn
  std::vector<sockaddr_in> destinations;  // in turn; none: that of the connected socket
};

// Sends `count` datagrams from number `first` on; returns how many the kernel took.
std::size_t send_some(int fd, Batch& batch, Traffic& traffic, std::uint64_t first, std::size_t count) {
  for (std::size_t i = 0; i < count; ++i) {
    const Header header{kMagic, 0, first + i};
    std::memcpy(batch.buffers[i].data(), &header, sizeof header);
    batch.vectors[i].iov_len = traffic.sizes[(first + i) % traffic.sizes.size()];
    if (traffic.destinations.empty()) continue;
    batch.messages[i].msg_hdr.msg_name = &traffic.destinations[(first + i) % traffic.destinations.size()];
    batch.messages[i].msg_hdr.msg_namelen = sizeof(sockaddr_in);
  }
  const int taken = sendmmsg(fd, batch.messages.data(), static_cast<unsigned>(count), 0);
  if (taken < 0 && errno != ENOBUFS && errno != EAGAIN && errno != ECONNREFUSED) fail("sendmmsg");
  return taken < 0 ? 0 : static_cast<std::size_t>(taken);
}

// `count` addresses from `first` on, all with its port.
std::vector<sockaddr_in> destinations_from(const sockaddr_in& first, std::size_t count) {
  std::vector<sockaddr_in> all(count, first);
  for (std::size_t i = 0; i < count; ++i)
    all[i].sin_addr.s_addr = htonl(ntohl(first.sin_addr.s_addr) + static_cast<std::uint32_t>(i));
  return all;
}

// A sender's socket. Without destinations it is connected to the target; with them, the traffic gets them.
int sending_socket(const sockaddr_in& source, const sockaddr_in& target, std::size_t destinations,
                   Traffic& traffic) {
  const int fd = bound_socket(source, SO_SNDBUFFORCE);
  if (destinations > 0) {
    traffic.destinations = destinations_from(target, destinations);
  } else if (connect(fd, reinterpret_cast<const sockaddr*>(&target), sizeof target) != 0) {
    fail("connect");
  }
  return fd;
}

int send_paced(int count, char** arguments, std::size_t destinations) {
  Traffic traffic{pattern(count - 5, arguments + 5), {}};
  const int fd =
      sending_socket(address(arguments[0], "0"), address(arguments[1], arguments[2]), destinations, traffic);
  const double per_nanosecond = std::atof(arguments[3]) / 1e9;
  const auto lasts = static_cast<std::uint64_t>(std::atof(arguments[4]) * 1e9);
  prctl(PR_SET_TIMERSLACK, 1);  // sleeps end when they should
  Batch batch;
  const std::uint64_t begin = nanoseconds();
  std::uint64_t sent = 0, skipped = 0, elapsed = 0;
  for (; elapsed < lasts; elapsed = nanoseconds() - begin) {
    const auto due = static_cast<std::uint64_t>(static_cast<double>(elapsed) * per_nanosecond);
    std::uint64_t waiting = due - std::min(due, sent + skipped);
    if (waiting > kMaxBehind) {
      skipped += waiting - kMaxBehind;
      waiting = kMaxBehind;
    }
    if (waiting == 0) {
      const timespec pause{0, 40'000};
      nanosleep(&pause, nullptr);
      continue;
    }
    sent += send_some(fd, batch, traffic, sent, std::min<std::size_t>(waiting, kBatch));
  }
  std::printf("{\"sent\": %" PRIu64 ", \"skipped\": %" PRIu64 ", \"seconds\": %.6f}\n", sent, skipped,
              static_cast<double>(elapsed) / 1e9);
  return 0;
}

// The number behind --destinations, taken from the arguments; 0 where it is not given.
std::size_t take_destinations(int& count, char**& arguments) {
  if (count < 2 || std::string(arguments[0]) != "--destinations") return 0;
  const std::size_t destinations = std::strtoul(arguments[1], nullptr, 10);
  errno = EINVAL;
  if (destinations == 0 || destinations > kMaxDestinations) fail(arguments[1]);
  count -= 2;
  arguments += 2;
  return destinations;
}

}  // namespace

int main(int argc, char** argv) {
  const std::string what = argc > 1 ? argv[1] : "";
  if (what == "sink" && argc == 4) return sink(argv + 2);
  if (what == "send") {
    int count = argc - 2;
    char** arguments = argv + 2;
    const std::size_t destinations = take_destinations(count, arguments);
    if (count >= 6) return send_paced(count, arguments, destinations);
  }
  std::fputs(
      "usage: udp_load sink ADDRESS PORT\n"
      "       udp_load send [--destinations N] SOURCE ADDRESS PORT RATE SECONDS SIZE[xCOUNT]...\n",
      stderr);
  return 2;
}
