#include "tun/icmp_socket.h"

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>

#include "fixture.h"
#include "tun/raw_socket.h"
#include "tun/udp_socket.h"

using namespace fixture;
using base::IpFamily;

namespace {

// A router's message about a UDP packet of 1400 octets from 192.0.2.1 or 2001:db8::1 to ...2.
base::Bytes message(IpFamily family, std::uint32_t mtu, std::size_t quoted_payload) {
  const bool v4 = family == IpFamily::v4;
  base::Bytes quoted(v4 ? 20 : 40);
  quoted[0] = v4 ? 0x45 : 0x60;
  base::store_be16(&quoted[v4 ? 2 : 4], static_cast<std::uint16_t>(v4 ? 1400 : 1360));
  quoted[v4 ? 9 : 6] = 17;
  address(v4 ? "192.0.2.1" : "2001:db8::1").write(&quoted[v4 ? 12 : 8]);
  address(v4 ? "192.0.2.2" : "2001:db8::2").write(&quoted[v4 ? 16 : 24]);
  for (std::size_t i = 0; i < quoted_payload; ++i) quoted.push_back(static_cast<std::uint8_t>(i));
  base::Bytes out(v4 ? 20 : 0);
  if (v4) out[0] = 0x45;
  base::Bytes icmp(8);
  icmp[0] = v4 ? 3 : 2;
  icmp[1] = v4 ? 4 : 0;
  base::store_be32(&icmp[4], mtu);
  base::append(out, icmp);
  base::append(out, quoted);
  return out;
}

}  // namespace

TEST_CASE("a router's message tells its MTU and what it quotes") {
  for (const IpFamily family : {IpFamily::v4, IpFamily::v6}) {
    for (const std::size_t quoted : {8u, 12u, 100u}) {
      const auto read = tun::read_too_big(family, message(family, 1300, quoted));
      REQUIRE(read);
      CHECK(read->mtu == 1300);
      CHECK(read->length == 1400);
      CHECK(read->protocol == 17);
      CHECK(read->source == address(family == IpFamily::v4 ? "192.0.2.1" : "2001:db8::1"));
      CHECK(read->destination == address(family == IpFamily::v4 ? "192.0.2.2" : "2001:db8::2"));
      CHECK(read->payload_size == std::min<std::size_t>(quoted, 16));
      CHECK(read->payload[7] == 7);
    }
  }
}

TEST_CASE("a message of another kind, or one that is cut short, is none") {
  for (const IpFamily family : {IpFamily::v4, IpFamily::v6}) {
    const base::Bytes good = message(family, 1300, 8);
    for (std::size_t size = 0; size < good.size(); ++size)
      CHECK_FALSE(tun::read_too_big(family, base::ByteSpan(good).first(size)));
    base::Bytes other = good;
    const std::size_t icmp = family == IpFamily::v4 ? 20 : 0;
    other[icmp] = 1;
    CHECK_FALSE(tun::read_too_big(family, other));
  }
  base::Bytes port_unreachable = message(IpFamily::v4, 1300, 8);
  port_unreachable[21] = 3;
  CHECK_FALSE(tun::read_too_big(IpFamily::v4, port_unreachable));
  base::Bytes later_fragment = message(IpFamily::v4, 1300, 8);
  base::store_be16(&later_fragment[28 + 6], 1);
  CHECK_FALSE(tun::read_too_big(IpFamily::v4, later_fragment));
}

TEST_CASE("a socket gives what is too big and nothing else") {
  const Namespace space;
  const Inside inside(space);
  give_address("lo", "2001:db8::2", 128);
  base::PacketPool pool(4);
  for (const auto& [family, host] : {std::pair(IpFamily::v4, "127.0.0.2"), {IpFamily::v6, "2001:db8::2"}}) {
    const auto socket = must(tun::IcmpSocket::open(family));
    const auto sender = must(tun::RawSocket::open(
        family, family == IpFamily::v4 ? base::ip_protocol::kIcmp : base::ip_protocol::kIcmpv6, 0));
    const base::Bytes whole = message(family, 1300, 12);
    const auto octets = base::ByteSpan(whole).subspan(family == IpFamily::v4 ? 20 : 0);
    base::Bytes unreachable = base::to_bytes(octets);
    unreachable[0] = family == IpFamily::v4 ? 11 : 3;  // time exceeded
    CHECK(send(*sender, pool, unreachable, {address(host), 0}, {address(host), 0}) == 0);
    CHECK(send(*sender, pool, octets, {address(host), 0}, {address(host), 0}) == 0);
    wait_readable(socket->descriptor());
    const auto got = socket->receive();
    REQUIRE(got);
    CHECK(got->mtu == 1300);
    CHECK(got->payload_size == 12);
    CHECK_FALSE(socket->receive());
  }
}
