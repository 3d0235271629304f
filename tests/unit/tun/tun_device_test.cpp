#include "tun/tun_device.h"

#include <sys/socket.h>
#include <sys/wait.h>

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>

#include "fixture.h"
#include "tun/udp_socket.h"

using namespace fixture;
using base::Endpoint;
using Catch::Matchers::ContainsSubstring;
using tun::TunDevice;

namespace {

std::unique_ptr<TunDevice> open_device(const std::string& name = "ipsec0") {
  tun::TunOptions options;
  options.name = name;
  return must(TunDevice::open(options));
}

// Takes packets until one is from UDP port `port` (the kernel talks on a new device unasked).
base::Frame next_from_port(TunDevice& device, base::PacketPool& pool, std::uint16_t port) {
  while (true) {
    base::PacketBatch batch;
    receive(device, pool, batch);
    for (base::Frame& got : batch) {
      const std::size_t header = got.data()[0] >> 4 == 4 ? 20 : 40;
      if (got.length >= header + 8 && base::load_be16(got.data() + header) == port) return std::move(got);
    }
  }
}

}  // namespace

TEST_CASE("what the kernel routes into the device is read, and what is written reaches a socket") {
  const auto [ours, theirs, network] = GENERATE(table<std::string, std::string, int>(
      {{"10.9.0.1", "10.9.0.2", 24}, {"2001:db8:9::1", "2001:db8:9::2", 64}}));
  const Namespace space;
  const Inside inside(space);
  base::PacketPool pool(70);
  const auto device = open_device();
  const auto netlink = must(tun::Netlink::open({}));
  must(netlink->set_link_up("ipsec0", true));
  give_address("ipsec0", ours, network);
  const auto socket = must(tun::UdpSocket::open(
      {.bind = {address(ours), 7000}, .mark = 0, .reuse_port = false, .buffer_bytes = 1 << 20}));
  const Endpoint here{address(ours), 7000}, there{address(theirs), 7001};
  CHECK(send(*socket, pool, base::as_bytes("out"), {}, there) == 0);
  const base::Frame packet = next_from_port(*device, pool, 7000);
  CHECK(packet.offset == base::kHeadroom);
  CHECK(base::as_text(packet.bytes()).ends_with("out"));
  CHECK(send(*device, pool, udp_packet(there, here, "in")) == 0);
  base::PacketBatch batch;
  receive(*socket, pool, batch);
  REQUIRE(batch.size() == 1);
  CHECK(text(batch[0]) == "in");
  CHECK(batch[0].remote == there);
}

TEST_CASE("a train of segments is written as that many packets") {
  const Namespace space;
  const Inside inside(space);
  base::PacketPool pool(8);
  const auto device = open_device();
  const auto netlink = must(tun::Netlink::open({}));
  must(netlink->add_address("ipsec0", address("10.9.0.1"), 24));
  must(netlink->set_link_up("ipsec0", true));
  const Endpoint here{address("10.9.0.1"), 7000}, there{address("10.9.0.2"), 7001};
  const auto socket =
      must(tun::UdpSocket::open({.bind = here, .mark = 0, .reuse_port = false, .buffer_bytes = 1 << 20}));
  base::Bytes both = udp_packet(there, here, "long one");
  const auto stride = static_cast<std::uint32_t>(both.size());
  base::append(both, udp_packet(there, here, "short"));
  base::Frame train = frame(pool, both);
  train.stride = stride;
  train.count = 2;
  base::PacketBatch batch;
  batch.push(std::move(train));
  CHECK(device->send_batch(batch) == 0);
  receive(*socket, pool, batch);
  REQUIRE(batch.size() == 2);
  CHECK(text(batch[0]) == "long one");
  CHECK(text(batch[1]) == "short");
}

TEST_CASE("what is enqueued waits for more of its flow, and goes out with the next flush") {
  const Namespace space;
  const Inside inside(space);
  base::PacketPool pool(8);
  const auto device = open_device();
  const auto netlink = must(tun::Netlink::open({}));
  must(netlink->add_address("ipsec0", address("10.9.0.1"), 24));
  must(netlink->set_link_up("ipsec0", true));
  const Endpoint here{address("10.9.0.1"), 7000}, there{address("10.9.0.2"), 7001};
  const auto socket =
      must(tun::UdpSocket::open({.bind = here, .mark = 0, .reuse_port = false, .buffer_bytes = 1 << 20}));
  base::PacketBatch batch;
  for (const char* part : {"one", "two"}) {
    batch.push(frame(pool, udp_packet(there, here, part)));
    CHECK(device->enqueue(batch) == 0);
    CHECK(batch.empty());
  }
  CHECK_FALSE(readable_within(socket->descriptor(), 0));
  CHECK(device->flush() == 0);
  receive(*socket, pool, batch);
  REQUIRE(batch.size() == 2);
  CHECK(text(batch[0]) == "one");
  CHECK(text(batch[1]) == "two");
  batch.clear();
  // All buffers are back.
  std::vector<base::BufferRef> taken;
  while (auto buffer = pool.take()) taken.push_back(std::move(buffer));
  CHECK(taken.size() == 8);
}

TEST_CASE("packets are refused while the device is down, and so is what is no IP packet") {
  const Namespace space;
  const Inside inside(space);
  base::PacketPool pool(4);
  const auto device = open_device();
  const base::Bytes packet = udp_packet({address("10.9.0.2"), 1}, {address("10.9.0.1"), 2}, "x");
  CHECK(send(*device, pool, packet) == 1);
  must(must(tun::Netlink::open({}))->set_link_up("ipsec0", true));
  CHECK(send(*device, pool, packet) == 0);
  CHECK(send(*device, pool, base::Bytes(30, 0x10)) == 1);
}

TEST_CASE("without a buffer, packets from the device are thrown away and counted") {
  const Namespace space;
  const Inside inside(space);
  base::PacketPool pool(8);
  base::PacketPool empty(0);
  const auto device = open_device();
  write_setting("/proc/sys/net/ipv6/conf/ipsec0/disable_ipv6", "1");
  const auto netlink = must(tun::Netlink::open({}));
  must(netlink->add_address("ipsec0", address("10.9.0.1"), 24));
  must(netlink->set_link_up("ipsec0", true));
  const auto socket = must(tun::UdpSocket::open(
      {.bind = {address("10.9.0.1"), 7000}, .mark = 0, .reuse_port = false, .buffer_bytes = 1 << 20}));
  for (int i = 0; i < 3; ++i)
    CHECK(send(*socket, pool, base::as_bytes("x"), {}, {address("10.9.0.2"), 7001}) == 0);
  wait_readable(device->descriptor());
  base::PacketBatch batch;
  std::uint64_t dropped = 0;
  must(device->recv_batch(empty, batch, dropped));
  CHECK(dropped == 3);
  CHECK_FALSE(readable_within(device->descriptor(), 0));
}

TEST_CASE("a device that is deleted under its reader ends the source with an error that names it") {
  const Namespace space;
  const Inside inside(space);
  base::PacketPool pool(4);
  const auto device = open_device();
  shell("ip link del ipsec0");
  base::PacketBatch batch;
  std::uint64_t dropped = 0;
  const auto status = device->recv_batch(pool, batch, dropped);
  REQUIRE(status.has_error());
  CHECK_THAT(status.error().reason, ContainsSubstring("TUN device ipsec0"));
}

TEST_CASE("the same process opens further queues of its device, and the last one takes it away") {
  const Namespace space;
  const Inside inside(space);
  const auto netlink = must(tun::Netlink::open({}));
  auto first = open_device();
  auto second = open_device();
  CHECK(must(netlink->tun_queues("ipsec0")) == 2u);
  first.reset();
  CHECK(must(netlink->tun_queues("ipsec0")) == 1u);
  second.reset();
  CHECK_FALSE(must(netlink->tun_queues("ipsec0")).has_value());
}

TEST_CASE("a device that another process holds is refused") {
  const Namespace space;
  const Inside inside(space);
  int ends[2];
  REQUIRE(socketpair(AF_UNIX, SOCK_STREAM, 0, ends) == 0);
  const tun::FileDescriptor ours(ends[0]);
  tun::FileDescriptor theirs(ends[1]);
  const pid_t child = fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    // Holds the device until its end of the pair closes.
    const auto held = TunDevice::open({});
    char octet = held.has_value() ? 'y' : 'n';
    (void)!write(theirs.get(), &octet, 1);
    ::close(ours.get());
    (void)!read(theirs.get(), &octet, 1);
    _exit(0);
  }
  theirs = tun::FileDescriptor();
  char octet = 'n';
  wait_readable(ours.get());
  REQUIRE(read(ours.get(), &octet, 1) == 1);
  CHECK(octet == 'y');
  const auto opened = TunDevice::open({});
  shutdown(ours.get(), SHUT_RDWR);
  REQUIRE(waitpid(child, nullptr, 0) == child);
  REQUIRE(opened.has_error());
  CHECK(opened.error().reason == "TUN device ipsec0 is held by another process");
}

TEST_CASE("a device name that belongs to another kind of device, or that no device can have, is refused") {
  const Namespace space;
  const Inside inside(space);
  tun::TunOptions options;
  options.name = "lo";
  const auto loopback = TunDevice::open(options);
  REQUIRE(loopback.has_error());
  CHECK_THAT(loopback.error().reason, ContainsSubstring("TUN device lo: "));
  options.name = "sixteen-octets-x";
  CHECK(TunDevice::open(options).has_error());
  options.name = "";
  CHECK(TunDevice::open(options).has_error());
}

TEST_CASE(
    "a port of an Ethernet is found by ARP and Neighbor Discovery, and finds others, and carries packets") {
  const auto [ours, theirs, network, everybody] = GENERATE(table<std::string, std::string, int, std::string>(
      {{"10.9.0.1", "10.9.0.2", 24, "10.9.0.0/24"},
       {"2001:db8:9::1", "2001:db8:9::2", 64, "2001:db8:9::/64"}}));
  const Namespace space;
  const Inside inside(space);
  base::PacketPool pool(70);
  tun::TunOptions options;
  options.tap = true;
  const auto device = must(TunDevice::open(options));
  REQUIRE(device->is_tap());
  device->set_answered({{prefix(everybody).range()}, {{address(ours), address(ours)}}});
  must(must(tun::Netlink::open({}))->set_link_up("ipsec0", true));
  give_address("ipsec0", ours, network);
  const auto socket = must(tun::UdpSocket::open(
      {.bind = {address(ours), 7000}, .mark = 0, .reuse_port = false, .buffer_bytes = 1 << 20}));
  const Endpoint here{address(ours), 7000}, there{address(theirs), 7001};
  // Nobody has heard of us: the packet waits, and leaves when the kernel has answered.
  CHECK(send(*device, pool, udp_packet(there, here, "first")) == 0);
  base::PacketBatch batch;
  std::uint64_t dropped = 0;
  while (!readable_within(socket->descriptor(), 0)) {
    wait_readable(device->descriptor());
    must(device->recv_batch(pool, batch, dropped));
    batch.clear();
  }
  receive(*socket, pool, batch);
  REQUIRE(batch.size() == 1);
  CHECK(text(batch[0]) == "first");
  batch.clear();
  // The kernel asks for us, or knows us by now; then its packet comes, one hop older.
  CHECK(send(*socket, pool, base::as_bytes("out"), {}, there) == 0);
  const base::Frame packet = next_from_port(*device, pool, 7000);
  CHECK(base::as_text(packet.bytes()).ends_with("out"));
  CHECK(packet.data()[packet.data()[0] >> 4 == 4 ? 8 : 7] == 63);
  // Trains, with offsets behind one header more.
  for (int i = 0; i < 3; ++i) batch.push(frame(pool, udp_packet(there, here, "train" + std::to_string(i))));
  CHECK(device->send_batch(batch) == 0);
  for (int i = 0; i < 3;) {
    base::PacketBatch got;
    receive(*socket, pool, got);
    for (std::size_t k = 0; k < got.size(); ++k) {
      for (std::uint32_t n = 0; n < got[k].count; ++n)
        CHECK(base::as_text(got[k].segment(n)) == "train" + std::to_string(i++));
    }
  }
}

TEST_CASE("a missing /dev/net/tun and a missing capability are named") {
  // In a child with its own mounts and without capabilities, so that nothing here is disturbed.
  const auto reason_in_child = [](bool hide_device) {
    int ends[2];
    REQUIRE(pipe(ends) == 0);
    const tun::FileDescriptor ours(ends[0]);
    tun::FileDescriptor theirs(ends[1]);
    const pid_t child = fork();
    REQUIRE(child >= 0);
    if (child == 0) {
      const char* hide = "mount --make-rprivate / && mount -t tmpfs none /dev/net";
      if (hide_device && (unshare(CLONE_NEWNS) != 0 || std::system(hide) != 0)) _exit(1);
      if (!hide_device && setresuid(65534, 65534, 65534) != 0) _exit(1);
      const auto opened = TunDevice::open({});
      const std::string reason = opened.has_error() ? opened.error().reason : "no error";
      (void)!write(theirs.get(), reason.data(), reason.size());
      _exit(0);
    }
    theirs = tun::FileDescriptor();
    std::string reason(512, '\0');
    const ssize_t got = read(ours.get(), reason.data(), reason.size());
    reason.resize(got < 0 ? 0 : static_cast<std::size_t>(got));
    REQUIRE(waitpid(child, nullptr, 0) == child);
    return reason;
  };
  const Namespace space;
  const Inside inside(space);
  CHECK_THAT(reason_in_child(true),
             ContainsSubstring("/dev/net/tun: ") &&
                 ContainsSubstring("TUN is missing (modprobe tun, or --device /dev/net/tun"));
  CHECK_THAT(reason_in_child(false),
             ContainsSubstring("needs CAP_NET_ADMIN") || ContainsSubstring("needs root"));
}
