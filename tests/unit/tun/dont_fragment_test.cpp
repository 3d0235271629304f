// DF of what the sockets send.
#include <catch2/catch_test_macros.hpp>

#include "fixture.h"
#include "tun/raw_socket.h"
#include "tun/udp_socket.h"

using namespace fixture;
using base::IpFamily;

namespace {

bool has_df(const base::Frame& packet) { return (packet.data()[6] & 0x40) != 0; }

base::Frame asking(base::PacketPool& pool, std::size_t size, const base::Endpoint& to, bool dont_fragment) {
  base::Frame made = frame(pool, base::Bytes(size, 'x'), {}, to);
  made.dont_fragment = dont_fragment;
  return made;
}

}  // namespace

TEST_CASE("datagrams get DF where their frame asks for it, and change about within one batch") {
  const Namespace space;
  const Inside inside(space);
  base::PacketPool pool(16);
  const auto sniffer =
      must(tun::RawSocket::open(IpFamily::v4, base::ip_protocol::kUdp, 0, tun::RawSocket::Contents::packet));
  tun::UdpOptions options;
  options.bind = {address("127.0.0.1"), 0};
  const auto socket = must(tun::UdpSocket::open(options));
  base::PacketBatch batch, got;
  for (const bool df : {false, true, true, false}) batch.push(asking(pool, 100, socket->bound(), df));
  CHECK(socket->send_batch(batch) == 0);
  receive(*sniffer, pool, got);
  REQUIRE(got.size() == 4);
  CHECK_FALSE(has_df(got[0]));
  CHECK(has_df(got[1]));
  CHECK(has_df(got[2]));
  CHECK_FALSE(has_df(got[3]));
}

TEST_CASE("what is longer than the device takes is refused with DF, and fragmented without") {
  const Namespace space;
  const Inside inside(space);
  shell("ip link set lo mtu 1500");
  give_address("lo", "2001:db8::2", 128);
  base::PacketPool pool(16);
  for (const char* host : {"127.0.0.1", "2001:db8::2"}) {
    tun::UdpOptions options;
    options.bind = {address(host), 0};
    const auto socket = must(tun::UdpSocket::open(options));
    base::PacketBatch batch, got;
    batch.push(asking(pool, 2000, socket->bound(), true));
    batch.push(asking(pool, 2001, socket->bound(), false));
    CHECK(socket->send_batch(batch) == 1);
    receive(*socket, pool, got);
    REQUIRE(got.size() == 1);
    CHECK(got[0].length == 2001);
  }
}

TEST_CASE("a raw socket for packets with DF sends them so, fragments nothing and receives nothing") {
  const Namespace space;
  const Inside inside(space);
  shell("ip link set lo mtu 1500");
  give_address("lo", "2001:db8::2", 128);
  base::PacketPool pool(16);
  for (const auto& [family, host] : {std::pair(IpFamily::v4, "127.0.0.2"), {IpFamily::v6, "2001:db8::2"}}) {
    const base::Endpoint there{address(host), 0};
    const auto whole = must(tun::RawSocket::open_unfragmented(family, base::ip_protocol::kEsp, 0));
    const auto plain =
        must(tun::RawSocket::open(family, base::ip_protocol::kEsp, 0, tun::RawSocket::Contents::packet));
    base::PacketBatch batch, got;
    batch.push(asking(pool, 2000, there, true));
    CHECK(whole->send_batch(batch) == 1);
    batch.push(asking(pool, 1000, there, true));
    CHECK(whole->send_batch(batch) == 0);
    receive(*plain, pool, got);
    REQUIRE(got.size() == 1);
    if (family == IpFamily::v4) CHECK(has_df(got[0]));
    CHECK_FALSE(readable_within(whole->descriptor(), 0));
  }
}
