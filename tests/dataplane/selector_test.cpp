// Selectors with protocols, ports and ICMP types, out and in, and what fragments may do (RFC 4301 7).
#include <catch2/catch_test_macros.hpp>

#include "tests/dataplane/link.h"

namespace {

using dataplane::HostLink;
using esp::Counter;
using support::ip;

// A tunnel whose sender has these selectors; the receiver's are the same unless said otherwise.
struct Tunnel : HostLink {
  Tunnel(std::string_view local, std::string_view remote) : HostLink(shape_of(local, remote)) {}
  static support::SaShape shape_of(std::string_view local, std::string_view remote) {
    support::SaShape s;
    s.local_net = s.local_net6 = local;
    s.remote_net = s.remote_net6 = remote;
    return s;
  }
  bool passes(base::ByteSpan packet) { return !pass(packet).empty(); }
  std::uint64_t out(Counter c) const { return left.counters.get(c); }
  std::uint64_t in(Counter c) const { return right.counters.get(c); }
  // The sender lets everything into the SA: only the receiver judges.
  void send_all() {
    spd::Policy all;
    all.action = spd::Action::protect;
    all.selectors.local = all.selectors.remote = {spd::TrafficSelector::parse("0.0.0.0/0").value()};
    all.bundle = base::ChildId(1);
    all.priority = 1000000;
    left.add(all);
  }
};

base::Bytes udp(std::uint16_t port) {
  return support::udp_packet(ip("10.1.0.1"), ip("10.2.0.2"), 1000, port, 20);
}
// The part of a datagram at `offset` units of 8 octets.
base::Bytes fragment(std::uint16_t offset, bool more) {
  auto packet = udp(53);
  base::store_be16(&packet[6], static_cast<std::uint16_t>(offset | (more ? 0x2000 : 0)));
  return packet;
}
base::Bytes icmp(std::uint8_t type, std::uint8_t code) {
  auto packet = udp(0);
  packet[9] = 1;
  packet[20] = type;
  packet[21] = code;
  return packet;
}

}  // namespace

TEST_CASE("a range of ports takes its ends and nothing beside them, on both sides") {
  Tunnel link("10.1.0.0/16|udp", "10.2.0.0/16|udp/1000-2000");
  CHECK(link.passes(udp(1000)));
  CHECK(link.passes(udp(2000)));
  CHECK_FALSE(link.passes(udp(999)));
  CHECK_FALSE(link.passes(udp(2001)));
  auto tcp = udp(1500);
  tcp[9] = 6;
  CHECK_FALSE(link.passes(tcp));
  CHECK(link.out(Counter::out_no_policy) == 3);
  link.send_all();
  CHECK(link.passes(udp(1000)));
  CHECK_FALSE(link.passes(udp(999)));
  CHECK_FALSE(link.passes(tcp));
  CHECK(link.in(Counter::in_selector) == 2);
}

TEST_CASE("ICMP types and codes count as a port, type in the high octet") {
  // echo requests, any code
  Tunnel link("10.1.0.0/16|icmp/8", "10.2.0.0/16|icmp/8");
  CHECK(link.passes(icmp(8, 0)));
  CHECK(link.passes(icmp(8, 255)));
  CHECK_FALSE(link.passes(icmp(0, 0)));
  CHECK_FALSE(link.passes(icmp(9, 0)));
  link.send_all();
  CHECK_FALSE(link.passes(icmp(3, 4)));
  CHECK(link.in(Counter::in_selector) == 1);
}

TEST_CASE("a protocol without ports is matched by its number alone") {
  Tunnel link("10.1.0.0/16|50", "10.2.0.0/16|50");
  auto esp = udp(7);
  esp[9] = 50;
  CHECK(link.passes(esp));
  CHECK_FALSE(link.passes(udp(7)));
}

TEST_CASE("a later fragment goes where all ports go, and is counted where ports decide") {
  Tunnel all("10.1.0.0/16", "10.2.0.0/16");
  CHECK(all.passes(fragment(0, true)));
  CHECK(all.passes(fragment(3, false)));
  Tunnel protocol("10.1.0.0/16|udp", "10.2.0.0/16|udp");
  CHECK(protocol.passes(fragment(3, true)));
  Tunnel ports("10.1.0.0/16|udp", "10.2.0.0/16|udp/53");
  CHECK(ports.passes(fragment(0, true)));  // the first shows its ports
  CHECK_FALSE(ports.passes(fragment(3, false)));
  CHECK(ports.out(Counter::out_fragment) == 1);
  CHECK(ports.out(Counter::out_no_policy) == 0);
  ports.send_all();
  CHECK_FALSE(ports.passes(fragment(3, false)));
  CHECK(ports.in(Counter::in_fragment) == 1);
  CHECK(ports.in(Counter::in_selector) == 0);
  CHECK(ports.receiver->traffic.selector_errors == 1);
}

TEST_CASE("OPAQUE takes later fragments alone") {
  Tunnel link("10.1.0.0/16", "10.2.0.0/16");
  const auto opaque = [](std::string_view net) {
    auto ts = spd::TrafficSelector::parse(net).value();
    ts.protocol = 17;
    ts.first_port = 65535;
    ts.last_port = 0;
    return spd::TrafficSelectors{ts};
  };
  link.receiver->params.selectors = {opaque("10.2.0.0/16"), opaque("10.1.0.0/16")};
  CHECK(link.passes(fragment(3, false)));
  CHECK_FALSE(link.passes(udp(53)));
  CHECK_FALSE(link.passes(fragment(0, true)));
  CHECK(link.in(Counter::in_selector) == 2);
}

TEST_CASE("a cut-off transport header shows no ports and is no fragment") {
  Tunnel link("10.1.0.0/16|udp", "10.2.0.0/16|udp/53");
  auto stub = udp(53);
  stub.resize(22);
  esp::finish_header(stub, 9, 17);
  CHECK_FALSE(link.passes(stub));
  CHECK(link.out(Counter::out_no_policy) == 1);
  CHECK(link.out(Counter::out_fragment) == 0);
  link.send_all();
  CHECK_FALSE(link.passes(stub));
  CHECK(link.in(Counter::in_selector) == 1);
}

TEST_CASE("a later fragment of IPv6 is judged as one of IPv4 is") {
  const auto packet = [](std::uint16_t offset) {
    auto p = support::udp_packet(ip("2001:db8:1::1"), ip("2001:db8:2::2"), 1000, 53, 20);
    base::Bytes header{17, 0, 0, 0, 0, 0, 0, 9};
    base::store_be16(&header[2], static_cast<std::uint16_t>(offset << 3 | 1));
    p.insert(p.begin() + 40, header.begin(), header.end());
    esp::finish_header(p, 6, 44);
    return p;
  };
  Tunnel ports("2001:db8:1::/48|udp", "2001:db8:2::/48|udp/53");
  CHECK(ports.passes(packet(0)));
  CHECK_FALSE(ports.passes(packet(3)));
  CHECK(ports.out(Counter::out_fragment) == 1);
  Tunnel all("2001:db8:1::/48|udp", "2001:db8:2::/48|udp");
  CHECK(all.passes(packet(3)));
}

TEST_CASE(
    "B123: an inner source that belongs to another client is dropped after its ICV was good, and counted") {
  Tunnel link("10.1.0.0/24", "10.2.0.0/16");
  link.receiver->params.selectors.remote = {spd::TrafficSelector::parse("10.1.0.0/25").value()};
  link.send_all();
  CHECK(link.passes(udp(53)));
  const auto before = link.in(Counter::in_selector);
  const auto others = support::udp_packet(ip("10.1.0.200"), ip("10.2.0.2"), 1000, 53, 20);
  CHECK_FALSE(link.passes(others));
  CHECK(link.in(Counter::in_selector) == before + 1);
}
