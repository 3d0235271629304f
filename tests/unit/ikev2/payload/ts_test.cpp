#include <catch2/catch_test_macros.hpp>

#include "ikev2/payload/payload.h"
#include "tests/unit/ikev2/octets.h"

using namespace ikev2;
using test::hex, test::malformed;

namespace {

base::Result<TsPayload> parse(const std::string& text) {
  return parse_ts(base::Reader(hex(text)), PayloadType::tsr);
}

const std::string kV4 = "07000010 0000ffff c0a87c00 c0a87cff";
const std::string kV6 = "08000028 0000ffff 20010db8000000000000000000000000 20010db800000000ffffffffffffffff";

}  // namespace

TEST_CASE("Selectors of both families are read together and written the same (RFC 7296 3.13)") {
  const auto ts = parse("02000000" + kV4 + kV6);
  REQUIRE(ts.has_value());
  CHECK(ts->role == PayloadType::tsr);
  REQUIRE(ts->selectors.size() == 2);
  CHECK(ts->selectors[0].range ==
        base::AddressRange{base::IpAddress::v4(0xc0a87c00), base::IpAddress::v4(0xc0a87cff)});
  CHECK(ts->selectors[0].protocol == 0);
  CHECK(ts->selectors[0].all_ports());
  CHECK(ts->selectors[1].range.first == base::IpAddress::v6(0x20010db800000000, 0));
  CHECK(test::written(*ts) == hex("02000000" + kV4 + kV6));
}

TEST_CASE("Protocol and ports of a selector are read; reserved octets are ignored (RFC 7296 3.13.1)") {
  const auto ts = parse("01ffffff 07060010 01bb01bc c0a87c00 c0a87cff");
  REQUIRE(ts.has_value());
  CHECK(ts->selectors[0].protocol == 6);
  CHECK(ts->selectors[0].first_port == 443);
  CHECK(ts->selectors[0].last_port == 444);
}

TEST_CASE("B119: OPAQUE ports, 65535 to 0, are the only ones that may run backwards (RFC 7296 3.13.1)") {
  const auto ts = parse("01000000 07060010 ffff0000 c0a87c00 c0a87cff");
  REQUIRE(ts.has_value());
  CHECK(ts->selectors[0].opaque());
  CHECK(malformed(parse("01000000 07060010 ffff0001 c0a87c00 c0a87cff"), "ports"));
  CHECK(malformed(parse("01000000 07060010 01bc01bb c0a87c00 c0a87cff"), "ports"));
}

TEST_CASE("B119: A selector that ends before it starts is malformed (RFC 7296 3.13.1)") {
  CHECK(malformed(parse("01000000 07000010 0000ffff c0a87cff c0a87c00"), "before it starts"));
  CHECK(malformed(parse("01000000 08000028 0000ffff 20010db800000000ffffffffffffffff "
                        "20010db8000000000000000000000000"),
                  "before it starts"));
}

TEST_CASE("A selector of one address is read (RFC 7296 3.13.1)") {
  CHECK(parse("01000000 07000010 0000ffff c0a87c01 c0a87c01").has_value());
}

TEST_CASE("B119: Selectors of unknown types are skipped and counted (RFC 7296 2.9)") {
  const auto ts = parse("03000000 09000008 00000000" + kV4 + "f1000004");
  REQUIRE(ts.has_value());
  CHECK(ts->selectors.size() == 1);
  CHECK(ts->unknown == 2);
  CHECK(parse("01000000 09000008 00000000")->selectors.empty());
}

TEST_CASE("B119: A selector count of zero, or other than the selectors, is malformed (RFC 7296 3.13)") {
  CHECK(malformed(parse("00000000"), "no traffic selector"));
  CHECK(malformed(parse("00000000" + kV4), "no traffic selector"));
  CHECK(malformed(parse("02000000" + kV4), "selector type"));
  CHECK(malformed(parse("ff000000" + kV4), "selector type"));
  CHECK(malformed(parse("01000000" + kV4 + kV4), "left over"));
  CHECK(malformed(parse("0100"), "reserved"));
}

TEST_CASE("B119: A selector length other than that of its type is malformed (RFC 7296 3.13.1)") {
  CHECK(malformed(parse("01000000 07000000 0000ffff c0a87c00 c0a87cff"), "below 4"));
  CHECK(malformed(parse("01000000 07000003 0000ffff c0a87c00 c0a87cff"), "below 4"));
  CHECK(malformed(parse("01000000 0700000f 0000ffff c0a87c00 c0a87cff"), "ending address"));
  CHECK(malformed(parse("01000000 07000011 0000ffff c0a87c00 c0a87cff 00"), "left over"));
  CHECK(malformed(parse("01000000 07000028 0000ffff c0a87c00 c0a87cff"), "selector"));
  CHECK(malformed(parse("01000000 08000010 0000ffff c0a87c00 c0a87cff"), "address"));
}

TEST_CASE("255 selectors are read, and no more than 255 are written (RFC 7296 3.13)") {
  std::string wire = "ff000000";
  for (int i = 0; i < 255; ++i) wire += kV4;
  auto ts = parse(wire);
  REQUIRE(ts.has_value());
  REQUIRE(ts->selectors.size() == 255);
  ts->selectors.push_back(ts->selectors.front());
  CHECK(test::written(*ts) == hex(wire));
}
