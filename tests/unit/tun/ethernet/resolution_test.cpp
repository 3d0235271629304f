#include "tun/ethernet/resolution.h"

#include <catch2/catch_test_macros.hpp>

#include "base/checksum.h"

namespace {

const tun::MacAddress kOurs{2, 0, 0, 0, 0, 1}, kTheirs{2, 0, 0, 0, 0, 2};
base::IpAddress ip(const char* text) { return base::IpAddress::parse(text).value(); }

}  // namespace

TEST_CASE("a question and its answer say what they mean, of both families") {
  for (const auto& [asked, asking] :
       {std::pair("10.0.0.1", "10.0.0.2"), std::pair("2001:db8::1", "2001:db8::2")}) {
    const base::Bytes question = tun::write_question(ip(asked), {ip(asking), kTheirs});
    const auto read = tun::read_resolution(question);
    REQUIRE(read);
    CHECK(read->question);
    CHECK(read->target == ip(asked));
    CHECK(read->sender == ip(asking));
    CHECK(read->sender_mac == kTheirs);
    CHECK(tun::mac_at(question, 6) == kTheirs);
    CHECK((question[0] & 1) == 1);

    const base::Bytes answer = tun::write_answer({ip(asked), kOurs}, {ip(asking), kTheirs});
    const auto answered = tun::read_resolution(answer);
    REQUIRE(answered);
    CHECK_FALSE(answered->question);
    CHECK(answered->target == ip(asked));
    CHECK(answered->sender == ip(asked));
    CHECK(answered->sender_mac == kOurs);
    CHECK(tun::mac_at(answer, 0) == kTheirs);
  }
}

TEST_CASE("a question for an IPv6 address goes to its solicited-node group") {
  const base::Bytes question = tun::write_question(ip("2001:db8::12:3456"), {ip("2001:db8::2"), kTheirs});
  CHECK(tun::mac_at(question, 0) == tun::MacAddress{0x33, 0x33, 0xff, 0x12, 0x34, 0x56});
  CHECK(base::IpAddress::from_bytes(base::ByteSpan(question).subspan(14 + 24, 16)) ==
        ip("ff02::1:ff12:3456"));
}

TEST_CASE("whoever looks whether an address is free has none") {
  base::Bytes arp = tun::write_question(ip("10.0.0.1"), {ip("0.0.0.0"), kTheirs});
  const auto probe = tun::read_resolution(arp);
  REQUIRE(probe);
  CHECK_FALSE(probe->sender);
  const auto detection = tun::read_resolution(tun::write_question(ip("2001:db8::1"), {ip("::"), kTheirs}));
  REQUIRE(detection);
  CHECK_FALSE(detection->sender);
}

TEST_CASE("what is cut short, forwarded, damaged or something else is no message") {
  for (const char* asked : {"10.0.0.1", "2001:db8::1"}) {
    const base::IpAddress asker = ip(ip(asked).is_v4() ? "10.0.0.2" : "2001:db8::2");
    const base::Bytes good = tun::write_question(ip(asked), {asker, kTheirs});
    for (std::size_t size = 0; size < good.size(); ++size)
      CHECK_FALSE(tun::read_resolution(base::ByteSpan(good).first(size)));
  }
  base::Bytes neighbour = tun::write_question(ip("2001:db8::1"), {ip("2001:db8::2"), kTheirs});
  neighbour[14 + 7] = 254;  // forwarded
  CHECK_FALSE(tun::read_resolution(neighbour));
  neighbour[14 + 7] = 255;
  neighbour.back() ^= 1;
  CHECK_FALSE(tun::read_resolution(neighbour));
  base::Bytes arp = tun::write_question(ip("10.0.0.1"), {ip("10.0.0.2"), kTheirs});
  for (const std::size_t at : {1u, 3u, 4u, 5u, 7u}) {
    base::Bytes other = arp;
    other[14 + at] ^= 0x40;
    CHECK_FALSE(tun::read_resolution(other));
  }
}
