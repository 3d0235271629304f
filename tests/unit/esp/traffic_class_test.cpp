#include "esp/traffic_class.h"

#include <catch2/catch_test_macros.hpp>

#include "base/checksum.h"
#include "tests/support/esp_pair.h"

namespace {

using support::ip;

base::Bytes packet(bool v6, std::uint8_t traffic_class) {
  base::Bytes made = v6 ? support::udp_packet(ip("2001:db8::1"), ip("2001:db8::2"), 1, 2, 20)
                        : support::udp_packet(ip("10.1.0.1"), ip("10.2.0.2"), 1, 2, 20);
  esp::set_traffic_class(made, traffic_class);
  return made;
}

bool good_header(base::ByteSpan p) { return p[0] >> 4 == 6 || base::internet_checksum(p.first(20)) == 0; }

}  // namespace

TEST_CASE("a traffic class is read as it was written, with nothing else changed and a right checksum") {
  for (const bool v6 : {false, true}) {
    const base::Bytes before = packet(v6, 0);
    for (int value = 0; value < 256; ++value) {
      const auto traffic_class = static_cast<std::uint8_t>(value);
      base::Bytes p = before;
      esp::set_traffic_class(p, traffic_class);
      REQUIRE(esp::traffic_class_of(p) == traffic_class);
      REQUIRE(good_header(p));
      REQUIRE(p[0] >> 4 == (v6 ? 6 : 4));
      esp::set_traffic_class(p, 0);
      REQUIRE(p == before);
    }
  }
}

// The table of RFC 6040 4.2, figure 4: rows are inner fields, columns outer ones, in the order Not-ECT,
// ECT(1), ECT(0), CE; -1: dropped.
TEST_CASE("ECN of the outer header goes into the inner one as RFC 6040 has it, and DSCP does not") {
  const int table[4][4] = {{0, 0, 0, -1}, {1, 1, 1, 3}, {2, 1, 2, 3}, {3, 3, 3, 3}};
  for (const bool v6 : {false, true}) {
    for (std::uint8_t inner = 0; inner < 4; ++inner) {
      for (std::uint8_t outer = 0; outer < 4; ++outer) {
        base::Bytes p = packet(v6, static_cast<std::uint8_t>(0xb8 | inner));
        const bool kept = esp::merge_ecn(p, static_cast<std::uint8_t>(0x28 | outer));
        REQUIRE(kept == (table[inner][outer] >= 0));
        if (!kept) continue;
        REQUIRE(esp::traffic_class_of(p) == (0xb8 | table[inner][outer]));
        REQUIRE(good_header(p));
      }
    }
  }
}
