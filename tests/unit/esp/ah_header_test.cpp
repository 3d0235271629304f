#include "esp/ah_header.h"

#include <catch2/catch_test_macros.hpp>

#include "tests/support/esp_pair.h"

namespace {

base::Bytes hex(std::string_view text) {
  base::Bytes out;
  std::string digits;
  for (const char c : text) {
    if (c != ' ') digits += c;
  }
  REQUIRE(base::from_hex(digits, out));
  return out;
}

std::string muted(std::string_view text) {
  auto headers = hex(text);
  return esp::mute_headers(headers) ? base::to_hex(headers) : "refused";
}

std::string plain(std::string_view text) { return base::to_hex(hex(text)); }

const std::string kV6 =
    "60000000 0018 33 00 20010db8000000000000000000000001 20010db8000000000000000000000002";

}  // namespace

TEST_CASE("B143: AH is a multiple of 4 octets with IPv4 and of 8 with IPv6, for every length of ICV") {
  CHECK(esp::ah_size(12, false) == 24);
  CHECK(esp::ah_size(12, true) == 24);
  CHECK(esp::ah_size(16, false) == 28);
  CHECK(esp::ah_size(16, true) == 32);
  CHECK(esp::ah_size(24, false) == 36);
  CHECK(esp::ah_size(24, true) == 40);
  CHECK(esp::ah_size(32, false) == 44);
  CHECK(esp::ah_size(32, true) == 48);
}

TEST_CASE("B143: of an IPv4 header type of service, flags, offset, TTL and checksum count as zero") {
  CHECK(muted("45b90054 12344000 4033abcd c0000201 c0000202") ==
        plain("45000054 12340000 00330000 c0000201 c0000202"));
}

TEST_CASE("B143: IPv4 options that may change count as zero as a whole, the others stay") {
  // router alert stays; record route with its two addresses goes; no operation stays
  CHECK(muted("49000054 00010000 40330000 c0000201 c0000202 94040000 070b04 c0000209 00000000 01") ==
        plain("49000054 00010000 00330000 c0000201 c0000202 94040000 000000 00000000 00000000 01"));
  // timestamps go, what follows the end stays
  CHECK(muted("48000054 00010000 40330000 c0000201 c0000202 4408050000000001 00 aabbcc") ==
        plain("48000054 00010000 00330000 c0000201 c0000202 0000000000000000 00 aabbcc"));
}

TEST_CASE("a source route's last address is the destination that the ICV covers") {
  CHECK(muted("47000054 00010000 40330000 c0000201 c0000205 830704 c0000202 00") ==
        plain("47000054 00010000 00330000 c0000201 c0000202 000000 00000000 00"));
}

TEST_CASE("B143: IPv4 options with a wrong length are refused") {
  CHECK(muted("46000054 00010000 40330000 c0000201 c0000202 94050000") == "refused");
  CHECK(muted("46000054 00010000 40330000 c0000201 c0000202 01019401") == "refused");
  CHECK(muted("46000054 00010000 40330000 c0000201 c0000202 01010194") == "refused");
}

TEST_CASE("B143: of an IPv6 header traffic class, flow label and hop limit count as zero") {
  auto changed = hex(kV6);
  changed[0] = 0x6a;
  changed[1] = 0xb1;
  changed[2] = 0x22;
  changed[3] = 0x33;
  changed[7] = 64;
  REQUIRE(esp::mute_headers(changed));
  CHECK(base::to_hex(changed) == plain(kV6));
}

TEST_CASE(
    "B143: the data of IPv6 options that may change on the way counts as zero, the type and length stay") {
  auto headers = hex(kV6 + "3c00 2602aabb 0100" + "3300 0602ccdd 0100");
  headers[6] = 0;
  REQUIRE(esp::mute_headers(headers));
  CHECK(base::to_hex(base::ByteSpan(headers).subspan(40)) == plain("3c00 26020000 0100 3300 0602ccdd 0100"));
  auto cut = hex(kV6 + "3300 0106 00000000");
  cut[6] = 60;
  CHECK_FALSE(esp::mute_headers(cut));
}

TEST_CASE("B143: a routing header of type 0 or 2 counts as it will be at the destination") {
  const std::string a = "20010db8000000000000000000000aaa", b = "20010db8000000000000000000000bbb";
  auto headers = hex(kV6 + "33 04 00 02 00000000" + a + b);
  headers[6] = 43;
  REQUIRE(esp::mute_headers(headers));
  CHECK(base::to_hex(base::ByteSpan(headers).subspan(24, 16)) == b);
  CHECK(base::to_hex(base::ByteSpan(headers).subspan(40)) ==
        plain("33 04 00 00 00000000 20010db8000000000000000000000002" + a));
  for (const std::string unknown : {"33 02 04 01 00000000", "33 02 00 02 00000000", "33 03 00 01 00000000"}) {
    auto refused = hex(kV6 + unknown + a + (unknown[4] == '3' ? "0000000000000000" : ""));
    refused[6] = 43;
    CHECK_FALSE(esp::mute_headers(refused));
  }
}

TEST_CASE("AH is found behind IPv4 options and IPv6 extension headers, and nowhere else") {
  const std::string ah = "0404000000000100000000010102030405060708090a0b0c";
  auto v4 = hex("4600 0030 0001 0000 4033 0000 c0000201 c0000202 94040000" + ah);
  auto place = esp::find_ah(v4);
  REQUIRE(place);
  CHECK(place->at == 24);
  CHECK(place->next_at == 9);
  CHECK(place->total == 48);
  auto other = v4;
  other[9] = 50;
  CHECK_FALSE(esp::find_ah(other));
  other = v4;
  other[6] = 0x20;  // more fragments
  CHECK_FALSE(esp::find_ah(other));
  other = v4;
  other[3] = 0x31;  // longer than it is
  CHECK_FALSE(esp::find_ah(other));
  auto v6 = hex(kV6 + "3c00 0104 00000000 3300 0104 00000000" + ah);
  v6[6] = 0;
  v6[5] = 40;
  place = esp::find_ah(v6);
  REQUIRE(place);
  CHECK(place->at == 56);
  CHECK(place->next_at == 48);
  CHECK(place->total == 80);
  for (std::size_t size = 0; size < v6.size(); ++size) {
    auto cut = v6;
    cut.resize(size);
    CHECK_FALSE(esp::find_ah(cut));
    if (size < 40) continue;
    base::store_be16(&cut[4], static_cast<std::uint16_t>(size - 40));
    const auto found = esp::find_ah(cut);
    CHECK(found.has_value() == (size >= 68));
  }
}
