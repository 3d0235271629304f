#include "esp/sequence.h"

#include <catch2/catch_test_macros.hpp>

TEST_CASE("numbers count up from the next one") {
  std::uint64_t next = 1;
  CHECK(esp::take_sequence(next, false) == 1u);
  CHECK(esp::take_sequence(next, false) == 2u);
  CHECK(next == 3);
}

TEST_CASE("without ESN the numbers end at 2^32-1 and never cycle") {
  std::uint64_t next = 0xfffffffe;
  CHECK(esp::take_sequence(next, false) == 0xfffffffeu);
  CHECK(esp::take_sequence(next, false) == 0xffffffffu);
  CHECK_FALSE(esp::take_sequence(next, false));
  CHECK_FALSE(esp::take_sequence(next, false));
}

TEST_CASE("with ESN the numbers go on behind 2^32-1 and end before 2^64") {
  std::uint64_t next = 0xffffffff;
  CHECK(esp::take_sequence(next, true) == 0xffffffffu);
  CHECK(esp::take_sequence(next, true) == 0x100000000u);
  next = ~std::uint64_t{0} - 1;
  CHECK(esp::take_sequence(next, true) == ~std::uint64_t{0} - 1);
  CHECK_FALSE(esp::take_sequence(next, true));
  CHECK_FALSE(esp::take_sequence(next, true));
}
