#include "base/reader.h"

#include <catch2/catch_test_macros.hpp>

using namespace base;

TEST_CASE("a reader takes fields from the front and says at the end what is left over") {
  const Bytes octets{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18};
  Reader in(octets);
  CHECK(*in.u8("a") == 1);
  CHECK(*in.u16("b") == 0x0203);
  CHECK(*in.u32("c") == 0x04050607);
  CHECK(*in.u64("d") == 0x08090a0b0c0d0e0f);
  Reader inner = *in.sub(1, "e");
  CHECK(in.remaining() == 2);
  CHECK(inner.remaining() == 1);
  CHECK(*inner.u8("f") == 16);
  CHECK(inner.expect_end("g").has_value());
  const auto left = in.expect_end("message");
  REQUIRE(left.has_error());
  CHECK(left.error().family == ErrorFamily::malformed);
  CHECK(left.error().reason == "message: 2 octets left over");
  CHECK(to_bytes(*in.take(2, "h")) == Bytes{17, 18});
  CHECK(in.empty());
}

TEST_CASE("a reader never goes past its end, and stays where it is when asked to") {
  const Bytes octets{1, 2, 3};
  Reader in(octets);
  const auto missing = in.u32("sequence");
  REQUIRE(missing.has_error());
  CHECK(missing.error().family == ErrorFamily::malformed);
  CHECK(missing.error().reason == "sequence: needs 4 octets, 3 left");
  CHECK(in.u64("x").has_error());
  CHECK(in.take(4, "x").has_error());
  CHECK(in.take(~std::size_t{0}, "x").has_error());
  CHECK(in.sub(4, "x").has_error());
  CHECK(in.remaining() == 3);
  CHECK(in.take(0, "x")->empty());
  CHECK(in.take(3, "x").has_value());
  CHECK(in.u8("x").has_error());
  CHECK(in.u16("x").has_error());
}
