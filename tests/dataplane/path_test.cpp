// Packets that are too long for the path: DF, fragments, TCP's MSS, and probes. RFC 4301 7, 8.
#include <catch2/catch_test_macros.hpp>

#include "esp/mss_clamp.h"
#include "tests/dataplane/link.h"
#include "tests/support/tcp_packet.h"

using dataplane::HostLink;
using esp::Counter;
using support::ip;

namespace {

base::Bytes packet(std::size_t payload, bool df) {
  return support::udp_packet(ip("10.1.0.1"), ip("10.2.0.2"), 1000, 53, payload, df);
}

// Whether what left by the socket for UDP or protocol 50 asks for DF; one packet.
bool has_df(HostLink& link, base::ByteSpan octets) {
  link.give(octets);
  link.sent.clear();
  link.left.out.process(link.batch, link.sent);
  const auto& queue = link.shape.udp_encap ? link.sent.udp : link.sent.raw;
  REQUIRE(queue.size() == 1);
  return queue[0].dont_fragment;
}

bool ends(const base::Frame& fragment) { return (fragment.data()[6] & 0x20) == 0; }

}  // namespace

TEST_CASE("DF of the outer packet is cleared, copied or set, and clear where the packet does not fit") {
  for (const bool transport : {false, true}) {
    support::SaShape shape;
    if (transport) shape = support::between_hosts(shape);
    HostLink link(shape);
    const auto with = [&](esp::DontFragment policy, bool df) {
      link.left.out.set_path_options({policy, false, true});
      return has_df(
          link, transport ? support::udp_packet(link.ours(), link.theirs(), 1, 2, 100, df) : packet(100, df));
    };
    CHECK_FALSE(with(esp::DontFragment::clear, true));
    CHECK_FALSE(with(esp::DontFragment::copy, false));
    CHECK(with(esp::DontFragment::copy, true));
    CHECK(with(esp::DontFragment::set, false));
  }
  HostLink link({});
  link.left.out.set_path_options({esp::DontFragment::set, false, true});
  CHECK(has_df(link, packet(1438 - 28, false)));
  CHECK_FALSE(has_df(link, packet(1439 - 28, false)));
  CHECK(has_df(link, support::udp_packet(ip("2001:db8:1::1"), ip("2001:db8:2::2"), 1, 2, 100)));
}

TEST_CASE("packets with and without DF do not share a train, and stay in order") {
  HostLink link({});
  link.left.out.set_path_options({esp::DontFragment::copy, true, true});
  for (const bool df : {false, false, true, false}) link.give(packet(40, df));
  link.left.out.process(link.batch, link.sent);
  REQUIRE(link.sent.udp.size() == 3);
  CHECK(link.sent.udp[0].count == 2);
  CHECK(link.sent.udp[1].dont_fragment);
  CHECK_FALSE(link.sent.udp[2].dont_fragment);
}

TEST_CASE("an IPv4 packet without DF goes through as fragments, each of which fits") {
  for (const auto protocol : {crypto::IpsecProtocol::esp, crypto::IpsecProtocol::ah}) {
    support::SaShape shape;
    shape.protocol = protocol;
    if (protocol == crypto::IpsecProtocol::ah) {
      shape.cipher = {crypto::Encr::none, 0, crypto::Integ::hmac_sha2_256_128};
      shape.udp_encap = false;
    }
    HostLink link(shape);
    const base::Bytes whole = packet(4000, false);
    link.give(whole);
    link.seal();
    for (const auto& frame : link.wire) CHECK(frame.length + (link.ah() ? 0 : 28) <= 1500);
    link.open();
    REQUIRE(link.delivered.size() == 3);
    base::Bytes payload;
    for (const auto& frame : link.delivered) base::append(payload, frame.bytes().subspan(20));
    CHECK(base::equal(payload, base::ByteSpan(whole).subspan(20)));
    CHECK(ends(link.delivered[2]));
    CHECK_FALSE(ends(link.delivered[1]));
    CHECK(link.left.counters.get(Counter::out_cut) == 1);
    CHECK(link.left.counters.get(Counter::out_packets) == 3);
  }
}

TEST_CASE("fragments after encryption: where asked for, and where the selectors must see ports") {
  HostLink asked({});
  asked.left.out.set_path_options({esp::DontFragment::clear, false, true});
  CHECK(asked.pass(packet(4000, false)) == packet(4000, false));
  CHECK(asked.left.counters.get(Counter::out_cut) == 0);

  support::SaShape shape;
  shape.local_net = "10.1.0.0/16";
  shape.remote_net = "10.2.0.0/16|udp/53";
  HostLink ports(shape);
  CHECK(ports.pass(packet(4000, false)) == packet(4000, false));
  CHECK(ports.left.counters.get(Counter::out_cut) == 0);
}

TEST_CASE("a path that becomes narrow makes fragments smaller and is told to hosts") {
  HostLink link({});
  link.left.sad.set_mtu(base::ChildId(1), 1000);
  link.give(packet(1200, false));
  link.give(packet(1200, true));
  link.seal();
  for (const auto& frame : link.wire) CHECK(frame.length + 28 <= 1000);
  CHECK(link.wire.size() == 2);
  REQUIRE(link.sent.icmp.size() == 1);
  CHECK(link.sent.icmp_mtu[0] == link.sender->inner_mtu(1000));
  link.left.sad.set_mtu(base::ChildId(2), 900);  // of a child that is not there
}

TEST_CASE("the MSS of SYNs is lowered on the way out by our path, on the way in by the way back") {
  HostLink link({});
  link.receiver->life = std::make_shared<esp::ChildLife>();
  link.left.sad.set_mtu(base::ChildId(1), 1400);
  const auto mss = [](const base::Bytes& arrived) {
    CHECK(support::checksum_holds(arrived));
    return base::load_be16(&arrived.at((arrived[0] >> 4 == 6 ? 60 : 40) + 2));
  };
  const base::Bytes syn = support::tcp_packet(false, 0x02, support::mss_option(1460));
  const base::Bytes syn6 = support::tcp_packet(true, 0x02, support::mss_option(1440));
  CHECK(mss(link.pass(syn)) == link.sender->inner_mtu(1400) - 40);
  CHECK(mss(link.pass(syn6)) == link.sender->inner_mtu(1400) - 60);
  link.receiver->life->inner_mtu = 1000;
  CHECK(mss(link.pass(syn)) == 960);
  link.left.out.set_path_options({esp::DontFragment::clear, true, false});
  link.right.in.set_clamp_mss(false);
  CHECK(mss(link.pass(syn)) == 1460);
}

TEST_CASE("probes cross as dummy packets of the size that was asked for, and are nobody's traffic") {
  for (const bool transport : {false, true}) {
    for (const bool udp : {false, true}) {
      support::SaShape shape;
      shape.udp_encap = udp;
      if (transport) shape = support::between_hosts(shape);
      HostLink link(shape);
      const esp::PathProbe long_one{esp::ProbeKind::question, 70, 0},
          short_one{esp::ProbeKind::answer, 71, 1300};
      link.left.out.send_probe(base::ChildId(1), long_one, 1400, link.sent);
      link.left.out.send_probe(base::ChildId(1), short_one, 0, link.sent);
      link.left.out.send_probe(base::ChildId(9), short_one, 0, link.sent);
      auto& queue = udp ? link.sent.udp : link.sent.raw;
      REQUIRE(queue.size() == 2);
      CHECK(queue[0].length + 20u + (udp ? 8u : 0u) == 1400);
      CHECK(queue[0].dont_fragment);
      CHECK_FALSE(queue[1].dont_fragment);
      support::carry(queue, link.wire);
      link.open();
      CHECK(link.delivered.empty());
      REQUIRE(link.right.in.has_probes());
      const esp::ProbeNotes notes = link.right.in.take_probes();
      REQUIRE(notes.size == 2);
      CHECK(notes.notes[0].probe == esp::PathProbe{esp::ProbeKind::question, 70, 1400});
      CHECK(notes.notes[1].probe == short_one);
      CHECK(notes.notes[0].child == base::ChildId(1));
      CHECK_FALSE(link.right.in.has_probes());
      CHECK(link.right.counters.get(Counter::in_probe) == 2);
      CHECK(link.left.counters.get(Counter::out_probe) == 2);
      CHECK(link.sender->traffic.packets == 0);
      CHECK(link.sender->traffic.bytes == 0);
      CHECK(link.receiver->traffic.packets == 0);
      CHECK(link.sender->next_sequence == 3);
    }
  }
}

TEST_CASE("an SA of AH, one that is too old and a size without room send no probe") {
  support::SaShape shape;
  shape.protocol = crypto::IpsecProtocol::ah;
  shape.cipher = {crypto::Encr::none, 0, crypto::Integ::hmac_sha2_256_128};
  shape.udp_encap = false;
  HostLink ah(shape);
  ah.left.out.send_probe(base::ChildId(1), {}, 0, ah.sent);
  HostLink link({});
  link.left.out.send_probe(base::ChildId(1), {}, 60, link.sent);
  link.left.out.send_probe(base::ChildId(1), {}, 0xffffffff, link.sent);
  CHECK(ah.sent.raw.size() + ah.sent.whole.size() + link.sent.udp.size() == 0);
  link.sender->next_sequence = std::uint64_t{1} << 32;
  link.left.out.send_probe(base::ChildId(1), {}, 0, link.sent);
  CHECK(link.sent.udp.empty());
  CHECK(link.left.counters.get(Counter::out_sequence) == 1);
}
