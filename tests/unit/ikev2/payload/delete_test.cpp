#include <catch2/catch_test_macros.hpp>

#include "ikev2/payload/payload.h"
#include "tests/unit/ikev2/octets.h"

using namespace ikev2;
using test::hex, test::malformed;

namespace {

base::Result<DeletePayload> parse(const std::string& text) { return parse_delete(base::Reader(hex(text))); }

}  // namespace

TEST_CASE("A DELETE of children carries SPIs of four octets (RFC 7296 3.11)") {
  const auto d = parse("03 04 0002 c0b24047 63199535");
  REQUIRE(d.has_value());
  CHECK(d->protocol == ProtocolId::esp);
  CHECK(d->spis == std::vector<std::uint32_t>{0xc0b24047, 0x63199535});
  CHECK(test::written(*d) == hex("03040002c0b2404763199535"));
  CHECK(parse("02 04 0000")->spis.empty());
}

TEST_CASE("A DELETE of the IKE SA carries no SPI (RFC 7296 3.11)") {
  const auto d = parse("01 00 0000");
  REQUIRE(d.has_value());
  CHECK(d->protocol == ProtocolId::ike);
  CHECK(test::written(DeletePayload{ProtocolId::ike, {1}}) == hex("01000000"));
  CHECK(malformed(parse("01 08 0001 0102030405060708"), "SPI size 8"));
  CHECK(malformed(parse("01 00 0000 aa"), "left over"));
}

TEST_CASE("B118: A DELETE of a protocol that has no SAs is malformed (RFC 7296 3.11)") {
  CHECK(malformed(parse("00 04 0001 c0b24047"), "protocol 0"));
  CHECK(malformed(parse("04 04 0001 c0b24047"), "protocol 4"));
  CHECK(malformed(parse("ff 00 0000"), "protocol 255"));
}

TEST_CASE("B118: A DELETE whose SPI size or count does not fit its length is malformed (RFC 7296 3.11)") {
  CHECK(malformed(parse("03 00 0001 c0b24047"), "SPI size 0"));
  CHECK(malformed(parse("03 02 0002 c0b24047"), "SPI size 2"));
  CHECK(malformed(parse("03 08 0001 c0b2404763199535"), "SPI size 8"));
  CHECK(malformed(parse("03 04 0002 c0b24047"), "SPI"));
  CHECK(malformed(parse("03 04 0001 c0b24047 63199535"), "left over"));
  CHECK(malformed(parse("03 04 ffff c0b24047"), "SPI"));
  CHECK(malformed(parse("03 04 00"), "number of SPIs"));
}
