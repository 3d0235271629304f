#include "apps/daemon/icmp.h"

#include <catch2/catch_test_macros.hpp>

#include "base/ip.h"

namespace {

using namespace daemon_app;
using namespace std::chrono_literals;

base::Bytes ipv4(std::uint8_t protocol, std::size_t size) {
  base::Bytes p(size, 0x11);
  p[0] = 0x45;
  base::store_be16(&p[2], static_cast<std::uint16_t>(size));
  base::store_be16(&p[6], 0x4000);
  p[9] = protocol;
  base::IpAddress::parse("192.168.1.2")->write(&p[12]);
  base::IpAddress::parse("192.168.2.3")->write(&p[16]);
  return p;
}

base::Bytes ipv6(std::uint8_t next, std::size_t size) {
  base::Bytes p(size, 0x11);
  p[0] = 0x60;
  base::store_be16(&p[4], static_cast<std::uint16_t>(size - 40));
  p[6] = next;
  base::IpAddress::parse("2001:db8:1::2")->write(&p[8]);
  base::IpAddress::parse("2001:db8:2::3")->write(&p[24]);
  return p;
}

std::uint16_t ones_sum(base::ByteSpan bytes, std::uint32_t sum = 0) {
  for (std::size_t i = 0; i + 1 < bytes.size(); i += 2) sum += base::load_be16(&bytes[i]);
  if (bytes.size() % 2 != 0) sum += static_cast<std::uint32_t>(bytes.back() << 8);
  while (sum >> 16 != 0) sum = (sum & 0xffff) + (sum >> 16);
  return static_cast<std::uint16_t>(sum);
}

}  // namespace

TEST_CASE("an IPv4 packet too big is answered with fragmentation needed and the MTU (RFC 1191 4)") {
  const auto packet = ipv4(base::ip_protocol::kUdp, 1500);
  const auto answer = make_too_big(packet, 1402);
  REQUIRE(answer.has_value());
  const auto& a = *answer;
  CHECK(a.size() == 576);
  CHECK(a[9] == base::ip_protocol::kIcmp);
  CHECK(base::IpAddress::from_bytes(base::ByteSpan(a).subspan(12, 4)).text() == "192.168.2.3");
  CHECK(base::IpAddress::from_bytes(base::ByteSpan(a).subspan(16, 4)).text() == "192.168.1.2");
  CHECK(a[20] == 3);
  CHECK(a[21] == 4);
  CHECK(base::load_be16(&a[26]) == 1402);
  CHECK(base::equal(base::ByteSpan(a).subspan(28), base::ByteSpan(packet).first(576 - 28)));
  CHECK(ones_sum(base::ByteSpan(a).first(20)) == 0xffff);
  CHECK(ones_sum(base::ByteSpan(a).subspan(20)) == 0xffff);
}

TEST_CASE(
    "an IPv6 packet too big is answered with its type, the MTU, and no more than 1280 octets (RFC 4443 "
    "3.2)") {
  const auto packet = ipv6(base::ip_protocol::kUdp, 1500);
  const auto answer = make_too_big(packet, 1390);
  REQUIRE(answer.has_value());
  const auto& a = *answer;
  CHECK(a.size() == 1280);
  CHECK(a[6] == base::ip_protocol::kIcmpv6);
  CHECK(base::IpAddress::from_bytes(base::ByteSpan(a).subspan(8, 16)).text() == "2001:db8:2::3");
  CHECK(a[40] == 2);
  CHECK(a[41] == 0);
  CHECK(base::load_be32(&a[44]) == 1390);
  CHECK(base::equal(base::ByteSpan(a).subspan(48), base::ByteSpan(packet).first(1280 - 48)));
  // RFC 4443 2.3: the checksum covers addresses, length and next header.
  const std::uint32_t pseudo = ones_sum(base::ByteSpan(a).subspan(8, 32)) + (1280u - 40u) + 58u;
  CHECK(ones_sum(base::ByteSpan(a).subspan(40), pseudo) == 0xffff);
}

TEST_CASE("no IPv6 sender is told an MTU below 1280 (RFC 8200 5)") {
  const auto answer = make_too_big(ipv6(base::ip_protocol::kUdp, 1500), 900);
  REQUIRE(answer.has_value());
  CHECK(base::load_be32(&(*answer)[44]) == 1280);
}

TEST_CASE("ICMP errors, later fragments and strange sources get no answer (RFC 1122 3.2.2, RFC 4443 2.4)") {
  auto error = ipv4(base::ip_protocol::kIcmp, 1500);
  error[20] = 3;
  CHECK_FALSE(make_too_big(error, 1400).has_value());
  error[20] = 8;  // an echo request is no error
  CHECK(make_too_big(error, 1400).has_value());

  auto fragment = ipv4(base::ip_protocol::kUdp, 1500);
  base::store_be16(&fragment[6], 185);
  CHECK_FALSE(make_too_big(fragment, 1400).has_value());

  auto multicast_source = ipv4(base::ip_protocol::kUdp, 1500);
  multicast_source[12] = 224;
  CHECK_FALSE(make_too_big(multicast_source, 1400).has_value());

  auto error6 = ipv6(base::ip_protocol::kIcmpv6, 1500);
  error6[40] = 2;
  CHECK_FALSE(make_too_big(error6, 1400).has_value());
  error6[40] = 128;
  CHECK(make_too_big(error6, 1400).has_value());
}

TEST_CASE("the sender of a rejected packet is told that it is prohibited (RFC 4301 5.1.1 a)") {
  const auto packet = ipv4(base::ip_protocol::kUdp, 100);
  const auto answer = make_unreachable(packet, Unreachable::prohibited);
  REQUIRE(answer.has_value());
  const auto& a = *answer;
  CHECK(a[20] == 3);
  CHECK(a[21] == 13);
  CHECK(base::load_be32(&a[24]) == 0);
  CHECK(base::IpAddress::from_bytes(base::ByteSpan(a).subspan(16, 4)).text() == "192.168.1.2");
  CHECK(base::equal(base::ByteSpan(a).subspan(28, 100), packet));
  CHECK(ones_sum(base::ByteSpan(a).subspan(20)) == 0xffff);

  const auto packet6 = ipv6(base::ip_protocol::kUdp, 100);
  const auto answer6 = make_unreachable(packet6, Unreachable::prohibited);
  REQUIRE(answer6.has_value());
  CHECK((*answer6)[40] == 1);
  CHECK((*answer6)[41] == 1);
  CHECK(base::load_be32(&(*answer6)[44]) == 0);
  CHECK(base::equal(base::ByteSpan(*answer6).subspan(48, 100), packet6));
}

TEST_CASE("the sender of a packet for which no SA comes up is told that the host is not reached (5.1.1 c)") {
  const auto answer = make_unreachable(ipv4(base::ip_protocol::kTcp, 60), Unreachable::host);
  REQUIRE(answer.has_value());
  CHECK((*answer)[20] == 3);
  CHECK((*answer)[21] == 1);
  const auto answer6 = make_unreachable(ipv6(base::ip_protocol::kTcp, 60), Unreachable::host);
  REQUIRE(answer6.has_value());
  CHECK((*answer6)[40] == 1);
  CHECK((*answer6)[41] == 3);
}

TEST_CASE("nobody is told that a multicast is unreachable (RFC 1122 3.2.2, RFC 4443 2.4 e.3)") {
  auto packet = ipv4(base::ip_protocol::kUdp, 100);
  packet[16] = 239;
  CHECK_FALSE(make_unreachable(packet, Unreachable::prohibited).has_value());
  auto packet6 = ipv6(base::ip_protocol::kUdp, 100);
  packet6[24] = 0xff;
  CHECK_FALSE(make_unreachable(packet6, Unreachable::prohibited).has_value());
  auto error = ipv4(base::ip_protocol::kIcmp, 100);
  error[20] = 3;
  CHECK_FALSE(make_unreachable(error, Unreachable::host).has_value());
}

TEST_CASE("what is no IP packet gets no answer") {
  CHECK_FALSE(make_unreachable({}, Unreachable::host).has_value());
  CHECK_FALSE(make_unreachable(base::Bytes(39, 0x60), Unreachable::host).has_value());

  CHECK_FALSE(make_too_big({}, 1400).has_value());
  CHECK_FALSE(make_too_big(base::Bytes(19, 0x45), 1400).has_value());
  CHECK_FALSE(make_too_big(base::Bytes(39, 0x60), 1400).has_value());
  CHECK_FALSE(make_too_big(base::Bytes(1500, 0x00), 1400).has_value());
}

TEST_CASE("answers are limited in number, and come back with time") {
  IcmpLimit limit(10, 2);
  const base::Instant start(100s);
  CHECK(limit.admit(start));
  CHECK(limit.admit(start));
  CHECK_FALSE(limit.admit(start));
  CHECK(limit.admit(start + 100ms));
  CHECK_FALSE(limit.admit(start + 150ms));
}
