#include "esp/transport.h"

#include <catch2/catch_test_macros.hpp>

#include "base/checksum.h"
#include "esp/ip_header.h"
#include "tests/support/esp_pair.h"

namespace {

using esp::Counter;
using support::ip;

const esp::Hosts kHosts{ip("192.0.2.2"), ip("192.0.2.1")};
const esp::Hosts kHosts6{ip("2001:db8:f::2"), ip("2001:db8:f::1")};

// An IPv6 packet of these extension headers, each 8 octets long, that ends in UDP.
base::Bytes chain(std::initializer_list<std::uint8_t> headers) {
  base::Bytes p(40);
  p[0] = 0x60;
  std::size_t next_at = 6;
  for (const std::uint8_t header : headers) {
    p[next_at] = header;
    next_at = p.size();
    p.resize(p.size() + 8);
  }
  p[next_at] = 17;
  p.resize(p.size() + 8);
  base::store_be16(&p[4], static_cast<std::uint16_t>(p.size() - 40));
  return p;
}

std::uint32_t front_of(std::initializer_list<std::uint8_t> headers) {
  return esp::split_for_transport(chain(headers)).value().header;
}

esp::SaParams params(std::string_view local, std::string_view remote, bool udp_encap = true) {
  support::SaShape shape;
  shape.local_net = shape.local_net6 = local;
  shape.remote_net = shape.remote_net6 = remote;
  shape.udp_encap = udp_encap;
  return support::params_of(shape, false);
}

struct Judged {
  std::optional<Counter> drop;
  std::array<std::uint8_t, esp::kMaxFixedHeader> header{};
  std::uint32_t size = 0;
};
Judged judge(const esp::SaParams& p, std::uint8_t next_header, const esp::Hosts& hosts,
             base::MutableByteSpan text) {
  Judged out;
  out.drop = esp::accept_transport(p, next_header, hosts, text, out.header, out.size);
  return out;
}

// A UDP datagram with a right checksum for these addresses.
base::Bytes datagram(const base::IpAddress& source, const base::IpAddress& destination) {
  auto packet = support::udp_packet(source, destination, 1000, 53, 5);
  packet.erase(packet.begin(), packet.begin() + (source.is_v4() ? 20 : 40));
  packet[6] = 1;  // any, so that there is one
  esp::renew_checksum(17, {destination, source}, packet);
  return packet;
}

}  // namespace

TEST_CASE("ESP goes behind IPv4 options") {
  base::Bytes p(24);
  p[0] = 0x46;
  p[9] = 6;
  const auto split = esp::split_for_transport(p);
  REQUIRE(split);
  CHECK(split->header == 24);
  CHECK(split->next_at == 9);
  CHECK(split->next_header == 6);
  CHECK_FALSE(split->bare);
  p.resize(23);
  CHECK_FALSE(esp::split_for_transport(p));
}

TEST_CASE("ESP goes behind the IPv6 headers that routers read, and before the others") {
  CHECK(front_of({}) == 40);
  CHECK(front_of({0}) == 48);
  CHECK(front_of({60}) == 40);
  CHECK(front_of({0, 60}) == 48);
  CHECK(front_of({0, 60, 43}) == 64);
  CHECK(front_of({0, 60, 43, 60}) == 64);
  CHECK(front_of({43, 44}) == 56);
  const auto split = esp::split_for_transport(chain({0, 60}));
  CHECK(split->next_at == 40);
  CHECK(split->next_header == 60);
  CHECK(esp::split_for_transport(chain({60}))->bare);
  auto cut = chain({0, 43});
  cut.resize(50);
  CHECK_FALSE(esp::split_for_transport(cut));
}

TEST_CASE("a payload gets a header between the hosts, and its selectors are looked at") {
  auto text = datagram(ip("192.0.2.1"), ip("192.0.2.2"));
  const auto good = judge(params("192.0.2.2", "192.0.2.1"), 17, kHosts, text);
  CHECK_FALSE(good.drop);
  REQUIRE(good.size == 20);
  base::Bytes packet(good.header.begin(), good.header.begin() + good.size);
  base::append(packet, text);
  const auto inner = esp::parse_ip(packet);
  REQUIRE(inner);
  CHECK(inner->source == ip("192.0.2.1"));
  CHECK(inner->destination == ip("192.0.2.2"));
  CHECK(inner->protocol == 17);
  CHECK(inner->destination_port == 53);
  CHECK(inner->length == packet.size());
  CHECK(base::internet_checksum(base::ByteSpan(packet).first(20)) == 0);

  CHECK(judge(params("192.0.2.2", "192.0.2.9"), 17, kHosts, text).drop == Counter::in_selector);
  CHECK(judge(params("192.0.2.2|udp/53", "192.0.2.1|udp"), 17, kHosts, text).drop == std::nullopt);
  CHECK(judge(params("192.0.2.2|udp/54", "192.0.2.1|udp"), 17, kHosts, text).drop == Counter::in_selector);
  CHECK(judge(params("192.0.2.2|tcp", "192.0.2.1|tcp"), 17, kHosts, text).drop == Counter::in_selector);
  CHECK(judge(params("192.0.2.2", "192.0.2.1"), 59, kHosts, text).drop == Counter::in_dummy);
}

TEST_CASE("a fragment inside transport mode is dropped") {
  base::Bytes fragment(16);
  fragment[0] = 17;
  base::store_be16(&fragment[2], 1);  // more follow
  const auto p = params("2001:db8:f::2", "2001:db8:f::1");
  CHECK(judge(p, 44, kHosts6, fragment).drop == Counter::in_fragment);
  base::store_be16(&fragment[2], 0);
  CHECK_FALSE(judge(p, 44, kHosts6, fragment).drop);
}

TEST_CASE("behind a NAT checksums are made for the addresses that the packet gets") {
  for (const bool v6 : {false, true}) {
    const esp::Hosts hosts = v6 ? kHosts6 : kHosts;
    const auto p = params(hosts.local.text(), hosts.remote.text());
    const auto expected = datagram(hosts.remote, hosts.local);
    const auto private_address = ip(v6 ? "fd00::7" : "10.0.0.7");
    auto text = datagram(private_address, hosts.local);
    REQUIRE_FALSE(base::equal(text, expected));
    CHECK_FALSE(judge(p, 17, hosts, text).drop);
    CHECK(base::equal(text, expected));
  }
}

TEST_CASE("without UDP there is no NAT, and a UDP datagram over IPv4 may have no checksum") {
  auto text = datagram(ip("10.0.0.7"), ip("192.0.2.2"));
  const auto before = text;
  CHECK_FALSE(judge(params("192.0.2.2", "192.0.2.1", false), 17, kHosts, text).drop);
  CHECK(base::equal(text, before));
  base::store_be16(&text[6], 0);
  CHECK_FALSE(judge(params("192.0.2.2", "192.0.2.1"), 17, kHosts, text).drop);
  CHECK(base::load_be16(&text[6]) == 0);
}

TEST_CASE("TCP and ICMPv6 checksums are computed anew as well") {
  base::Bytes tcp(20);
  tcp[12] = 0x50;
  esp::renew_checksum(6, kHosts, tcp);
  // The sum over pseudo-header and segment with its checksum is zero.
  base::Bytes all;
  for (const auto& address : {kHosts.remote, kHosts.local}) base::append(all, address.bytes());
  base::append(all, base::Bytes{0, 6, 0, 20});
  base::append(all, tcp);
  CHECK(base::internet_checksum(all) == 0);
  base::Bytes echo{0x80, 0, 0, 0, 1, 2, 3, 4};
  esp::renew_checksum(58, kHosts6, echo);
  all.clear();
  for (const auto& address : {kHosts6.remote, kHosts6.local}) base::append(all, address.bytes());
  base::append(all, base::Bytes{0, 0, 0, 8, 0, 0, 0, 58});
  base::append(all, echo);
  CHECK(base::internet_checksum(all) == 0);
}

TEST_CASE("the hosts are the single addresses of the selectors, else the outer ones") {
  const base::Endpoint local{ip("192.0.2.2"), 4500}, remote{ip("198.51.100.1"), 1024};
  const auto behind_nat = esp::transport_hosts(params("192.0.2.2", "10.0.0.7"), local, remote);
  CHECK(behind_nat.local == ip("192.0.2.2"));
  CHECK(behind_nat.remote == ip("10.0.0.7"));
  const auto wide = esp::transport_hosts(params("192.0.2.0/24", "0.0.0.0/0"), local, remote);
  CHECK(wide.local == ip("192.0.2.2"));
  CHECK(wide.remote == ip("198.51.100.1"));
}
