// ESP in transport mode, from one end to the other.
#include <catch2/catch_test_macros.hpp>

#include "base/checksum.h"
#include "tests/dataplane/link.h"
#include "tests/dataplane/suites.h"

namespace {

using dataplane::HostLink;
using esp::Counter;
using support::ip;

std::vector<support::SaShape> shapes() {
  std::vector<support::SaShape> out;
  for (const auto& suite : dataplane::all_suites()) {
    for (const int bits : {0, 1, 2, 3, 4, 5, 6, 7}) {
      support::SaShape shape;
      shape.cipher = suite;
      shape.esn = (bits & 1) != 0;
      shape.udp_encap = (bits & 2) != 0;
      shape.outer_v6 = (bits & 4) != 0;
      out.push_back(support::between_hosts(shape));
    }
  }
  return out;
}

support::SaShape hosts(bool v6, bool udp = true) {
  support::SaShape shape;
  shape.outer_v6 = v6;
  shape.udp_encap = udp;
  return support::between_hosts(shape);
}

// The payload behind the header that the kernel or a socket owns.
base::ByteSpan payload_of(base::ByteSpan packet) { return packet.subspan(packet[0] >> 4 == 6 ? 40 : 20); }

base::Bytes with_right_checksum(base::Bytes packet) {
  const bool v6 = packet[0] >> 4 == 6;
  const auto inner = esp::parse_ip(packet).value();
  const base::MutableByteSpan udp = base::MutableByteSpan(packet).subspan(v6 ? 40 : 20);
  base::store_be16(&udp[6], 1);
  esp::renew_checksum(17, {inner.destination, inner.source}, udp);
  return packet;
}

// `packet` with these octets between its fixed header and what follows.
base::Bytes with_options(const base::Bytes& packet, const base::Bytes& options, std::uint8_t kind) {
  const bool v6 = packet[0] >> 4 == 6;
  const std::size_t fixed = v6 ? 40 : 20;
  base::Bytes out(packet.begin(), packet.begin() + static_cast<std::ptrdiff_t>(fixed));
  base::append(out, options);
  base::append(out, base::ByteSpan(packet).subspan(fixed));
  if (v6) {
    out[40] = out[6];
    esp::finish_header(out, 6, kind);
  } else {
    out[0] = static_cast<std::uint8_t>(0x45 + options.size() / 4);
    esp::finish_header(out, 9, 17);
  }
  return out;
}

}  // namespace

TEST_CASE("every suite carries the payload of both families, in UDP and raw, with and without ESN") {
  for (const auto& shape : shapes()) {
    INFO(dataplane::text(shape.cipher)
         << " esn " << shape.esn << " udp " << shape.udp_encap << " v6 " << shape.outer_v6);
    HostLink link(shape);
    for (const std::size_t size : {0u, 1u, 2u, 3u, 15u, 700u, 1300u}) {
      const auto packet = with_right_checksum(link.datagram(size));
      const auto got = link.pass(packet);
      REQUIRE(got.size() == packet.size());
      CHECK(base::equal(payload_of(got), payload_of(packet)));
      const auto inner = esp::parse_ip(got);
      REQUIRE(inner);
      CHECK(inner->source == link.ours());
      CHECK(inner->destination == link.theirs());
      CHECK(inner->destination_port == 53);
    }
    CHECK(link.receiver->traffic.packets == 7);
    CHECK(link.receiver->traffic.bytes == link.sender->traffic.bytes);
  }
}

TEST_CASE("a ping in transport mode is an IP header shorter than in tunnel mode") {
  for (const bool v6 : {false, true}) {
    HostLink link(hosts(v6));
    link.give(link.datagram(56));
    link.seal();
    REQUIRE(link.wire.size() == 1);
    CHECK(link.wire[0].length == 8 + 8 + 64 + 2 + 2 + 16);
    CHECK(link.wire[0].remote.address == link.ours());
  }
}

TEST_CASE("IPv4 options stay in front of ESP, in the packet's own header, over protocol 50 and UDP") {
  for (const bool udp : {false, true}) {
    HostLink link(hosts(false, udp));
    const auto plain = with_right_checksum(link.datagram(40));
    link.give(with_options(plain, {0x94, 4, 0, 0}, 0));
    link.left.out.process(link.batch, link.sent);
    REQUIRE(link.sent.whole.size() == 1);
    const base::ByteSpan octets = link.sent.whole[0].bytes();
    CHECK(octets[0] == 0x46);
    CHECK(octets[9] == (udp ? 17 : 50));
    CHECK(base::load_be16(&octets[2]) == octets.size());
    CHECK(base::internet_checksum(octets.first(24)) == 0);
    CHECK(base::load_be32(&octets[20]) == 0x94040000);
    CHECK(base::load_be32(&octets[udp ? 32 : 24]) == link.shape.spi);
    if (udp) {
      CHECK(base::load_be16(&octets[24]) == 4500);
      CHECK(base::load_be16(&octets[26]) == 4500);
      CHECK(base::load_be16(&octets[28]) == octets.size() - 24);
      CHECK(base::load_be16(&octets[30]) == 0);
    }
    auto& frame = link.sent.whole[0];
    frame.set_single(frame.offset + (udp ? 32 : 24), frame.length - (udp ? 32 : 24));
    support::carry(link.sent.whole, link.wire);
    link.open();
    REQUIRE(link.delivered.size() == 1);
    CHECK(base::equal(payload_of(link.delivered[0].bytes()), payload_of(plain)));
  }
}

TEST_CASE("hop-by-hop options stay in front of ESP, destination options go behind it") {
  for (const bool udp : {false, true}) {
    HostLink link(hosts(true, udp));
    const auto plain = with_right_checksum(link.datagram(40));
    const base::Bytes options{0, 0, 1, 4, 0, 0, 0, 0};
    link.give(with_options(plain, options, 0));
    link.left.out.process(link.batch, link.sent);
    REQUIRE(link.sent.whole.size() == 1);
    base::ByteSpan octets = link.sent.whole[0].bytes();
    CHECK(octets[6] == 0);
    CHECK(octets[40] == (udp ? 17 : 50));
    CHECK(base::load_be16(&octets[4]) == octets.size() - 40);
    CHECK(base::load_be32(&octets[udp ? 56 : 48]) == link.shape.spi);
    if (udp) CHECK(base::load_be16(&octets[54]) != 0);  // IPv6 wants a checksum
    link.sent.clear();

    const auto behind = with_options(plain, options, 60);
    const auto got = link.pass(behind);
    REQUIRE(got.size() == behind.size());
    CHECK(got[6] == 60);
    CHECK(base::equal(payload_of(got), payload_of(behind)));
  }
}

TEST_CASE("transport mode takes no fragments and no packets between others") {
  HostLink link(hosts(false));
  auto fragment = link.datagram(40);
  base::store_be16(&fragment[6], 0x2000);
  CHECK(link.pass(fragment).empty());
  base::store_be16(&fragment[6], 5);
  CHECK(link.pass(fragment).empty());
  CHECK(link.left.counters.get(Counter::out_fragment) == 2);

  auto wide = hosts(false);
  wide.remote_net = "0.0.0.0/0";
  HostLink open_link(wide);
  CHECK(open_link.pass(support::udp_packet(ip("192.0.2.1"), ip("192.0.2.77"), 1, 2, 3)).empty());
  CHECK(open_link.left.counters.get(Counter::out_not_host) == 1);
  CHECK_FALSE(open_link.pass(open_link.datagram(3)).empty());
}

TEST_CASE("selectors with ports decide in transport mode on both sides") {
  auto shape = hosts(false);
  shape.remote_net = shape.remote_net6 = "192.0.2.2|udp/53";
  shape.local_net = shape.local_net6 = "192.0.2.1|udp";
  HostLink link(shape);
  CHECK_FALSE(link.pass(link.datagram(9, 53)).empty());
  CHECK(link.pass(link.datagram(9, 54)).empty());
  CHECK(link.left.counters.get(Counter::out_no_policy) == 1);
  // A peer that ignores its own selectors.
  link.sender->params.selectors.remote = {spd::TrafficSelector::parse("192.0.2.2").value()};
  spd::Policy any;
  any.action = spd::Action::protect;
  any.selectors = link.sender->params.selectors;
  any.selectors.local = {spd::TrafficSelector::parse("192.0.2.1").value()};
  any.bundle = base::ChildId(1);
  link.left.add(any);
  CHECK(link.pass(link.datagram(9, 54)).empty());
  CHECK(link.right.counters.get(Counter::in_selector) == 1);
  CHECK(link.receiver->traffic.selector_errors == 1);
}

TEST_CASE("behind a NAT the peer's private address is its name inside, and checksums fit") {
  // The left end is 10.0.0.7, a NAT makes 192.0.2.1 of it; both ends' selectors say 10.0.0.7.
  auto shape = hosts(false);
  shape.local_net = shape.local_net6 = "10.0.0.7";
  HostLink link(shape);
  const auto packet = with_right_checksum(support::udp_packet(ip("10.0.0.7"), ip("192.0.2.2"), 5, 6, 7));
  const auto got = link.pass(packet);
  REQUIRE(got.size() == packet.size());
  CHECK(base::equal(payload_of(got), payload_of(packet)));
  CHECK(esp::parse_ip(got)->source == ip("10.0.0.7"));

  // The right end's selectors name the address that the NAT gives: the sender's checksum no longer fits.
  link.receiver->params.selectors.remote = {spd::TrafficSelector::parse("192.0.2.1").value()};
  const auto renamed = link.pass(packet);
  REQUIRE(renamed.size() == packet.size());
  CHECK(esp::parse_ip(renamed)->source == ip("192.0.2.1"));
  const auto expected = with_right_checksum(support::udp_packet(ip("192.0.2.1"), ip("192.0.2.2"), 5, 6, 7));
  CHECK(base::equal(payload_of(renamed), payload_of(expected)));
}

TEST_CASE("the segments of a train get their headers in buffers of their own") {
  for (const bool v6 : {false, true}) {
    HostLink link(hosts(v6));
    for (int i = 0; i < 5; ++i) link.give(with_right_checksum(link.datagram(100)));
    link.seal();
    REQUIRE(link.wire.size() == 5);
    std::vector<base::Bytes> segments;
    for (const auto& frame : link.wire) segments.push_back(base::to_bytes(frame.bytes()));
    const auto local = link.wire[0].local, remote = link.wire[0].remote;
    link.wire.clear();
    auto train = support::train_of(link.pool, segments);
    train.local = local;
    train.remote = remote;
    link.wire.push(std::move(train));
    link.open();
    REQUIRE(link.delivered.size() == 5);
    const auto expected = with_right_checksum(link.datagram(100));
    for (const auto& frame : link.delivered) {
      CHECK(base::equal(payload_of(frame.bytes()), payload_of(expected)));
      CHECK(esp::parse_ip(frame.bytes())->source == link.ours());
    }
  }
}

TEST_CASE("what came in tunnel mode is not taken for transport mode, nor the reverse") {
  auto tunnel = hosts(false);
  tunnel.mode = esp::Mode::tunnel;
  HostLink link(tunnel);
  link.receiver->params.mode = esp::Mode::transport;
  // IP in IP, which these selectors allow: it is what the inner header says, between the hosts.
  const auto packet = link.datagram(20);
  const auto got = link.pass(packet);
  REQUIRE(got.size() == packet.size() + 20);
  CHECK(got[9] == 4);
  link.receiver->params.selectors.remote = {spd::TrafficSelector::parse("192.0.2.1|udp").value()};
  CHECK(link.pass(packet).empty());
  CHECK(link.right.counters.get(Counter::in_selector) == 1);

  HostLink other(hosts(false));
  other.receiver->params.mode = esp::Mode::tunnel;
  CHECK(other.pass(packet).empty());
  CHECK(other.right.counters.get(Counter::in_next_header) == 1);
}
