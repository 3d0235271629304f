#include "base/checksum.h"

#include <catch2/catch_test_macros.hpp>
#include <random>

#include "tests/support/offload_packets.h"

TEST_CASE("the sum of words is that of RFC 1071, at every length and alignment") {
  std::mt19937 rng(1);
  base::Bytes bytes(700);
  for (auto& octet : bytes) octet = static_cast<std::uint8_t>(rng());
  for (std::size_t from = 0; from < 9; ++from) {
    for (std::size_t length = 0; length + from <= bytes.size(); ++length) {
      const auto part = base::ByteSpan(bytes).subspan(from, length);
      REQUIRE(base::finish_sum(base::word_sum(part)) == offload::obvious_checksum(part));
      REQUIRE(base::internet_checksum(part) == offload::obvious_checksum(part));
      base::Bytes copy(length + 1, 0xee);
      REQUIRE(base::copy_and_sum(copy.data(), part) == base::word_sum(part));
      REQUIRE(base::equal(base::ByteSpan(copy).first(length), part));
      REQUIRE(copy.back() == 0xee);
    }
  }
}

TEST_CASE("the internet checksum gives the example of RFC 1071") {
  const base::Bytes example{0x00, 0x01, 0xf2, 0x03, 0xf4, 0xf5, 0xf6, 0xf7};
  CHECK(base::word_sum(example) == 0xddf2);
  CHECK(base::internet_checksum(example) == 0x220d);
  CHECK(base::internet_checksum(example, 0x220d) == 0);
  CHECK(base::internet_checksum(base::ByteSpan(example).first(2), 0x1ffff) == 0xfffd);
  const base::Bytes odd{0x01, 0x02, 0x03};
  CHECK(base::word_sum(odd) == 0x0102 + 0x0300);
}
