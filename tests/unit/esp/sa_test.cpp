#include "esp/sa.h"

#include <catch2/catch_test_macros.hpp>

#include "tests/support/esp_pair.h"
#include "tests/support/plain_cipher.h"

namespace {

std::uint32_t mtu(const support::PlainSizes& sizes, bool udp, bool v6, std::uint32_t outer = 1500) {
  support::SaShape shape;
  shape.udp_encap = udp;
  shape.outer_v6 = v6;
  const support::PlainProvider provider(sizes);
  return esp::OutboundSa::make(support::params_of(shape, false), provider).value()->inner_mtu(outer);
}

std::string refusal(const std::function<void(esp::SaParams&)>& change) {
  auto params = support::params_of({}, false);
  change(params);
  const auto made = esp::OutboundSa::make(std::move(params), support::PlainProvider{});
  return made.has_error() ? made.error().reason : "accepted";
}

}  // namespace

TEST_CASE("the inner MTU is what the outer headers, IV, ICV and padding leave") {
  const support::PlainSizes gcm{8, 16, 1, false}, cbc_sha256{16, 16, 16, true}, cbc_sha1{16, 12, 16, true};
  CHECK(mtu(gcm, true, false) == 1438);
  CHECK(mtu(gcm, false, false) == 1446);
  CHECK(mtu(gcm, true, true) == 1418);
  CHECK(mtu(gcm, false, true) == 1426);
  CHECK(mtu(cbc_sha256, true, false) == 1422);
  CHECK(mtu(cbc_sha1, false, false) == 1438);
  CHECK(mtu(gcm, true, false, 60) == 0);
  CHECK(mtu(gcm, true, false, 0) == 0);
  CHECK(mtu(gcm, true, false, 68) == 6);
}

TEST_CASE("SAs that the data path cannot serve are refused with the reason") {
  CHECK(refusal([](esp::SaParams&) {}) == "accepted");
  CHECK(refusal([](esp::SaParams& p) { p.mode = esp::Mode::transport; }) ==
        "transport mode is not supported");
  CHECK(refusal([](esp::SaParams& p) { p.suite.protocol = crypto::IpsecProtocol::ah; }) ==
        "AH is not supported");
  CHECK(refusal([](esp::SaParams& p) { p.spi = base::Spi(0); }).find("SPI") != std::string::npos);
  CHECK(refusal([](esp::SaParams& p) { p.selectors.remote.clear(); }).find("selectors") != std::string::npos);
  CHECK(refusal([](esp::SaParams& p) { p.remote = {}; }).find("peer") != std::string::npos);
  CHECK(refusal([](esp::SaParams& p) { p.encr_key = {}; }) == "no key");
}

TEST_CASE("an inbound SA has the window that was asked for") {
  auto params = support::params_of({}, true);
  params.replay_window = 4096;
  CHECK(esp::InboundSa::make(std::move(params), support::PlainProvider{}).value()->window.size() == 4096);
}
