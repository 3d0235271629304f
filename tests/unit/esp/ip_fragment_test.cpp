#include "esp/ip_fragment.h"

#include <catch2/catch_test_macros.hpp>

#include "tests/support/esp_pair.h"

namespace {

using support::ip;

base::Bytes packet(std::size_t payload) {
  base::Bytes made = support::udp_packet(ip("10.1.0.1"), ip("10.2.0.2"), 1000, 53, payload);
  base::store_be16(&made[4], 0x4711);
  return made;
}

std::vector<base::Bytes> fragments(base::ByteSpan whole, std::uint32_t mtu) {
  std::vector<base::Bytes> out;
  for (std::uint32_t i = 0; i < esp::fragments_of(whole, mtu); ++i) {
    base::Bytes part(mtu + 100);
    part.resize(esp::write_fragment(whole, mtu, i, part.data()));
    out.push_back(part);
  }
  return out;
}

// What a host puts together from them.
base::Bytes payload_of(const std::vector<base::Bytes>& parts) {
  base::Bytes out;
  for (const auto& part : parts) {
    const std::size_t header = std::size_t{4} * (part[0] & 15u),
                      at = 8u * (base::load_be16(&part[6]) & 0x1fffu);
    out.resize(std::max(out.size(), at + part.size() - header));
    std::copy(part.begin() + static_cast<std::ptrdiff_t>(header), part.end(),
              out.begin() + static_cast<std::ptrdiff_t>(at));
  }
  return out;
}

bool more(const base::Bytes& part) { return (part[6] & 0x20) != 0; }

}  // namespace

TEST_CASE("fragments hold the packet, none is longer than the MTU, and only the last says that it is") {
  for (std::size_t payload = 0; payload < 400; payload += 13) {
    const base::Bytes whole = packet(payload);
    for (const std::uint32_t mtu : {28u, 68u, 100u, 127u}) {
      const auto parts = fragments(whole, mtu);
      REQUIRE(!parts.empty());
      CHECK(base::equal(payload_of(parts), base::ByteSpan(whole).subspan(20)));
      for (const auto& part : parts) {
        CHECK(part.size() <= mtu);
        CHECK(base::load_be16(&part[2]) == part.size());
        CHECK(base::load_be16(&part[4]) == 0x4711);
        CHECK(base::internet_checksum(base::ByteSpan(part).first(20)) == 0);
        CHECK(more(part) == (&part != &parts.back()));
      }
    }
  }
}

TEST_CASE("a fragment is fragmented further, and only the last fragment of all ends the packet") {
  const base::Bytes whole = packet(300);
  std::vector<base::Bytes> all;
  for (const auto& part : fragments(whole, 180)) {
    for (const auto& smaller : fragments(part, 60)) all.push_back(smaller);
  }
  CHECK(base::equal(payload_of(all), base::ByteSpan(whole).subspan(20)));
  for (const auto& part : all) CHECK(more(part) == (&part != &all.back()));
}

TEST_CASE("options that are not to be copied are empty in later fragments") {
  base::Bytes whole = packet(100);
  // Record route (7), not copied; loose source route (131), copied; an end of options.
  const base::Bytes options{7, 7, 4, 0, 0, 0, 0, 131, 3, 4, 0, 0};
  whole.insert(whole.begin() + 20, options.begin(), options.end());
  whole[0] = 0x48;
  base::store_be16(&whole[2], static_cast<std::uint16_t>(whole.size()));
  const auto parts = fragments(whole, 96);
  REQUIRE(parts.size() == 2);
  CHECK(std::equal(options.begin(), options.end(), parts[0].begin() + 20));
  const base::Bytes later{1, 1, 1, 1, 1, 1, 1, 131, 3, 4, 0, 0};
  CHECK(std::equal(later.begin(), later.end(), parts[1].begin() + 20));
  CHECK(base::internet_checksum(base::ByteSpan(parts[1]).first(32)) == 0);
}

TEST_CASE("where not eight octets of payload fit, there are no fragments") {
  CHECK(esp::fragments_of(packet(100), 27) == 0);
  CHECK(esp::fragments_of(packet(100), 0) == 0);
}
