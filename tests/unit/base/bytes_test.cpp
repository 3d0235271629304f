#include "base/bytes.h"

#include <catch2/catch_test_macros.hpp>

using namespace base;

TEST_CASE("hexadecimal text is written in lower case and read in either, with or without 0x") {
  const Bytes octets{0x00, 0x9f, 0xab};
  CHECK(to_hex(octets) == "009fab");
  CHECK(to_hex(ByteSpan{}).empty());
  Bytes read;
  for (const char* text : {"009fab", "009FAB", "0x009fAB", "0X009fab"}) {
    CAPTURE(text);
    read.clear();
    CHECK(from_hex(text, read));
    CHECK(read == octets);
  }
}

TEST_CASE("text that is no hexadecimal is refused, and leaves what was there") {
  Bytes read{7};
  for (const char* text : {"0", "0x1", "zz", "1g", "12 34", "-1"}) {
    CAPTURE(text);
    CHECK_FALSE(from_hex(text, read));
    CHECK(read == Bytes{7});
  }
}

TEST_CASE("a number is written with as many hexadecimal digits as asked for") {
  CHECK(to_hex(0xabcu, 8) == "00000abc");
  CHECK(to_hex(0xf40329997e6563ddu, 16) == "f40329997e6563dd");
  CHECK(to_hex(0x1234u, 2) == "34");
}

TEST_CASE("numbers are stored in network byte order, wherever they lie") {
  Bytes octets(15);
  store_be16(&octets[0], 0x0102);
  store_be32(&octets[3], 0x03040506);  // not aligned
  store_be64(&octets[7], 0x0708090a0b0c0d0e);
  CHECK(octets == Bytes{1, 2, 0, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14});
  CHECK(load_be16(&octets[0]) == 0x0102);
  CHECK(load_be32(&octets[3]) == 0x03040506);
  CHECK(load_be64(&octets[7]) == 0x0708090a0b0c0d0e);
}

TEST_CASE("octets are equal where length and content are") {
  const Bytes a{1, 2}, b{1, 3}, longer{1, 2, 0};
  CHECK(equal(a, Bytes{1, 2}));
  CHECK(equal(ByteSpan{}, ByteSpan{}));
  CHECK_FALSE(equal(a, b));
  CHECK_FALSE(equal(a, longer));
}
