// A whole ESP packet as published: RFC 7634 Appendix A.
#include <catch2/catch_test_macros.hpp>

#include "crypto/botan/provider.h"
#include "tests/support/esp_pair.h"

namespace {

base::Bytes bytes(std::string_view hex) {
  base::Bytes out;
  REQUIRE(base::from_hex(hex, out));
  return out;
}

constexpr std::string_view kKeymat =
    "808182838485868788898a8b8c8d8e8f909192939495969798999a9b9c9d9e9f"
    "a0a1a2a3";
constexpr std::string_view kInner =
    "45000054a6f200004001e778c6336405c000020508005b7a3a080000553bec10"
    "0007362708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f20212223"
    "2425262728292a2b2c2d2e2f3031323334353637";
constexpr std::string_view kEsp =
    "0102030400000005101112131415161724039428b97f417e3c13753a4f05087b"
    "67c352e6a7fab1b982d466ef407ae5c614ee8099d52844eb61aa95dfab4c02f7"
    "2aa71e7c4c4f64c9befe2facc638e8f3cbec163fac469b502773f6fb94e664da"
    "9165b82829f641e076aaa8266b7fb0f7b11b369907e1ad43";

}  // namespace

TEST_CASE("the packet of RFC 7634 Appendix A opens to the ping in it") {
  esp::SaParams params;
  params.child = base::ChildId(1);
  params.spi = base::Spi(0x01020304);
  params.suite.cipher = {crypto::Encr::chacha20_poly1305, 256, crypto::Integ::none};
  params.encr_key = base::SecretBytes(bytes(kKeymat));
  params.local = {support::ip("203.0.113.5"), 0};
  params.remote = {support::ip("203.0.113.153"), 0};
  params.selectors.local = {spd::TrafficSelector::parse("192.0.2.0/24|icmp/8").value()};
  params.selectors.remote = {spd::TrafficSelector::parse("198.51.100.0/24|icmp/8").value()};
  support::EspEnd end;
  const auto provider = crypto::make_botan_provider();
  const auto sa = esp::InboundSa::make(std::move(params), *provider).value();
  REQUIRE(end.sad.add(sa));

  base::PacketPool pool(4);
  base::PacketBatch in, delivered, ike;
  auto frame = support::frame_of(pool, bytes(kEsp));
  frame.local = {support::ip("203.0.113.5"), 0};
  REQUIRE(in.push(std::move(frame)));
  end.in.process(esp::Arrival::raw, in, delivered, ike);
  REQUIRE(delivered.size() == 1);
  CHECK(base::to_hex(delivered[0].bytes()) == kInner);
  CHECK(sa->window.highest() == 5);
  CHECK(sa->traffic.bytes == 84);
}
