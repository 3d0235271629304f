#include "esp/ip_header.h"

#include <catch2/catch_test_macros.hpp>

#include "tests/support/esp_pair.h"

namespace {

using support::ip;

base::Bytes v4_packet(std::size_t payload = 12, bool dont_fragment = false) {
  return support::udp_packet(ip("10.1.0.1"), ip("10.2.0.2"), 1000, 53, payload, dont_fragment);
}

// An IPv6 packet whose fixed header is followed by `rest`.
base::Bytes v6_packet(std::uint8_t next, std::initializer_list<int> rest) {
  base::Bytes p = support::udp_packet(ip("2001:db8:1::1"), ip("2001:db8:2::2"), 0, 0, 0);
  p.resize(40);
  p[6] = next;
  for (const int octet : rest) p.push_back(static_cast<std::uint8_t>(octet));
  base::store_be16(&p[4], static_cast<std::uint16_t>(rest.size()));
  return p;
}

}  // namespace

TEST_CASE("an IPv4 packet gives addresses, ports, length and hop limit") {
  const auto p = esp::parse_ip(v4_packet());
  REQUIRE(p);
  CHECK(p->source == ip("10.1.0.1"));
  CHECK(p->destination == ip("10.2.0.2"));
  CHECK(p->protocol == 17);
  CHECK(p->source_port == 1000);
  CHECK(p->destination_port == 53);
  CHECK(p->ports_known);
  CHECK(p->may_fragment);
  CHECK(p->hop_limit == 64);
  CHECK(p->length == 40);
  CHECK(p->outbound_key().local == ip("10.1.0.1"));
  CHECK(p->outbound_key().local_port == 1000);
  CHECK(p->inbound_key().local == ip("10.2.0.2"));
  CHECK(p->inbound_key().local_port == 53);
  CHECK_FALSE(esp::parse_ip(v4_packet(12, true))->may_fragment);
}

TEST_CASE("octets behind an IP packet are not part of it") {
  auto p = v4_packet();
  p.resize(p.size() + 100);
  CHECK(esp::parse_ip(p)->length == 40);
  auto six = v6_packet(17, {0, 1, 0, 2, 0, 8, 0, 0});
  six.resize(six.size() + 3);
  CHECK(esp::parse_ip(six)->length == 48);
}

TEST_CASE("what is no whole packet is refused at every length") {
  const auto four = v4_packet();
  for (std::size_t n = 0; n < four.size(); ++n) CHECK_FALSE(esp::parse_ip(base::ByteSpan(four).first(n)));
  const auto six = v6_packet(17, {0, 1, 0, 2, 0, 8, 0, 0});
  for (std::size_t n = 0; n < six.size(); ++n) CHECK_FALSE(esp::parse_ip(base::ByteSpan(six).first(n)));
}

TEST_CASE("foreign versions and impossible header lengths are refused") {
  auto p = v4_packet();
  p[0] = 0x55;
  CHECK_FALSE(esp::parse_ip(p));
  p[0] = 0x44;
  CHECK_FALSE(esp::parse_ip(p));
  p[0] = 0x4f;  // 60 octets of header in a packet of 40
  CHECK_FALSE(esp::parse_ip(p));
  p[0] = 0x45;
  base::store_be16(&p[2], 19);
  CHECK_FALSE(esp::parse_ip(p));
}

TEST_CASE("IPv4 options are skipped") {
  auto p = v4_packet();
  p[0] = 0x46;
  p.insert(p.begin() + 20, {1, 1, 1, 0});
  base::store_be16(&p[2], static_cast<std::uint16_t>(p.size()));
  CHECK(esp::parse_ip(p)->source_port == 1000);
}

TEST_CASE("a later IPv4 fragment has no ports and the first one has") {
  auto p = v4_packet();
  base::store_be16(&p[6], 0x2000);  // more fragments, offset 0
  CHECK(esp::parse_ip(p)->ports_known);
  CHECK(esp::parse_ip(p)->source_port == 1000);
  base::store_be16(&p[6], 0x0001);
  CHECK_FALSE(esp::parse_ip(p)->ports_known);
  CHECK(esp::parse_ip(p)->source_port == 0);
  CHECK(esp::parse_ip(p)->protocol == 17);
}

TEST_CASE("ports that are cut off are unknown") {
  auto p = v4_packet();
  p.resize(23);
  base::store_be16(&p[2], 23);
  REQUIRE(esp::parse_ip(p));
  CHECK_FALSE(esp::parse_ip(p)->ports_known);
}

TEST_CASE("ICMP types and codes stand in both ports") {
  auto p = v4_packet();
  p[9] = 1;
  p[20] = 8;
  p[21] = 3;
  CHECK(esp::parse_ip(p)->source_port == 0x0803);
  CHECK(esp::parse_ip(p)->destination_port == 0x0803);
  const auto six = esp::parse_ip(v6_packet(58, {128, 1, 0, 0}));
  CHECK(six->protocol == 58);
  CHECK(six->source_port == 0x8001);
  const auto mobility = esp::parse_ip(v6_packet(135, {59, 0, 5, 0, 0, 0, 0, 0}));
  CHECK(mobility->source_port == 0x0500);
}

TEST_CASE("IPv6 extension headers are walked to the layer above") {
  const auto p =
      esp::parse_ip(v6_packet(0, {43, 0, 1, 4,  0, 0, 0, 0,                          // hop by hop
                                  60, 0, 0, 0,  0, 0, 0, 0,                          // routing
                                  6,  1, 1, 12, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,  // destination options
                                  1,  2, 3, 4}));
  REQUIRE(p);
  CHECK(p->protocol == 6);
  CHECK(p->source_port == 0x0102);
  CHECK(p->destination_port == 0x0304);
}

TEST_CASE("the first IPv6 fragment has ports and a later one has none") {
  const auto first = esp::parse_ip(v6_packet(44, {17, 0, 0, 1, 0, 0, 0, 9, 1, 2, 3, 4}));
  CHECK(first->ports_known);
  CHECK(first->protocol == 17);
  CHECK(first->source_port == 0x0102);
  const auto later = esp::parse_ip(v6_packet(44, {17, 0, 0, 8, 0, 0, 0, 9, 1, 2, 3, 4}));
  CHECK_FALSE(later->ports_known);
  CHECK(later->protocol == 17);
  CHECK(later->source_port == 0);
}

TEST_CASE("IPv6 extension headers that are cut off or endless are refused") {
  CHECK_FALSE(esp::parse_ip(v6_packet(0, {17, 1, 0, 0, 0, 0, 0, 0})));
  CHECK_FALSE(esp::parse_ip(v6_packet(0, {17, 0, 0})));
  CHECK_FALSE(esp::parse_ip(v6_packet(44, {17, 0, 0, 0})));
  base::Bytes chain = v6_packet(60, {});
  for (int i = 0; i < esp::kMaxExtensionHeaders; ++i) {
    chain.insert(chain.end(), {60, 0, 0, 0, 0, 0, 0, 0});
  }
  chain[chain.size() - 8] = 59;
  base::store_be16(&chain[4], static_cast<std::uint16_t>(chain.size() - 40));
  CHECK(esp::parse_ip(chain));
  chain[chain.size() - 8] = 60;
  chain.insert(chain.end(), {59, 0, 0, 0, 0, 0, 0, 0});
  base::store_be16(&chain[4], static_cast<std::uint16_t>(chain.size() - 40));
  CHECK_FALSE(esp::parse_ip(chain));
}
