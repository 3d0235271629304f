#include "tun/raw_socket.h"

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>

#include "fixture.h"

using namespace fixture;
using base::IpFamily;

TEST_CASE("raw sockets carry ESP between chosen addresses, without the IP header") {
  const auto [family, ours, theirs] = GENERATE(table<IpFamily, std::string, std::string>(
      {{IpFamily::v4, "127.0.0.2", "127.0.0.3"}, {IpFamily::v6, "2001:db8::2", "2001:db8::3"}}));
  const Namespace space;
  const Inside inside(space);
  give_address("lo", "2001:db8::2", 128);
  give_address("lo", "2001:db8::3", 128);
  base::PacketPool pool(8);
  const auto socket = must(tun::RawSocket::open(family, base::ip_protocol::kEsp, 0));
  base::PacketBatch out;
  // Ports are of no meaning here, and must not disturb.
  out.push(frame(pool, base::as_bytes("SPI1one"), {address(ours), 4500}, {address(theirs), 4500}));
  base::Frame train = frame(pool, base::as_bytes("SPI2twSPI3th"), {address(ours), 0}, {address(theirs), 0});
  train.stride = 6;
  train.count = 2;
  out.push(std::move(train));
  CHECK(socket->send_batch(out) == 0);
  base::PacketBatch got;
  receive(*socket, pool, got);
  REQUIRE(got.size() == 3);
  CHECK(text(got[0]) == "SPI1one");
  CHECK(text(got[1]) == "SPI2tw");
  CHECK(text(got[2]) == "SPI3th");
  CHECK(got[0].local == base::Endpoint{address(theirs), 0});
  CHECK(got[0].remote == base::Endpoint{address(ours), 0});
  CHECK(got[0].headroom() >= base::kHeadroom);
}

TEST_CASE("a raw socket gives whole packets where asked to, with a header made anew for IPv6") {
  const auto [family, ours, theirs] = GENERATE(table<IpFamily, std::string, std::string>(
      {{IpFamily::v4, "127.0.0.2", "127.0.0.3"}, {IpFamily::v6, "2001:db8::2", "2001:db8::3"}}));
  const Namespace space;
  const Inside inside(space);
  give_address("lo", "2001:db8::2", 128);
  give_address("lo", "2001:db8::3", 128);
  base::PacketPool pool(8);
  const auto socket =
      must(tun::RawSocket::open(family, base::ip_protocol::kAh, 0, tun::RawSocket::Contents::packet));
  const base::Endpoint from{address(ours), 0}, to{address(theirs), 0};
  CHECK(send(*socket, pool, base::as_bytes("an AH and more"), from, to) == 0);
  base::PacketBatch got;
  receive(*socket, pool, got);
  REQUIRE(got.size() == 1);
  const base::ByteSpan packet = got[0].bytes();
  const std::size_t header = family == IpFamily::v6 ? 40 : 20;
  REQUIRE(packet.size() == header + 14);
  CHECK(base::as_text(packet.subspan(header)) == "an AH and more");
  CHECK(packet[0] == (family == IpFamily::v6 ? 0x60 : 0x45));
  CHECK(packet[family == IpFamily::v6 ? 6 : 9] == base::ip_protocol::kAh);
  CHECK(base::load_be16(&packet[family == IpFamily::v6 ? 4 : 2]) ==
        (family == IpFamily::v6 ? 14u : packet.size()));
  base::Bytes addresses = address(ours).bytes();
  base::append(addresses, address(theirs).bytes());
  CHECK(base::equal(packet.subspan(family == IpFamily::v6 ? 8 : 12, addresses.size()), addresses));
  CHECK(got[0].local == to);
  CHECK(got[0].remote == from);
}

TEST_CASE("whole packets over IPv6 have their extension headers in front, in their order") {
  const Namespace space;
  const Inside inside(space);
  give_address("lo", "2001:db8::2", 128);
  base::PacketPool pool(8);
  const auto socket =
      must(tun::RawSocket::open(IpFamily::v6, base::ip_protocol::kAh, 0, tun::RawSocket::Contents::packet));
  const auto sender = must(tun::IpSocket::open(IpFamily::v6, 0));
  // A hop-by-hop header of padding (RFC 8200 4.2), and a destination one with an option for experiments (RFC
  // 4727 2.2) that is skipped where it is not known; each names the next one.
  const base::Bytes hop_by_hop = {60, 0, 1, 4, 0, 0, 0, 0};
  const base::Bytes destination = {51, 1, 0x1e, 12, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0};
  base::Bytes packet = {0x60, 0, 0, 0, 0, 0, 0, 64};
  base::append(packet, address("2001:db8::2").bytes());
  base::append(packet, address("2001:db8::2").bytes());
  base::append(packet, hop_by_hop);
  base::append(packet, destination);
  base::append(packet, base::as_bytes("an AH and more"));
  base::store_be16(&packet[4], static_cast<std::uint16_t>(packet.size() - 40));
  CHECK(send(*sender, pool, packet) == 0);
  base::PacketBatch got;
  receive(*socket, pool, got);
  REQUIRE(got.size() == 1);
  CHECK(base::equal(got[0].bytes(), packet));
}

TEST_CASE("extension headers that there is no room for are not taken apart: the packet is dropped") {
  const Namespace space;
  const Inside inside(space);
  give_address("lo", "2001:db8::2", 128);
  base::PacketPool pool(8);
  const auto socket =
      must(tun::RawSocket::open(IpFamily::v6, base::ip_protocol::kAh, 0, tun::RawSocket::Contents::packet));
  const auto sender = must(tun::IpSocket::open(IpFamily::v6, 0));
  base::Bytes packet = {0x60, 0, 0, 0, 0, 0, 60, 64};
  base::append(packet, address("2001:db8::2").bytes());
  base::append(packet, address("2001:db8::2").bytes());
  base::Bytes options(264, 0);
  options[0] = base::ip_protocol::kAh;
  options[1] = 264 / 8 - 1;
  options[2] = 0x1e;
  options[3] = 255;  // behind it are five octets of Pad1
  base::append(packet, options);
  base::append(packet, base::as_bytes("an AH and more"));
  base::store_be16(&packet[4], static_cast<std::uint16_t>(packet.size() - 40));
  CHECK(send(*sender, pool, packet) == 0);
  wait_readable(socket->descriptor());
  base::PacketBatch got;
  std::uint64_t dropped = 0;
  must(socket->recv_batch(pool, got, dropped));
  CHECK(dropped == 1);
  CHECK(got.empty());
}

TEST_CASE("a raw socket sees its own protocol only") {
  const Namespace space;
  const Inside inside(space);
  base::PacketPool pool(4);
  const auto esp = must(tun::RawSocket::open(IpFamily::v4, base::ip_protocol::kEsp, 0));
  const auto ah = must(tun::RawSocket::open(IpFamily::v4, base::ip_protocol::kAh, 0));
  CHECK(send(*ah, pool, base::as_bytes("to AH"), {}, {address("127.0.0.1"), 0}) == 0);
  CHECK(send(*esp, pool, base::as_bytes("to ESP"), {}, {address("127.0.0.1"), 0}) == 0);
  base::PacketBatch batch;
  receive(*esp, pool, batch);
  REQUIRE(batch.size() == 1);
  CHECK(text(batch[0]) == "to ESP");
}

TEST_CASE("a large raw packet is fragmented and arrives whole") {
  const auto [family, where] =
      GENERATE(table<IpFamily, std::string>({{IpFamily::v4, "127.0.0.1"}, {IpFamily::v6, "::1"}}));
  const Namespace space;
  const Inside inside(space);
  must(must(tun::Netlink::open({}))->set_mtu("lo", 1500));
  base::PacketPool pool(4);
  const auto socket = must(tun::RawSocket::open(family, base::ip_protocol::kEsp, 0));
  const std::string large(20000, 'E');
  CHECK(send(*socket, pool, base::as_bytes(large), {}, {address(where), 0}) == 0);
  base::PacketBatch batch;
  receive(*socket, pool, batch);
  REQUIRE(batch.size() == 1);
  CHECK(text(batch[0]) == large);
}

TEST_CASE("whole IP packets go where their header says, from the source in it") {
  const auto [family, any, from, to] = GENERATE(table<IpFamily, std::string, std::string, std::string>(
      {{IpFamily::v4, "0.0.0.0", "127.0.0.77", "127.0.0.1"}, {IpFamily::v6, "::", "2001:db8::77", "::1"}}));
  const Namespace space;
  const Inside inside(space);
  give_address("lo", "2001:db8::77", 128);
  base::PacketPool pool(4);
  const auto receiver = must(tun::UdpSocket::open(
      {.bind = {address(any), 9000}, .mark = 0, .reuse_port = false, .buffer_bytes = 1 << 20}));
  const auto socket = must(tun::IpSocket::open(family, 0));
  const base::Endpoint source{address(from), 1234}, destination{address(to), 9000};
  CHECK(send(*socket, pool, udp_packet(source, destination, "bypassed")) == 0);
  base::PacketBatch batch;
  receive(*receiver, pool, batch);
  REQUIRE(batch.size() == 1);
  CHECK(text(batch[0]) == "bypassed");
  CHECK(batch[0].remote == source);
  CHECK(batch[0].local == destination);
}

TEST_CASE("what is no IP packet is refused and counted") {
  const Namespace space;
  const Inside inside(space);
  base::PacketPool pool(4);
  const auto socket = must(tun::IpSocket::open(IpFamily::v4, 0));
  CHECK(send(*socket, pool, base::as_bytes("")) == 1);
  CHECK(send(*socket, pool, base::as_bytes("Eshort")) == 1);
  CHECK(send(*socket, pool, base::Bytes(40, 0x60)) == 1);
  CHECK(send(*socket, pool, base::Bytes(40, 0x10)) == 1);
}
