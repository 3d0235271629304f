#include <catch2/catch_test_macros.hpp>

#include "ikev2/payload/payload.h"
#include "tests/unit/ikev2/octets.h"

using namespace ikev2;
using test::hex, test::malformed;

namespace {

base::Result<IdPayload> parse(const std::string& text) {
  return parse_id(base::Reader(hex(text)), PayloadType::idi);
}

}  // namespace

TEST_CASE("An identity is read with its type, its octets and its body as it travelled (RFC 7296 2.15, 3.5)") {
  const auto id = parse("02ab01cd 612e62");
  REQUIRE(id.has_value());
  CHECK(id->role == PayloadType::idi);
  CHECK(id->id == Identity{IdType::fqdn, hex("612e62")});
  CHECK(id->body == hex("02ab01cd 612e62"));  // reserved octets too: AUTH covers them
  CHECK(test::written(*id) == hex("02000000 612e62"));
}

TEST_CASE("The body that AUTH covers is type, three zeros and data (RFC 7296 2.15)") {
  CHECK(id_body({IdType::ipv4, hex("c0000201")}) == hex("01000000 c0000201"));
}

TEST_CASE("B099: Address identities of any other length than their address are malformed (RFC 7296 3.5)") {
  CHECK(parse("01000000 c0000201").has_value());
  CHECK(malformed(parse("01000000"), "ip4-addr of 0"));
  CHECK(malformed(parse("01000000 c00002"), "ip4-addr of 3"));
  CHECK(malformed(parse("01000000 c000020100"), "ip4-addr of 5"));
  CHECK(parse("05000000 20010db8000000000000000000000001").has_value());
  CHECK(malformed(parse("05000000" + std::string(30, '0')), "ip6-addr of 15"));
}

TEST_CASE("B099: Empty names are malformed, and ID_NULL must be empty (RFC 7296 3.5, RFC 7619 2.2)") {
  CHECK(malformed(parse("02000000"), "fqdn of 0"));
  CHECK(malformed(parse("03000000"), "rfc822 of 0"));
  CHECK(malformed(parse("0b000000"), "key-id of 0"));
  CHECK(parse("0d000000").has_value());
  CHECK(malformed(parse("0d000000 00"), "null of 1"));
}

TEST_CASE("B099: Identities of unknown types are malformed (RFC 7296 3.5)") {
  for (const char* type : {"00", "04", "06", "07", "08", "ff"}) {
    CHECK(malformed(parse(std::string(type) + "000000 61"), "unknown"));
  }
}

TEST_CASE(
    "B099: A name keeps an embedded NUL and sixty thousand octets: identities are octets with a length") {
  CHECK(parse("02000000 6100 62")->id.data == hex("610062"));
  CHECK(parse("02000000" + std::string(120000, 'a'))->id.data.size() == 60000);
}

TEST_CASE("An ID payload shorter than its fixed part is malformed (RFC 7296 3.5)") {
  CHECK(malformed(parse(""), "identity type"));
  CHECK(malformed(parse("020000"), "reserved"));
}
