#include "esp/bundle.h"

#include <catch2/catch_test_macros.hpp>

#include "tests/support/bundle_pair.h"
#include "tests/support/plain_cipher.h"

namespace {

using esp::Transform;
using support::BundleShape;

const support::PlainProvider kProvider{{0, 16, 4, false}};

std::string refusal(const BundleShape& shape) {
  const auto made = esp::make_bundle(base::ChildId(1), support::outbound_members(shape, kProvider));
  return made.has_error() ? made.error().reason : "accepted";
}
std::string refusal(std::vector<Transform> transforms) { return refusal(BundleShape{std::move(transforms)}); }

bool mentions(const std::string& text, std::string_view words) {
  return text.find(words) != std::string::npos;
}

}  // namespace

TEST_CASE("a bundle is one to four SAs in the order tun, comp, esp, ah") {
  CHECK(refusal({Transform::tun, Transform::comp, Transform::esp, Transform::ah}) == "accepted");
  CHECK(refusal({Transform::tun}) == "accepted");
  CHECK(refusal({Transform::comp, Transform::ah}) == "accepted");
  CHECK(mentions(refusal(std::vector<Transform>{}), "one to four SAs, not 0"));
  CHECK(mentions(refusal({Transform::esp, Transform::comp}), "comp cannot stand around esp"));
  CHECK(mentions(refusal({Transform::esp, Transform::esp}), "esp cannot stand around esp"));
  CHECK(mentions(refusal({Transform::ah, Transform::tun}), "tun cannot stand around ah"));
  CHECK(mentions(refusal({Transform::tun, Transform::comp, Transform::esp, Transform::ah, Transform::ah}),
                 "one to four SAs, not 5"));
}

TEST_CASE("an inbound bundle is held to the same rules") {
  BundleShape shape{{Transform::esp, Transform::comp}};
  CHECK(esp::make_bundle(base::ChildId(1), support::inbound_members(shape, kProvider)).has_error());
  shape.transforms = {Transform::comp, Transform::esp};
  CHECK(esp::make_bundle(base::ChildId(1), support::inbound_members(shape, kProvider)).has_value());
}

TEST_CASE("what cannot stand around another SA is refused with the reason") {
  auto members = support::outbound_members({{Transform::tun, Transform::esp}}, kProvider);
  members[1]->params.mode = esp::Mode::tunnel;
  auto made = esp::make_bundle(base::ChildId(1), members);
  CHECK(mentions(made.error().reason, "only the innermost SA of a bundle may be in tunnel mode"));
  members[1]->params.mode = esp::Mode::transport;
  members[1]->params.remote.address = support::ip("192.0.2.77");
  made = esp::make_bundle(base::ChildId(1), members);
  CHECK(mentions(made.error().reason, "the same addresses"));
  members = support::outbound_members({{Transform::esp, Transform::ah}}, kProvider);
  members[0]->params.udp_encap = true;
  made = esp::make_bundle(base::ChildId(1), members);
  CHECK(mentions(made.error().reason, "inside UDP"));
}

TEST_CASE("padding and dummies need a tunnel") {
  BundleShape shape{{Transform::esp}};
  shape.tfc_size = 200;
  shape.transport = true;
  CHECK(mentions(refusal(shape), "need tunnel mode"));
  shape.transport = false;
  CHECK(refusal(shape) == "accepted");
  shape.transforms = {Transform::tun, Transform::esp};
  CHECK(refusal(shape) == "accepted");
}

TEST_CASE("a single SA of ESP or AH is no chain, everything else is") {
  const auto chain = [](std::vector<Transform> transforms, std::uint32_t tfc = 0) {
    BundleShape shape{std::move(transforms)};
    shape.tfc_size = tfc;
    return esp::make_bundle(base::ChildId(1), support::outbound_members(shape, kProvider)).value()->chain;
  };
  CHECK_FALSE(chain({Transform::esp}));
  CHECK_FALSE(chain({Transform::ah}));
  CHECK(chain({Transform::esp}, 100));
  CHECK(chain({Transform::tun}));
  CHECK(chain({Transform::comp}));
  CHECK(chain({Transform::esp, Transform::ah}));
}

TEST_CASE("the inner MTU of a bundle is what all its SAs leave") {
  const auto mtu = [](std::vector<Transform> transforms, bool v6 = false) {
    BundleShape shape{std::move(transforms)};
    shape.outer_v6 = v6;
    return esp::inner_mtu(
        *esp::make_bundle(base::ChildId(1), support::outbound_members(shape, kProvider)).value());
  };
  CHECK(mtu({Transform::tun}) == 1480);
  CHECK(mtu({Transform::tun, Transform::comp}) == 1480);
  CHECK(mtu({Transform::tun}, true) == 1460);
  const std::uint32_t esp_alone = mtu({Transform::esp});  // in tunnel mode
  CHECK(esp_alone == 1454);
  CHECK(mtu({Transform::tun, Transform::esp}) == esp_alone);
  CHECK(mtu({Transform::tun, Transform::comp, Transform::esp, Transform::ah}) == esp_alone - 28);
}

TEST_CASE("SAs of tun and comp are refused what they cannot have") {
  const auto refused = [](Transform transform, const std::function<void(esp::SaParams&)>& change) {
    auto params = support::member_params({{transform}}, 0, false);
    change(params);
    const auto made = esp::OutboundSa::make(std::move(params), kProvider);
    return made.has_error() ? made.error().reason : "accepted";
  };
  CHECK(mentions(refused(Transform::tun, [](auto& p) { p.mode = esp::Mode::transport; }), "transport mode"));
  CHECK(mentions(refused(Transform::comp, [](auto& p) { p.spi = base::Spi(0x10000); }), "0xffff"));
  CHECK(
      mentions(refused(Transform::comp, [](auto& p) { p.udp_encap = true; }), "only ESP can go inside UDP"));
  CHECK(mentions(refused(Transform::tun, [](auto& p) { p.tfc_size = 1; }), "only ESP has TFC padding"));
  CHECK(mentions(refused(Transform::esp, [](auto& p) { p.tfc_size = 65536; }), "65535"));
  CHECK(refused(Transform::comp, [](auto& p) { p.mode = esp::Mode::transport; }) == "accepted");
}

TEST_CASE("replay windows have up to 4096 packets, and none goes without ESN alone") {
  const auto refused = [](std::uint32_t window, bool esn) {
    auto params = support::params_of({}, true);
    params.replay_window = window;
    params.suite.esn = esn;
    const auto made = esp::InboundSa::make(std::move(params), kProvider);
    return made.has_error() ? made.error().reason : "accepted";
  };
  CHECK(refused(0, false) == "accepted");
  CHECK(refused(32, true) == "accepted");
  CHECK(refused(4096, true) == "accepted");
  CHECK(mentions(refused(4097, false), "4096"));
  CHECK(mentions(refused(0, true), "extended sequence numbers need a replay window"));
}
