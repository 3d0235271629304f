#include <catch2/catch_test_macros.hpp>

#include "ikev2/payload/payload.h"
#include "tests/unit/ikev2/octets.h"

using namespace ikev2;
using test::hex, test::malformed;

namespace {

base::Result<NotifyPayload> parse(const std::string& text) { return parse_notify(base::Reader(hex(text))); }

}  // namespace

TEST_CASE("A notify is read with protocol, SPI and data, and written the same (RFC 7296 3.10)") {
  const auto n = parse("03 04 4009 c0b24047 aabb");
  REQUIRE(n.has_value());
  CHECK(n->type == NotifyType::rekey_sa);
  CHECK(n->protocol == ProtocolId::esp);
  CHECK(n->spi == hex("c0b24047"));
  CHECK(n->data == hex("aabb"));
  CHECK(test::written(*n) == hex("03044009c0b24047aabb"));
}

TEST_CASE("Without an SPI the protocol of a notify is ignored, and sent as zero (RFC 7296 3.10)") {
  const auto n = parse("01 00 000e");
  REQUIRE(n.has_value());
  CHECK(n->type == NotifyType::no_proposal_chosen);
  CHECK(n->protocol == ProtocolId::none);
  CHECK(test::written(*n) == hex("0000000e"));
  CHECK(test::written(NotifyPayload{NotifyType::cookie, ProtocolId::ike, {}, hex("11")}) ==
        hex("0000400611"));
}

TEST_CASE(
    "A notify of an unknown type is read: errors and status types are told apart by number (RFC 7296 "
    "3.10.1)") {
  CHECK(is_error(parse("0000 3fff")->type));
  CHECK_FALSE(is_error(parse("0000 4000")->type));
  CHECK_FALSE(is_error(parse("0000 ffff")->type));
}

TEST_CASE(
    "An SPI of any size that fits is kept as it came, one that does not fit is malformed (RFC 7296 3.10)") {
  CHECK(parse("03 02 4009 aabb")->spi == hex("aabb"));
  CHECK(malformed(parse("03 04 4009 aabb"), "SPI"));
  CHECK(malformed(parse("03 ff 4009 aabb"), "SPI"));
  CHECK(malformed(parse("0304"), "notify type"));
}
