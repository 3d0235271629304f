// Packets that libtins builds go through two pipelines, and libtins reads them again.
#include <tins/icmp.h>
#include <tins/icmpv6.h>
#include <tins/ip.h>
#include <tins/ipsec.h>
#include <tins/ipv6.h>
#include <tins/rawpdu.h>
#include <tins/tcp.h>
#include <tins/udp.h>

#include <catch2/catch_test_macros.hpp>
#include <string>

#include "crypto/botan/provider.h"
#include "tests/dataplane/suites.h"
#include "tests/support/esp_pair.h"

namespace {

using Tins::RawPDU;

const auto kProvider = crypto::make_botan_provider();
const std::string kText = "the octets of a payload that is neither short nor a multiple of four";

Tins::IP four() { return Tins::IP("10.2.0.2", "10.1.0.1"); }
Tins::IPv6 six() {
  Tins::IPv6 header("2001:db8:2::2", "2001:db8:1::1");
  header.hop_limit(64);
  return header;
}

base::Bytes serialized(Tins::PDU&& packet) { return packet.serialize(); }

std::vector<base::Bytes> inner_packets() {
  Tins::IP fragment = four() / Tins::UDP(53, 1000) / RawPDU(kText);
  fragment.flags(Tins::IP::MORE_FRAGMENTS);
  Tins::IP marked = four() / Tins::TCP(443, 40000) / RawPDU(kText);
  marked.tos(0xb9);
  Tins::IPv6 options = six();
  options.add_header(
      Tins::IPv6::ext_header(Tins::IPv6::DESTINATION_OPTIONS, 6, std::vector<std::uint8_t>(6).data()));
  return {serialized(four() / Tins::UDP(53, 1000) / RawPDU(kText)),
          serialized(four() / Tins::TCP(80, 40000) / RawPDU(kText)),
          serialized(four() / Tins::TCP(80, 40000)),
          serialized(four() / Tins::ICMP() / RawPDU(kText)),
          serialized(std::move(fragment)),
          serialized(std::move(marked)),
          serialized(six() / Tins::UDP(53, 1000) / RawPDU(kText)),
          serialized(six() / Tins::TCP(80, 40000) / RawPDU(kText)),
          serialized(six() / Tins::ICMPv6() / RawPDU(kText)),
          serialized(options / Tins::UDP(53, 1000) / RawPDU(kText))};
}

}  // namespace

TEST_CASE("packets of libtins come out with the same octets, and libtins reads the ESP header in between") {
  const auto packets = inner_packets();
  for (const auto& suite : dataplane::all_suites()) {
    INFO(dataplane::text(suite));
    support::SaShape shape;
    shape.cipher = suite;
    support::EspEnd left, right;
    base::PacketPool pool(64);
    left.send_by(shape, *kProvider);
    REQUIRE(right.receive_by(shape, *kProvider));
    base::PacketBatch batch, wire, delivered, ike;
    for (const auto& packet : packets) REQUIRE(batch.push(support::frame_of(pool, packet)));
    esp::OutboundResult sent;
    left.out.process(batch, sent);
    support::carry(sent.udp, wire);
    REQUIRE(wire.size() == packets.size());
    for (std::size_t i = 0; i < wire.size(); ++i) {
      const Tins::IPSecESP outer(wire[i].data(), wire[i].length);
      CHECK(outer.spi() == shape.spi);
      CHECK(outer.seq_number() == i + 1);
    }
    right.in.process(esp::Arrival::udp, wire, delivered, ike);
    REQUIRE(delivered.size() == packets.size());
    for (std::size_t i = 0; i < packets.size(); ++i) {
      CHECK(base::to_hex(delivered[i].bytes()) == base::to_hex(packets[i]));
    }
  }
}

TEST_CASE("headers that libtins builds are read as libtins means them") {
  const auto udp = esp::parse_ip(serialized(four() / Tins::UDP(53, 1000) / RawPDU(kText)));
  REQUIRE(udp);
  CHECK(udp->protocol == 17);
  CHECK(udp->source_port == 1000);
  CHECK(udp->destination_port == 53);
  const auto echo = esp::parse_ip(serialized(four() / Tins::ICMP()));
  REQUIRE(echo);
  CHECK(echo->source_port == 0x0800);
  Tins::IPv6 packet = six();
  packet.add_header(
      Tins::IPv6::ext_header(Tins::IPv6::DESTINATION_OPTIONS, 6, std::vector<std::uint8_t>(6).data()));
  const auto optioned = esp::parse_ip(serialized(packet / Tins::TCP(80, 40000)));
  REQUIRE(optioned);
  CHECK(optioned->protocol == 6);
  CHECK(optioned->source_port == 40000);
  CHECK(optioned->destination_port == 80);
  const auto neighbour = esp::parse_ip(serialized(six() / Tins::ICMPv6(Tins::ICMPv6::ECHO_REPLY)));
  REQUIRE(neighbour);
  CHECK(neighbour->source_port == 0x8100);
}
