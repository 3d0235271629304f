#include <catch2/catch_test_macros.hpp>

#include "ikev2/payload/payload.h"
#include "tests/unit/ikev2/octets.h"

using namespace ikev2;
using test::hex, test::malformed;

namespace {

base::Bytes ke(std::uint16_t group, std::size_t size) {
  base::Bytes body(4 + size, 0x11);
  base::store_be16(body.data(), group);
  base::store_be16(body.data() + 2, 0xffff);  // reserved: ignored
  return body;
}

}  // namespace

TEST_CASE(
    "A KE payload is read with its method and public value, and written with zeros reserved (RFC 7296 3.4)") {
  const base::Bytes wire = ke(31, 32);
  const auto parsed = parse_ke(base::Reader(wire));
  REQUIRE(parsed.has_value());
  CHECK(parsed->method == crypto::Ke::curve25519);
  CHECK(parsed->data == base::Bytes(32, 0x11));
  CHECK(test::written(*parsed) == test::join({hex("001f0000"), base::Bytes(32, 0x11)}));
}

TEST_CASE("B048: A public value that is empty, short by one or long by one is malformed (RFC 7296 3.4)") {
  for (const crypto::KeInfo& info : crypto::all_ke()) {
    if (info.public_size == 0) continue;
    const auto group = static_cast<std::uint16_t>(info.id);
    CAPTURE(info.name);
    CHECK(parse_ke(base::Reader(ke(group, info.public_size))).has_value());
    CHECK(malformed(parse_ke(base::Reader(ke(group, info.public_size - 1u))), "public value"));
    CHECK(malformed(parse_ke(base::Reader(ke(group, info.public_size + 1u))), "public value"));
    CHECK(malformed(parse_ke(base::Reader(ke(group, 0))), "no key exchange data"));
  }
}

TEST_CASE(
    "A KE payload of an unknown or private method is read, for INVALID_KE_PAYLOAD to answer (RFC 7296 1.3)") {
  CHECK(parse_ke(base::Reader(ke(1025, 1))).has_value());
  CHECK(parse_ke(base::Reader(ke(9999, 5000)))->data.size() == 5000);
}

TEST_CASE("A KE payload shorter than its fixed part is malformed (RFC 7296 3.4)") {
  CHECK(malformed(parse_ke(base::Reader(hex(""))), "key exchange method"));
  CHECK(malformed(parse_ke(base::Reader(hex("001f00"))), "reserved"));
}
