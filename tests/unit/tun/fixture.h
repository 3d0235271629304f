// Network namespaces, packets and waiting, for the tests of tun/. They need root, TUN, veth and iproute2, and
// fail naming what is missing.
#pragma once

#include <fcntl.h>
#include <poll.h>
#include <sched.h>

#include <catch2/catch_test_macros.hpp>
#include <cerrno>
#include <cstdlib>
#include <string>

#include "base/packet.h"
#include "tun/file_descriptor.h"
#include "tun/netlink.h"
#include "tun/packet_io.h"
#include "tun/socket_address.h"

namespace fixture {

// Fails the test with the reason where a result is an error.
template <class T>
T must(base::Result<T> result) {
  if (result.has_error()) FAIL(result.error().reason);
  return std::move(*result);
}
inline void must(const base::Status& status) {
  if (status.has_error()) FAIL(status.error().reason);
}

inline void write_setting(const std::string& path, const std::string& value) {
  const tun::FileDescriptor file(open(path.c_str(), O_WRONLY | O_CLOEXEC));
  INFO(path);
  REQUIRE(write(file.get(), value.data(), value.size()) == static_cast<ssize_t>(value.size()));
}

// A network namespace of its own, with the loopback device up. It is gone when nothing refers to it.
class Namespace {
 public:
  Namespace() {
    const tun::FileDescriptor before = current();
    if (unshare(CLONE_NEWNET) != 0)
      FAIL("network namespaces are missing: unshare: " << tun::errno_text(errno));
    own_ = current();
    // Addresses of new devices serve at once, without duplicate address detection.
    for (const char* setting : {"accept_dad", "dad_transmits"}) {
      write_setting("/proc/sys/net/ipv6/conf/default/" + std::string(setting), "0");
    }
    must(must(tun::Netlink::open({}))->set_link_up("lo", true));
    restore(before);
  }
  // By this path other processes find it.
  std::string path() const {
    return "/proc/" + std::to_string(getpid()) + "/fd/" + std::to_string(own_.get());
  }

  static tun::FileDescriptor current() {
    tun::FileDescriptor found(open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC));
    if (!found.is_open()) FAIL("network namespaces are missing: " << tun::errno_text(errno));
    return found;
  }
  static void restore(const tun::FileDescriptor& to) { (void)setns(to.get(), CLONE_NEWNET); }

 private:
  friend class Inside;
  tun::FileDescriptor own_;
};

// This thread works in the namespace as long as this lives.
class Inside {
 public:
  explicit Inside(const Namespace& where) : before_(Namespace::current()) { Namespace::restore(where.own_); }
  Inside(const Inside&) = delete;
  Inside& operator=(const Inside&) = delete;
  ~Inside() { Namespace::restore(before_); }

 private:
  tun::FileDescriptor before_;
};

inline void shell(const std::string& command) {
  if (std::system("command -v ip >/dev/null") != 0) FAIL("iproute2 is missing (the command ip)");
  INFO(command);
  REQUIRE(std::system(command.c_str()) == 0);
}

// A veth pair: `name` here, `peer_name` over there; both up.
inline void connect(const Namespace& here, const std::string& name, const Namespace& there,
                    const std::string& peer_name) {
  {
    const Inside inside(here);
    shell("ip link add " + name + " type veth peer name " + peer_name + " netns " + there.path());
    shell("ip link set " + name + " up");
  }
  const Inside inside(there);
  shell("ip link set " + peer_name + " up");
}

inline bool readable_within(int descriptor, int milliseconds) {
  pollfd wait{descriptor, POLLIN, 0};
  return poll(&wait, 1, milliseconds) == 1;
}
// Waits until there is something to read; two seconds are the bound of what is a failure.
inline void wait_readable(int descriptor) { REQUIRE(readable_within(descriptor, 2000)); }

inline base::IpAddress address(const std::string& text) { return base::IpAddress::parse(text).value(); }
inline base::Prefix prefix(const std::string& text) { return base::Prefix::parse(text).value(); }

inline base::Frame frame(base::PacketPool& pool, base::ByteSpan bytes, const base::Endpoint& local = {},
                         const base::Endpoint& remote = {}) {
  base::Frame made;
  made.buffer = pool.take();
  REQUIRE(bool(made.buffer));
  std::copy(bytes.begin(), bytes.end(), made.buffer.data() + base::kHeadroom);
  made.set_single(base::kHeadroom, static_cast<std::uint32_t>(bytes.size()));
  made.local = local;
  made.remote = remote;
  return made;
}

// Sends one packet; the count of refused ones.
inline std::uint64_t send(auto& sink, base::PacketPool& pool, base::ByteSpan bytes,
                          const base::Endpoint& local = {}, const base::Endpoint& remote = {}) {
  base::PacketBatch batch;
  batch.push(frame(pool, bytes, local, remote));
  const std::uint64_t refused = sink.send_batch(batch);
  CHECK(batch.empty());
  return refused;
}

// Waits for a packet and takes what is there; checks that nothing was lost.
inline void receive(tun::PacketSource& source, base::PacketPool& pool, base::PacketBatch& batch) {
  wait_readable(source.descriptor());
  std::uint64_t dropped = 0;
  must(source.recv_batch(pool, batch, dropped));
  CHECK(dropped == 0);
}

inline std::string text(const base::Frame& frame) { return std::string(base::as_text(frame.bytes())); }

// Gives a device an address and waits until it serves: the kernel makes the local route of an IPv6 address
// later, in a work queue.
void give_address(const std::string& device, const std::string& text, int length);

// An IP packet with a UDP datagram in it, checksums included.
base::Bytes udp_packet(const base::Endpoint& from, const base::Endpoint& to, const std::string& payload);

}  // namespace fixture
