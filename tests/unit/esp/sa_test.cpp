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

TEST_CASE("the inner MTU counts the packet's own header in transport mode, and AH in whole words") {
  const support::PlainSizes gcm{8, 16, 1, false}, sha256{0, 16, 1, false}, sha512{0, 32, 1, false};
  const auto of = [](const support::PlainSizes& sizes, support::SaShape shape, bool ah, bool transport) {
    shape.udp_encap = shape.udp_encap && !ah;
    if (transport) shape = support::between_hosts(shape);
    if (ah) shape.protocol = crypto::IpsecProtocol::ah;
    if (ah) shape.cipher = {crypto::Encr::none, 0, crypto::Integ::sha1_96};
    const support::PlainProvider provider(sizes);
    return esp::OutboundSa::make(support::params_of(shape, false), provider).value()->inner_mtu(1500);
  };
  support::SaShape v4, v6;
  v6.outer_v6 = true;
  CHECK(of(gcm, v4, false, true) == 1438 + 20);
  CHECK(of(gcm, v6, false, true) == 1418 + 40);
  CHECK(of(sha256, v4, true, false) == 1500 - 20 - 28);
  CHECK(of(sha256, v4, true, true) == 1500 - 28);
  CHECK(of(sha256, v6, true, false) == 1500 - 40 - 32);
  CHECK(of(sha512, v4, true, true) == 1500 - 44);
  CHECK(of(sha512, v6, true, true) == 1500 - 48);
}

TEST_CASE("SAs that the data path cannot serve are refused with the reason") {
  CHECK(refusal([](esp::SaParams&) {}) == "accepted");
  CHECK(refusal([](esp::SaParams& p) { p.mode = esp::Mode::transport; }) == "accepted");
  CHECK(refusal([](esp::SaParams& p) { p.suite.protocol = crypto::IpsecProtocol::ah; }) ==
        "AH cannot go inside UDP");
  CHECK(refusal([](esp::SaParams& p) {
          p.suite.protocol = crypto::IpsecProtocol::ah;
          p.udp_encap = false;
        }) == "AH needs an integrity algorithm");
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
