// DSCP and ECN through a tunnel, RFC 4301 5.1.2 and RFC 6040.
#include <array>
#include <catch2/catch_test_macros.hpp>

#include "esp/traffic_class.h"
#include "tests/dataplane/link.h"

using dataplane::HostLink;
using support::ip;

namespace {

base::Bytes packet(std::uint8_t traffic_class) {
  base::Bytes made = support::udp_packet(ip("10.1.0.1"), ip("10.2.0.2"), 1000, 53, 40);
  esp::set_traffic_class(made, traffic_class);
  return made;
}

// As the outer header on the wire has it.
std::uint8_t outer_class(const HostLink& link, const base::Frame& frame) {
  return link.ah() ? esp::traffic_class_of(frame.bytes()) : frame.traffic_class;
}

void mark(const HostLink& link, base::Frame& frame, std::uint8_t traffic_class) {
  if (link.ah()) {
    esp::set_traffic_class(frame.bytes(), traffic_class);
  } else {
    frame.traffic_class = traffic_class;
  }
}

}  // namespace

TEST_CASE(
    "a tunnel's outer header has the DSCP and ECN of the inner one, and marks of the path come through") {
  for (const auto protocol : {crypto::IpsecProtocol::esp, crypto::IpsecProtocol::ah}) {
    support::SaShape shape;
    shape.protocol = protocol;
    if (protocol == crypto::IpsecProtocol::ah) {
      shape.cipher = {crypto::Encr::none, 0, crypto::Integ::hmac_sha2_256_128};
      shape.udp_encap = false;
    }
    HostLink link(shape);
    link.give(packet(0xba));
    link.seal();
    REQUIRE(link.wire.size() == 1);
    CHECK(outer_class(link, link.wire[0]) == 0xba);
    mark(link, link.wire[0], 0x0b);  // another DSCP, and congestion experienced
    link.open();
    REQUIRE(link.delivered.size() == 1);
    CHECK(base::to_bytes(link.delivered[0].bytes()) == packet(0xbb));

    link.give(packet(0xb8));
    link.seal();
    REQUIRE(link.wire.size() == 1);
    mark(link, link.wire[0], 0xbb);
    link.open();
    CHECK(link.delivered.empty());
    CHECK(link.right.counters.get(esp::Counter::in_ecn) == 1);
    CHECK(link.receiver->traffic.packets == 1);
  }
}

TEST_CASE("packets of two traffic classes do not share a train, and stay in order") {
  HostLink link({});
  for (const auto traffic_class : std::array<std::uint8_t, 4>{0x00, 0x00, 0xb8, 0x00}) {
    link.give(packet(traffic_class));
  }
  link.sent.clear();
  link.left.out.process(link.batch, link.sent);
  REQUIRE(link.sent.udp.size() == 3);
  CHECK(link.sent.udp[0].count == 2);
  CHECK(link.sent.udp[1].traffic_class == 0xb8);
  CHECK(link.sent.udp[2].count == 1);
}
