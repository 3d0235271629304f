#include "tun/ethernet/port.h"

#include <catch2/catch_test_macros.hpp>

#include "base/checksum.h"
#include "tests/unit/tun/fixture.h"

namespace {

base::IpAddress ip(const std::string& text) { return fixture::address(text); }
const tun::MacAddress kOwn{2, 0, 0, 0, 0, 1}, kHost{2, 0, 0, 0, 0, 2};

struct World {
  std::vector<base::Bytes> written;
  tun::EthernetPort port{kOwn, [this](base::ByteSpan frame) {
                           written.push_back(base::to_bytes(frame));
                           return true;
                         }};
  World() {
    port.set_answered(
        {{base::Prefix::parse("10.2.0.0/16")->range(), base::AddressRange::all(base::IpFamily::v6)},
         {base::Prefix::parse("2001:db8:1::/48")->range()}});
  }
};

base::Bytes packet_to(const base::IpAddress& from, const base::IpAddress& to, std::size_t payload) {
  return fixture::udp_packet({from, 1}, {to, 2}, std::string(payload, 'x'));
}
base::Bytes packet(const char* from, const char* to) { return packet_to(ip(from), ip(to), 30); }

base::Bytes framed(const tun::MacAddress& to, const tun::MacAddress& from, const base::Bytes& inner) {
  const auto header = tun::ethernet_header(to, from, inner[0] >> 4 == 6 ? tun::kTypeIpv6 : tun::kTypeIpv4);
  base::Bytes out(header.begin(), header.end());
  base::append(out, inner);
  return out;
}

}  // namespace

TEST_CASE("the port answers for what lies behind it, and for nothing in front of it") {
  World world;
  const auto asked = [&](const char* target, const char* asker) {
    world.written.clear();
    CHECK_FALSE(world.port.take(tun::write_question(ip(target), {ip(asker), kHost})));
    return world.written.size();
  };
  REQUIRE(asked("10.2.0.9", "10.1.0.5") == 1);
  const auto answer = tun::read_resolution(world.written[0]);
  REQUIRE(answer);
  CHECK(answer->target == ip("10.2.0.9"));
  CHECK(answer->sender_mac == kOwn);
  CHECK(tun::mac_at(world.written[0], 0) == kHost);
  CHECK(asked("2001:db8:2::9", "2001:db8:1::5") == 1);
  CHECK(asked("10.1.0.9", "10.1.0.5") == 0);
  CHECK(asked("2001:db8:1::9", "2001:db8:1::5") == 0);  // behind by its range, and in front too
  CHECK(asked("10.2.0.9", "0.0.0.0") == 0);             // looks whether the address is free
  CHECK(asked("10.2.0.9", "10.2.0.9") == 0);            // says that it has it
}

TEST_CASE("packets for the port are taken, and whoever sends them is known from then on") {
  World world;
  const base::Bytes inner = packet("10.1.0.5", "10.2.0.9");
  CHECK(world.port.take(framed(kOwn, kHost, inner)));
  tun::EthernetHeader header;
  REQUIRE(world.port.header_for(packet("10.2.0.9", "10.1.0.5"), header));
  CHECK(tun::mac_at(header, 0) == kHost);
  CHECK(tun::mac_at(header, 6) == kOwn);
  CHECK(base::load_be16(&header[12]) == tun::kTypeIpv4);
  const tun::MacAddress other{2, 0, 0, 0, 0, 9};
  CHECK_FALSE(world.port.take(framed(other, kHost, inner)));
  CHECK_FALSE(world.port.take(framed(tun::kBroadcast, kHost, inner)));
  CHECK_FALSE(world.port.take(framed(kOwn, kOwn, inner)));
  base::Bytes vlan = framed(kOwn, kHost, inner);
  base::store_be16(&vlan[12], 0x8100);
  CHECK_FALSE(world.port.take(vlan));
  for (std::size_t size = 0; size < 14 + 20; ++size)
    CHECK_FALSE(world.port.take(base::ByteSpan(framed(kOwn, kHost, inner)).first(size)));
  CHECK(world.written.empty());
}

TEST_CASE("a packet for somebody unknown asks once a second and leaves, the newest one, with the answer") {
  World world;
  for (const auto& [from, to] : {std::pair("10.2.0.9", "10.1.0.5"), {"2001:db8:2::9", "2001:db8:1::5"}}) {
    world.written.clear();
    const base::Bytes first = packet(from, to);
    base::Bytes newest = first;
    newest.back() ^= 1;
    tun::EthernetHeader header;
    CHECK_FALSE(world.port.header_for(first, header));
    CHECK(world.port.wait_for(first, true));
    CHECK(world.port.wait_for(newest, true));
    CHECK_FALSE(world.port.wait_for(first, false));
    REQUIRE(world.written.size() == 1);
    const auto question = tun::read_resolution(world.written[0]);
    REQUIRE(question);
    CHECK(question->target == ip(to));
    CHECK(question->sender == ip(from));
    CHECK_FALSE(world.port.take(tun::write_answer({ip(to), kHost}, {ip(from), kOwn})));
    REQUIRE(world.written.size() == 2);
    CHECK(world.written[1] == framed(kHost, kOwn, newest));
    CHECK(world.port.header_for(first, header));
    CHECK(tun::mac_at(header, 0) == kHost);
  }
}

TEST_CASE("what waits is bounded in number and length") {
  World world;
  const base::Bytes large = packet_to(ip("10.2.0.9"), ip("10.1.9.9"), 3000);
  CHECK_FALSE(world.port.wait_for(large, true));
  CHECK_FALSE(world.port.wait_for(base::Bytes(10), true));
  for (std::uint32_t i = 0; i < 20; ++i) {
    const auto to = base::IpAddress::v4(0x0a010000 + i);
    CHECK(world.port.wait_for(packet_to(ip("10.2.0.9"), to, 3), true));
  }
  world.written.clear();
  for (std::uint32_t i = 0; i < 20; ++i)
    world.port.take(tun::write_answer({base::IpAddress::v4(0x0a010000 + i), kHost}, {ip("10.2.0.9"), kOwn}));
  CHECK(world.written.size() == tun::EthernetPort::kWaiting);
}

TEST_CASE("multicast needs nobody's address") {
  World world;
  tun::EthernetHeader header;
  REQUIRE(world.port.header_for(packet("10.2.0.9", "239.129.2.3"), header));
  CHECK(tun::mac_at(header, 0) == tun::MacAddress{0x01, 0x00, 0x5e, 0x01, 0x02, 0x03});
  REQUIRE(world.port.header_for(packet("2001:db8:2::9", "ff02::1"), header));
  CHECK(tun::mac_at(header, 0) == tun::MacAddress{0x33, 0x33, 0, 0, 0, 1});
}

TEST_CASE("a hop is counted with the checksum, and the last one is not gone") {
  base::Bytes v4 = packet("10.1.0.5", "10.2.0.9");
  for (int hops = 63; hops > 0; --hops) {
    REQUIRE(tun::count_hop(v4));
    CHECK(v4[8] == hops);
    CHECK(base::internet_checksum(base::ByteSpan(v4).first(20)) == 0);
  }
  CHECK_FALSE(tun::count_hop(v4));
  base::Bytes v6 = packet("2001:db8:1::5", "2001:db8:2::9");
  v6[7] = 2;
  CHECK(tun::count_hop(v6));
  CHECK(v6[7] == 1);
  CHECK_FALSE(tun::count_hop(v6));
}

TEST_CASE("neighbours are learnt, learnt anew, and forgotten only for others") {
  tun::Neighbours table;
  CHECK_FALSE(table.find(ip("10.0.0.1")));
  CHECK(table.learn(ip("10.0.0.1"), kHost));
  CHECK_FALSE(table.learn(ip("10.0.0.1"), kHost));
  CHECK(table.find(ip("10.0.0.1")) == kHost);
  CHECK(table.learn(ip("10.0.0.1"), kOwn));
  CHECK(table.find(ip("10.0.0.1")) == kOwn);
  CHECK_FALSE(table.find(base::IpAddress::v6(0, ip("10.0.0.1").low())));
  for (std::uint32_t i = 0; i < 100000; ++i) table.learn(base::IpAddress::v4(0x0b000000 + i), kHost);
  std::size_t found = 0;
  for (std::uint32_t i = 0; i < 100000; ++i)
    found += table.find(base::IpAddress::v4(0x0b000000 + i)).has_value() ? 1u : 0u;
  CHECK(found > 2000);
  CHECK(found <= 4096);
}
