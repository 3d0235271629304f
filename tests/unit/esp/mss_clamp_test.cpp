#include "esp/mss_clamp.h"

#include <catch2/catch_test_macros.hpp>

#include "tests/support/tcp_packet.h"

namespace {

using support::checksum_holds;
using support::mss_option;
using support::tcp_packet;

std::uint16_t mss_at(const base::Bytes& packet, std::size_t at) { return base::load_be16(&packet[at + 2]); }

}  // namespace

TEST_CASE("the MSS of a SYN is lowered to what fits beside the fixed headers, and the checksum holds") {
  for (const bool v6 : {false, true}) {
    for (const auto flags : {std::uint8_t{0x02}, std::uint8_t{0x12}}) {
      base::Bytes packet = tcp_packet(v6, flags, mss_option(1460));
      REQUIRE(checksum_holds(packet));
      esp::clamp_mss(packet, 1400);
      const std::size_t options = (v6 ? 40 : 20) + 20;
      CHECK(mss_at(packet, options) == (v6 ? 1340 : 1360));
      CHECK(checksum_holds(packet));
    }
  }
}

TEST_CASE("an MSS option at an odd place is found behind others") {
  base::Bytes options{1, 3, 3, 7};  // nothing, window scale
  base::append(options, mss_option(0xfffe));
  for (std::size_t nothings = 0; nothings < 4; ++nothings) {
    base::Bytes shifted(nothings, 1);
    base::append(shifted, options);
    base::Bytes packet = tcp_packet(false, 0x02, shifted);
    esp::clamp_mss(packet, 1400);
    CHECK(mss_at(packet, 40 + nothings + 4) == 1360);
    CHECK(checksum_holds(packet));
  }
}

TEST_CASE("every MSS from 0 to 65535 is left alone or lowered, never raised, and the checksum holds") {
  for (std::uint32_t mss = 0; mss <= 0xffff; mss += 7) {
    base::Bytes packet = tcp_packet(false, 0x02, mss_option(static_cast<std::uint16_t>(mss)));
    esp::clamp_mss(packet, 1438);
    CHECK(mss_at(packet, 40) == std::min(mss, 1398u));
    CHECK(checksum_holds(packet));
  }
}

TEST_CASE("what is no SYN, has no such option, or is cut short stays as it is") {
  const auto unchanged = [](base::Bytes packet) {
    const base::Bytes before = packet;
    esp::clamp_mss(packet, 600);
    return packet == before;
  };
  CHECK(unchanged(tcp_packet(false, 0x10, mss_option(1460))));
  CHECK(unchanged(tcp_packet(false, 0x02, {})));
  CHECK(unchanged(tcp_packet(false, 0x02, {0, 2, 4, 5})));  // behind the end of options
  CHECK(unchanged(tcp_packet(false, 0x02, {2, 3, 5, 0})));  // a length that MSS cannot have
  CHECK(unchanged(tcp_packet(false, 0x02, {8, 0, 2, 4})));  // a length of 0
  CHECK(unchanged(tcp_packet(false, 0x02, {1, 1, 2, 4})));  // reaches beyond the header
  base::Bytes later = tcp_packet(false, 0x02, mss_option(1460));
  base::store_be16(&later[6], 100);  // a later fragment
  CHECK(unchanged(later));
  for (std::size_t size = 20; size < 44; ++size) {
    base::Bytes cut = tcp_packet(false, 0x02, mss_option(1460));
    cut.resize(size);
    CHECK(unchanged(cut));
  }
}

TEST_CASE("no MSS is lowered below 536, which every host takes") {
  for (const std::uint32_t mtu : {0u, 68u, 575u}) {
    base::Bytes packet = tcp_packet(false, 0x02, mss_option(1460));
    esp::clamp_mss(packet, mtu);
    CHECK(mss_at(packet, 40) == 536);
  }
}
