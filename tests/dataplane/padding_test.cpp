// Traffic flow confidentiality (RFC 4303 2.6, 2.7): padding to one size, and dummy packets.
#include <catch2/catch_test_macros.hpp>

#include "tests/dataplane/bundle_link.h"

namespace {

using dataplane::BundleLink;
using esp::Counter;
using esp::Transform;
using support::BundleShape;

const std::vector<Transform> kAll{Transform::tun, Transform::comp, Transform::esp, Transform::ah};

}  // namespace

TEST_CASE("padding hides how long packets are, up to what the path takes") {
  const auto length = [](const BundleShape& shape, std::size_t payload) {
    BundleLink link(shape);
    const auto packet = link.datagram(payload);
    link.give(packet);
    link.seal();
    const std::size_t octets = link.wire.size() == 1 ? link.wire[0].length : 0;
    link.open();
    REQUIRE(link.delivered.size() == 1);
    CHECK(base::to_hex(link.delivered[0].bytes()) == base::to_hex(packet));
    return octets;
  };
  for (const auto& transforms : {std::vector{Transform::esp}, std::vector{Transform::tun, Transform::esp}}) {
    BundleShape shape{transforms};
    CHECK(length(shape, 1) < length(shape, 400));
    shape.tfc_size = 500;
    CHECK(length(shape, 1) == 8 + 8 + 504 + 16);
    CHECK(length(shape, 1) == length(shape, 400));
    CHECK(length(shape, 1) < length(shape, 900));
    shape.tfc_size = 65535;
    CHECK(length(shape, 1) == length(shape, 1300));
    CHECK(length(shape, 1) + 20 <= 1500);
    CHECK(length(shape, 1) + 20 > 1492);
  }
}

TEST_CASE("dummy packets follow as they are asked for, are as long as the last packet, and vanish") {
  for (const auto& transforms : {std::vector{Transform::esp}, kAll}) {
    BundleShape shape{transforms};
    shape.dummy_every = 3;
    BundleLink link(shape);
    for (int i = 0; i < 7; ++i) link.give(link.datagram(100));
    link.seal();
    REQUIRE(link.wire.size() == 9);
    CHECK(link.wire[3].length == link.wire[2].length);
    CHECK(link.sent_count(Counter::out_dummy) == 2);
    CHECK(link.sent_count(Counter::out_packets) == 7);
    link.open();
    CHECK(link.delivered.size() == 7);
    CHECK(link.received_count(Counter::in_dummy) == 2);
    CHECK(link.in.back()->traffic.other_errors == 0);
  }
}
