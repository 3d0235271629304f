#include "tun/udp_socket.h"

#include <linux/filter.h>

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>

#include "fixture.h"
#include "tun/message_io.h"

using namespace fixture;
using base::Endpoint;
using Catch::Matchers::ContainsSubstring;
using tun::UdpOptions;
using tun::UdpSocket;

namespace {

std::unique_ptr<UdpSocket> open_at(const std::string& where, std::uint16_t port = 0,
                                   bool reuse_port = false) {
  UdpOptions options;
  options.bind = {address(where), port};
  options.reuse_port = reuse_port;
  return must(UdpSocket::open(options));
}

}  // namespace

TEST_CASE(
    "a UDP socket on the wildcard address knows to which address a datagram came, and answers from it") {
  const auto [any, first, second] = GENERATE(table<std::string, std::string, std::string>(
      {{"0.0.0.0", "127.0.0.1", "127.0.0.2"}, {"::", "::1", "2001:db8::2"}}));
  const Namespace space;
  const Inside inside(space);
  give_address("lo", "2001:db8::2", 128);
  base::PacketPool pool(8);
  const auto server = open_at(any);
  const auto client = open_at(first);
  REQUIRE(server->bound().port != 0);
  for (const std::string& to : {first, second}) {
    const Endpoint server_at{address(to), server->bound().port};
    CHECK(send(*client, pool, base::as_bytes("question"), {}, server_at) == 0);
    base::PacketBatch batch;
    receive(*server, pool, batch);
    REQUIRE(batch.size() == 1);
    CHECK(text(batch[0]) == "question");
    CHECK(batch[0].offset == base::kHeadroom);
    CHECK(batch[0].local == server_at);
    CHECK(batch[0].remote == client->bound());
    CHECK(send(*server, pool, base::as_bytes("answer"), batch[0].local, batch[0].remote) == 0);
    base::PacketBatch answers;
    receive(*client, pool, answers);
    REQUIRE(answers.size() == 1);
    CHECK(text(answers[0]) == "answer");
    CHECK(answers[0].remote == server_at);
  }
}

TEST_CASE("send_one chooses the source, and its error names the destination and the reason") {
  const Namespace space;
  const Inside inside(space);
  base::PacketPool pool(4);
  const auto server = open_at("127.0.0.1");
  const auto client = open_at("0.0.0.0");
  must(client->send_one({address("127.0.0.9"), 0}, server->bound(), base::as_bytes("x")));
  base::PacketBatch batch;
  receive(*server, pool, batch);
  REQUIRE(batch.size() == 1);
  CHECK(batch[0].remote.address == address("127.0.0.9"));
  const auto status = client->send_one({}, {address("192.0.2.1"), 500}, base::as_bytes("x"));
  REQUIRE(status.has_error());
  CHECK_THAT(status.error().reason, ContainsSubstring("192.0.2.1:500"));
  CHECK_THAT(status.error().reason, ContainsSubstring("unreachable"));
}

TEST_CASE("more datagrams than a batch holds come in several batches, in order") {
  const Namespace space;
  const Inside inside(space);
  base::PacketPool pool(200);
  const auto server = open_at("127.0.0.1");
  const auto client = open_at("127.0.0.1");
  constexpr std::size_t kCount = 150;
  for (std::size_t sent = 0; sent < kCount;) {
    base::PacketBatch batch;
    for (; sent < kCount && !batch.full(); ++sent) {
      batch.push(frame(pool, base::as_bytes(std::to_string(sent)), {}, server->bound()));
    }
    CHECK(client->send_batch(batch) == 0);
  }
  std::size_t next = 0;
  std::vector<std::size_t> sizes;
  while (next < kCount) {
    base::PacketBatch batch;
    receive(*server, pool, batch);
    sizes.push_back(batch.size());
    for (const base::Frame& got : batch) CHECK(text(got) == std::to_string(next++));
  }
  CHECK(sizes == std::vector<std::size_t>{64, 64, 22});
}

TEST_CASE("a train of segments leaves as one datagram each") {
  const Namespace space;
  const Inside inside(space);
  base::PacketPool pool(8);
  const auto server = open_at("127.0.0.1");
  const auto client = open_at("127.0.0.1");
  base::PacketBatch batch;
  base::Frame train = frame(pool, base::as_bytes("aaaabbbbcc"), {}, server->bound());
  train.stride = 4;
  train.count = 3;
  batch.push(std::move(train));
  CHECK(client->send_batch(batch) == 0);
  base::PacketBatch got;
  receive(*server, pool, got);
  REQUIRE(got.size() == 3);
  CHECK(text(got[0]) == "aaaa");
  CHECK(text(got[1]) == "bbbb");
  CHECK(text(got[2]) == "cc");
}

TEST_CASE("the largest datagram arrives whole, fragmented on its way and with DF clear") {
  const Namespace space;
  const Inside inside(space);
  must(must(tun::Netlink::open({}))->set_mtu("lo", 1500));
  base::PacketPool pool(4);
  const auto server = open_at("127.0.0.1");
  const auto client = open_at("127.0.0.1");
  const std::string large(65507, 'L');
  CHECK(send(*client, pool, base::as_bytes(large), {}, server->bound()) == 0);
  base::PacketBatch batch;
  receive(*server, pool, batch);
  REQUIRE(batch.size() == 1);
  CHECK(text(batch[0]) == large);
}

TEST_CASE("a datagram longer than the limit is dropped and counted, and those around it arrive") {
  const Namespace space;
  const Inside inside(space);
  base::PacketPool pool(8);
  const auto server = open_at("127.0.0.1");
  const auto client = open_at("127.0.0.1");
  for (const std::string& payload : {std::string("first"), std::string(101, 'x'), std::string(100, 'y')}) {
    CHECK(send(*client, pool, base::as_bytes(payload), {}, server->bound()) == 0);
  }
  wait_readable(server->descriptor());
  tun::ReceiveOptions options;
  options.longest = 100;
  base::PacketBatch batch;
  std::uint64_t dropped = 0;
  must(tun::receive_messages(server->descriptor(), options, pool, batch, dropped));
  CHECK(dropped == 1);
  REQUIRE(batch.size() == 2);
  CHECK(text(batch[0]) == "first");
  CHECK(text(batch[1]) == std::string(100, 'y'));
}

TEST_CASE("without a buffer, waiting datagrams are thrown away and counted") {
  const Namespace space;
  const Inside inside(space);
  base::PacketPool pool(3);
  base::PacketPool empty(0);
  const auto server = open_at("127.0.0.1");
  const auto client = open_at("127.0.0.1");
  for (int i = 0; i < 5; ++i) CHECK(send(*client, pool, base::as_bytes("x"), {}, server->bound()) == 0);
  wait_readable(server->descriptor());
  base::PacketBatch batch;
  std::uint64_t dropped = 0;
  must(server->recv_batch(empty, batch, dropped));
  CHECK(batch.empty());
  CHECK(dropped == 5);
  CHECK_FALSE(readable_within(server->descriptor(), 0));
}

TEST_CASE("with too few buffers the rest waits until the batch has been handled") {
  const Namespace space;
  const Inside inside(space);
  base::PacketPool pool(3);
  const auto server = open_at("127.0.0.1");
  const auto client = open_at("127.0.0.1");
  for (int i = 0; i < 5; ++i) CHECK(send(*client, pool, base::as_bytes("x"), {}, server->bound()) == 0);
  std::uint64_t dropped = 0;
  base::PacketBatch batch;
  wait_readable(server->descriptor());
  must(server->recv_batch(pool, batch, dropped));
  CHECK(batch.size() == 3);
  batch.clear();
  must(server->recv_batch(pool, batch, dropped));
  CHECK(batch.size() == 2);
  CHECK(dropped == 0);
}

TEST_CASE("nothing waiting is an empty batch and no error") {
  const Namespace space;
  const Inside inside(space);
  base::PacketPool pool(2);
  const auto server = open_at("127.0.0.1");
  base::PacketBatch batch;
  std::uint64_t dropped = 0;
  must(server->recv_batch(pool, batch, dropped));
  CHECK(batch.empty());
  CHECK(dropped == 0);
}

TEST_CASE("B132: an ICMP error neither ends a socket nor keeps it from sending and receiving") {
  const Namespace space;
  const Inside inside(space);
  base::PacketPool pool(4);
  const auto client = open_at("127.0.0.1");
  const auto server = open_at("127.0.0.1");
  // A connected socket is told of ICMP errors, so they are pending when it sends and receives next.
  Endpoint gone = server->bound();
  gone.port = static_cast<std::uint16_t>(gone.port == 65535 ? 1024 : gone.port + 1);
  tun::SocketAddress target;
  const socklen_t length = tun::to_socket_address(gone, target);
  REQUIRE(connect(client->descriptor(), &target.any, length) == 0);
  CHECK(send(*client, pool, base::as_bytes("x"), {}, gone) == 0);
  wait_readable(client->descriptor());
  base::PacketBatch batch;
  std::uint64_t dropped = 0;
  must(client->recv_batch(pool, batch, dropped));
  CHECK(batch.empty());
  CHECK_FALSE(readable_within(client->descriptor(), 0));
  CHECK(send(*client, pool, base::as_bytes("x"), {}, gone) == 0);
  wait_readable(client->descriptor());
  CHECK(send(*client, pool, base::as_bytes("x"), {}, server->bound()) == 0);
  receive(*server, pool, batch);
  CHECK(batch.size() == 1);
}

TEST_CASE("what the kernel refuses is counted, and the rest of the batch still leaves") {
  const Namespace space;
  const Inside inside(space);
  base::PacketPool pool(8);
  const auto server = open_at("127.0.0.1");
  const auto client = open_at("127.0.0.1");
  base::PacketBatch batch;
  batch.push(frame(pool, base::as_bytes("one"), {}, server->bound()));
  batch.push(frame(pool, base::as_bytes("no route"), {}, {address("192.0.2.7"), 9}));
  batch.push(frame(pool, base::as_bytes("other family"), {}, {address("::1"), 9}));
  batch.push(frame(pool, base::as_bytes("nowhere")));
  batch.push(frame(pool, base::as_bytes("no such source"), {address("192.0.2.8"), 0}, server->bound()));
  batch.push(frame(pool, base::as_bytes("two"), {}, server->bound()));
  CHECK(client->send_batch(batch) == 4);
  base::PacketBatch got;
  receive(*server, pool, got);
  REQUIRE(got.size() == 2);
  CHECK(text(got[0]) == "one");
  CHECK(text(got[1]) == "two");
}

TEST_CASE("a port that another socket holds is reported as taken") {
  const Namespace space;
  const Inside inside(space);
  const auto first = open_at("0.0.0.0", 500);
  UdpOptions options;
  options.bind = {address("0.0.0.0"), 500};
  const auto second = UdpSocket::open(options);
  REQUIRE(second.has_error());
  CHECK(second.error().reason == "port 500 of 0.0.0.0 is taken by another process");
  const auto probed = UdpSocket::probe(options.bind);
  REQUIRE(probed.has_error());
  CHECK(probed.error().reason == "port 500 of 0.0.0.0 is taken by another process");
  must(UdpSocket::probe({address("0.0.0.0"), 501}));
}

TEST_CASE("an address that is not here is reported as such") {
  const Namespace space;
  const Inside inside(space);
  UdpOptions options;
  options.bind = {address("192.0.2.200"), 500};
  const auto opened = UdpSocket::open(options);
  REQUIRE(opened.has_error());
  CHECK(opened.error().reason == "port 500 of 192.0.2.200: no such address on this host");
}

TEST_CASE("a wildcard IPv6 socket leaves the port free for IPv4") {
  const Namespace space;
  const Inside inside(space);
  const auto v6 = open_at("::", 500);
  const auto v4 = open_at("0.0.0.0", 500);
  CHECK(v4->bound().port == 500);
}

TEST_CASE("the program of a group steers each datagram to the socket that it names") {
  const Namespace space;
  const Inside inside(space);
  base::PacketPool pool(16);
  const auto first = open_at("127.0.0.1", 4500, true);
  const auto second = open_at("127.0.0.1", 4500, true);
  const auto client = open_at("127.0.0.1");
  // By the low bit of the first octet of the payload.
  const std::vector<tun::FilterInstruction> program = {
      {BPF_LD | BPF_B | BPF_ABS, 0, 0, 0}, {BPF_ALU | BPF_AND | BPF_K, 0, 0, 1}, {BPF_RET | BPF_A, 0, 0, 0}};
  must(first->attach_group_filter(program));
  for (const char* payload : {"0", "1", "2", "3", "5"}) {
    CHECK(send(*client, pool, base::as_bytes(payload), {}, first->bound()) == 0);
  }
  base::PacketBatch even, odd;
  receive(*first, pool, even);
  receive(*second, pool, odd);
  CHECK(even.size() == 2);
  CHECK(odd.size() == 3);
  for (const base::Frame& got : even) CHECK((got.data()[0] & 1) == 0);
  for (const base::Frame& got : odd) CHECK((got.data()[0] & 1) == 1);
}

TEST_CASE("a bad steering program is refused with the endpoint in the error") {
  const Namespace space;
  const Inside inside(space);
  const auto socket = open_at("127.0.0.1", 4500, true);
  const auto status = socket->attach_group_filter({});
  REQUIRE(status.has_error());
  CHECK_THAT(status.error().reason, ContainsSubstring("127.0.0.1:4500"));
}

TEST_CASE("the mark and the buffer sizes are set on the socket") {
  const Namespace space;
  const Inside inside(space);
  UdpOptions options;
  options.bind = {address("127.0.0.1"), 0};
  options.mark = 0x1ce2;
  options.buffer_bytes = 4 << 20;
  const auto opened = must(UdpSocket::open(options));
  const auto get = [&](int option) {
    int value = 0;
    socklen_t length = sizeof value;
    REQUIRE(getsockopt(opened->descriptor(), SOL_SOCKET, option, &value, &length) == 0);
    return value;
  };
  CHECK(get(SO_MARK) == 0x1ce2);
  // The kernel doubles what it is given, for its own overhead.
  CHECK(get(SO_RCVBUF) == 2 * options.buffer_bytes);
  CHECK(get(SO_SNDBUF) == 2 * options.buffer_bytes);
}

TEST_CASE("the traffic class goes out with datagrams and trains, and is told with what comes in") {
  const Namespace space;
  const Inside inside(space);
  base::PacketPool pool(16);
  for (const char* host : {"127.0.0.1", "::1"}) {
    const auto server = open_at(host);
    const auto client = open_at(host);
    base::PacketBatch batch, got;
    batch.push(frame(pool, base::as_bytes("plain"), {}, server->bound()));
    batch.push(frame(pool, base::as_bytes("marked"), {}, server->bound()));
    batch[1].traffic_class = 0xba;  // EF, ECT(0)
    base::Frame train = frame(pool, base::as_bytes("aaaabbbbcc"), {}, server->bound());
    train.stride = 4;
    train.count = 3;
    train.traffic_class = 0x03;
    batch.push(std::move(train));
    CHECK(client->send_batch(batch) == 0);
    receive(*server, pool, got);
    REQUIRE(got.size() >= 3);
    CHECK(got[0].traffic_class == 0);
    CHECK(got[1].traffic_class == 0xba);
    for (std::size_t i = 2; i < got.size(); ++i) CHECK(got[i].traffic_class == 0x03);
  }
}
