// Bundles of several SAs: what stands on the wire, what comes out again, and what does not.
#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>

#include "esp/traffic_class.h"
#include "tests/dataplane/bundle_link.h"

namespace {

using dataplane::BundleLink;
using esp::Counter;
using esp::Transform;
using support::BundleShape;

const std::vector<Transform> kAll{Transform::tun, Transform::comp, Transform::esp, Transform::ah};

// Every one that the order allows.
std::vector<std::vector<Transform>> all_bundles() {
  std::vector<std::vector<Transform>> out;
  for (unsigned set = 1; set < 16; ++set) {
    std::vector<Transform> one;
    for (unsigned i = 0; i < 4; ++i) {
      if ((set >> i & 1) != 0) one.push_back(kAll[i]);
    }
    out.push_back(one);
  }
  return out;
}

std::string text(const std::vector<Transform>& transforms) {
  std::string out;
  for (const Transform transform : transforms) out += std::string(esp::name(transform)) + " ";
  return out;
}

// A bundle of other SAs at the receiver: what the left end sends is then not what the right one asks for.
void receive_by(BundleLink& link, const BundleShape& shape) {
  link.right.sad.remove(base::ChildId(link.shape.child));
  link.in = support::inbound_members(shape, *link.provider);
  REQUIRE(link.right.sad.add(esp::make_bundle(base::ChildId(shape.child), link.in).value()));
}

}  // namespace

TEST_CASE("packets come out of every bundle as they went in, compressed or not, over IPv4 and IPv6") {
  const bool transport = GENERATE(false, true);
  for (const auto& transforms : all_bundles()) {
    if (transport && transforms.front() == Transform::tun) continue;
    // What such a bundle does not compress is an ordinary packet, and no business of ours.
    if (transport && transforms == std::vector{Transform::comp}) continue;
    for (const bool v6 : {false, true}) {
      for (const bool udp : {false, true}) {
        if (udp && transforms.back() != Transform::esp) continue;
        BundleShape shape{transforms};
        shape.transport = transport;
        shape.outer_v6 = v6;
        shape.udp_encap = udp;
        INFO(text(transforms) << (transport ? "transport " : "tunnel ") << (v6 ? "v6 " : "v4 ") << udp);
        BundleLink link(shape);
        for (const std::size_t size : {1u, 40u, 100u, 600u, 1300u}) {
          for (const bool even : {false, true}) {
            const auto packet = even ? BundleLink::flattened(link.datagram(size), v6 && transport ? 48 : 28)
                                     : link.datagram(size);
            CHECK(base::to_hex(link.pass(packet)) == base::to_hex(packet));
          }
        }
        CHECK(link.received_count(Counter::in_packets) == 10);
        for (const auto& sa : link.in) CHECK(sa->traffic.packets == 10);
        for (const auto& sa : link.out) CHECK(sa->traffic.packets == 10);
      }
    }
  }
}

TEST_CASE("IPv4 and IPv6 go into a tunnel of either, and keep their DSCP") {
  for (const bool outer_v6 : {false, true}) {
    BundleShape shape{kAll};
    shape.outer_v6 = outer_v6;
    BundleLink link(shape);
    auto four = link.even(400);
    auto six = link.datagram6(400);
    six[0] = 0x6b;
    six[1] = 0x80;
    CHECK(base::to_hex(link.pass(four)) == base::to_hex(four));
    CHECK(base::to_hex(link.pass(six)) == base::to_hex(six));
    link.give(six);
    link.seal();
    REQUIRE(link.wire.size() == 1);
    CHECK(esp::traffic_class_of(link.wire[0].bytes()) == 0xb8);
  }
}

TEST_CASE("the headers on the wire are those of the bundle, in its order") {
  BundleShape shape{kAll};
  shape.cipher = {crypto::Encr::null, 0, crypto::Integ::sha1_96};
  BundleLink link(shape);
  const auto packet = link.even(500);
  link.give(packet);
  link.seal();
  REQUIRE(link.wire.size() == 1);
  const auto octets = base::to_bytes(link.wire[0].bytes());
  CHECK(octets[0] == 0x45);
  CHECK(octets[9] == 51);
  CHECK(base::load_be16(&octets[2]) == octets.size());
  CHECK(base::internet_checksum(base::ByteSpan(octets).first(20)) == 0);
  CHECK(octets[20] == 50);                                  // AH leads to ESP
  CHECK(base::load_be32(&octets[24]) == 0x1003);            // SPI of AH
  CHECK(base::load_be32(&octets[20 + 28]) == 0x1002);       // SPI of ESP
  CHECK(octets[20 + 28 + 8] == 4);                          // IPComp leads to IPv4
  CHECK(octets[20 + 28 + 9] == 0);                          // its flags
  CHECK(base::load_be16(&octets[20 + 28 + 10]) == 0x1001);  // its CPI
  CHECK(octets[octets.size() - 12 - 1] == 108);             // ESP leads to IPComp
  CHECK(octets.size() < packet.size());
}

TEST_CASE("a bundle of tun and esp is on the wire what ESP in tunnel mode is") {
  BundleShape shape{{Transform::tun, Transform::esp}};
  shape.spi = 0x0fff;  // so that ESP has 0x1000
  BundleLink group(shape);
  BundleShape alone{{Transform::esp}};
  BundleLink single(alone);
  const auto packet = single.datagram(333);
  group.give(packet);
  group.seal();
  single.give(packet);
  single.seal();
  REQUIRE(group.wire.size() == 1);
  REQUIRE(single.wire.size() == 1);
  CHECK(base::to_hex(group.wire[0].bytes()) == base::to_hex(single.wire[0].bytes()));
}

TEST_CASE("a packet that came by fewer SAs than its bundle has is dropped") {
  SECTION("AH is missing: ESP comes by itself") {
    BundleLink link({{Transform::tun, Transform::esp}});
    receive_by(link, {{Transform::tun, Transform::esp, Transform::ah}});
    CHECK(link.pass(link.datagram(100)).empty());
    CHECK(link.received_count(Counter::in_bundle) == 1);
    CHECK(link.in[1]->traffic.other_errors == 1);
    CHECK(link.in[1]->window.highest() == 0);
  }
  SECTION("AH is missing around ESP in tunnel mode") {
    BundleLink link({{Transform::esp}});
    receive_by(link, {{Transform::esp, Transform::ah}});
    CHECK(link.pass(link.datagram(100)).empty());
    CHECK(link.received_count(Counter::in_bundle) == 1);
  }
  SECTION("the tunnel is missing") {
    BundleShape shape{{Transform::comp, Transform::esp}};
    shape.transport = true;
    BundleLink link(shape);
    BundleShape asks{{Transform::tun, Transform::comp, Transform::esp}};
    asks.spi = 0x0fff;
    receive_by(link, asks);
    CHECK(link.pass(link.datagram(100)).empty());
    CHECK(link.received_count(Counter::in_bundle) == 1);
    CHECK(link.in[0]->traffic.other_errors == 1);
    CHECK(link.in[2]->traffic.other_errors == 0);
  }
  SECTION("ESP is missing inside AH") {
    BundleLink link({{Transform::tun, Transform::ah}});
    BundleShape asks{{Transform::esp, Transform::ah}};
    asks.spi = 0x1000;
    receive_by(link, asks);
    CHECK(link.pass(link.datagram(100)).empty());
    CHECK(link.received_count(Counter::in_bundle) == 1);
  }
}

TEST_CASE("a packet that came by more SAs than its bundle has, or by others, is dropped") {
  SECTION("ESP inside AH where AH alone is asked for") {
    BundleLink link({{Transform::esp, Transform::ah}});
    receive_by(link, {{Transform::tun, Transform::ah}});
    CHECK(link.pass(link.datagram(100)).empty());
    CHECK(link.received_count(Counter::in_bundle) == 1);
  }
  SECTION("IPComp where none is asked for") {
    BundleLink link({{Transform::tun, Transform::comp, Transform::esp}});
    BundleShape asks{{Transform::tun, Transform::esp}};
    asks.spi = 0x1001;
    receive_by(link, asks);
    CHECK(link.pass(link.even(500)).empty());
    CHECK(link.received_count(Counter::in_bundle) == 1);
  }
  SECTION("another CPI") {
    BundleLink link({{Transform::comp, Transform::esp}});
    link.in[0]->params.spi = base::Spi(0x4444);
    CHECK(link.pass(link.even(500)).empty());
    CHECK(link.received_count(Counter::in_bundle) == 1);
  }
  SECTION("another SA of ESP inside the right AH") {
    BundleLink link({{Transform::esp, Transform::ah}});
    link.in[0]->params.spi = base::Spi(0x4444);
    CHECK(link.pass(link.datagram(100)).empty());
    CHECK(link.received_count(Counter::in_bundle) == 1);
  }
}

TEST_CASE("the selectors of the innermost SA decide, and each SA keeps its own window") {
  BundleLink link({kAll});
  link.give(link.datagram(100));
  link.seal();
  const auto octets = base::to_bytes(link.wire[0].bytes());
  const auto local = link.wire[0].local, remote = link.wire[0].remote;
  const auto receive = [&] {
    base::Frame frame = support::frame_of(link.pool, octets);
    frame.local = local;
    frame.remote = remote;
    link.wire.clear();
    link.wire.push(std::move(frame));
    link.open();
    return link.delivered.size();
  };
  CHECK(receive() == 1);
  CHECK(receive() == 0);
  CHECK(link.received_count(Counter::in_replay) == 1);
  CHECK(link.in[3]->traffic.replays == 1);
  CHECK(link.in[2]->window.highest() == 1);
  CHECK(link.in[3]->window.highest() == 1);
  link.in[0]->params.selectors.remote = {spd::TrafficSelector::parse("10.9.0.0/16").value()};
  CHECK(link.pass(link.datagram(100)).empty());
  CHECK(link.received_count(Counter::in_selector) == 1);
  CHECK(link.in[0]->traffic.selector_errors == 1);
  CHECK(link.in[3]->traffic.selector_errors == 0);
}

TEST_CASE("a forged octet anywhere in a bundle is found by the SA that covers it") {
  BundleLink link({{Transform::tun, Transform::comp, Transform::esp}});
  const auto packet = link.even(300);
  link.give(packet);
  link.seal();
  const auto octets = base::to_bytes(link.wire[0].bytes());
  const auto local = link.wire[0].local;
  for (std::size_t at = 8; at < octets.size(); ++at) {
    auto changed = octets;
    changed[at] ^= 1;
    base::Frame frame = support::frame_of(link.pool, changed);
    frame.local = local;
    link.wire.clear();
    link.wire.push(std::move(frame));
    link.open();
    REQUIRE(link.delivered.empty());
  }
  CHECK(link.received_count(Counter::in_integrity) == octets.size() - 8);
  CHECK(link.in[2]->traffic.integrity_errors == octets.size() - 8);
  CHECK(link.in[2]->window.highest() == 0);
}

TEST_CASE("SAs become a bundle and single again, and keep what they have counted") {
  BundleLink link({{Transform::esp, Transform::ah}});
  CHECK_FALSE(link.pass(link.datagram(10)).empty());
  link.right.sad.ungroup(base::ChildId(link.shape.child));
  CHECK(link.in[0]->bundle == nullptr);
  CHECK(link.pass(link.datagram(10)).empty());  // ESP inside: AH alone takes it for a packet of protocol 50
  REQUIRE(link.right.sad.add(esp::make_bundle(base::ChildId(9), link.in).value()));
  CHECK_FALSE(link.pass(link.datagram(10)).empty());
  CHECK(link.in[0]->window.highest() == 3);
  CHECK(link.in[0]->traffic.packets == 2);
}

TEST_CASE("a member is in one bundle at most, and takes the whole of it along when it goes") {
  BundleShape first{{Transform::tun, Transform::esp}}, second{{Transform::tun, Transform::esp}};
  const auto provider = crypto::make_botan_provider();
  second.spi = 0x1001;  // tun0x1001 and esp0x1002: none of them is there yet
  second.child = 8;
  esp::Sad sad;
  const auto members = support::inbound_members(first, *provider);
  REQUIRE(sad.add(esp::make_bundle(base::ChildId(7), members).value()));
  CHECK_FALSE(sad.add(esp::make_bundle(base::ChildId(9), members).value()));
  auto others = support::inbound_members(second, *provider);
  REQUIRE(sad.add(esp::make_bundle(base::ChildId(8), others).value()));
  CHECK(sad.inbound().size() == 4);
  others[0]->params.child = base::ChildId(8);
  sad.remove(base::ChildId(8));
  CHECK(sad.inbound().size() == 2);
  CHECK(sad.inbound_bundles().size() == 1);
  CHECK(others[0]->bundle == nullptr);
}

TEST_CASE("the hard limit of any SA of a bundle ends it, and the alarm is raised") {
  for (std::size_t member = 0; member < kAll.size(); ++member) {
    BundleLink link({kAll});
    link.out[member]->params.lifetime_packets = 2;
    for (int i = 0; i < 3; ++i) link.give(link.datagram(100));
    link.seal();
    CHECK(link.wire.size() == 2);
    CHECK(link.sent_count(Counter::out_expired) == 1);
    CHECK(link.left.out.take_alarm());
    CHECK_FALSE(link.left.out.take_alarm());
    BundleLink other({kAll});
    other.in[member]->params.lifetime_packets = 2;
    for (int i = 0; i < 3; ++i) other.give(other.datagram(100));
    other.seal();
    other.open();
    CHECK(other.delivered.size() == 2);
    CHECK(other.received_count(Counter::in_expired) == 1);
    CHECK(other.right.in.take_alarm());
  }
}

TEST_CASE("a packet too big for all SAs of a bundle is answered with the MTU that they leave") {
  BundleLink link({kAll});
  const std::uint32_t mtu = esp::inner_mtu(*link.left.sad.find(base::ChildId(link.shape.child)));
  link.give(support::udp_packet(support::ip("10.1.0.1"), support::ip("10.2.0.2"), 1, 2, mtu - 27, true));
  link.left.out.process(link.batch, link.sent);
  REQUIRE(link.sent.icmp.size() == 1);
  CHECK(link.sent.icmp_mtu[0] == mtu);
  link.sent.clear();
  auto fits = support::udp_packet(support::ip("10.1.0.1"), support::ip("10.2.0.2"), 1, 2, mtu - 28, true);
  dataplane::scramble(fits, 28, 5);
  link.give(fits);
  link.seal();
  REQUIRE(link.wire.size() == 1);
  CHECK(link.wire[0].length <= 1500);
  CHECK(link.wire[0].length > 1480);
}

TEST_CASE("in transport mode a bundle takes whole packets between its hosts alone") {
  BundleShape shape{{Transform::comp, Transform::esp}};
  shape.transport = true;
  BundleLink link(shape);
  auto fragment = link.datagram(40);
  base::store_be16(&fragment[6], 0x2000);
  CHECK(link.pass(fragment).empty());
  CHECK(link.sent_count(Counter::out_fragment) == 1);
}

TEST_CASE("what came in clear although ESP should have been around it is dropped") {
  BundleLink link({{Transform::tun, Transform::comp}});
  BundleShape asks{{Transform::tun, Transform::comp, Transform::esp}};
  receive_by(link, asks);
  CHECK(link.pass(link.datagram(20)).empty());  // IP in IP
  CHECK(link.pass(link.even(500)).empty());     // IPComp
  CHECK(link.received_count(Counter::in_bundle) == 2);
  CHECK(link.in[2]->traffic.other_errors + link.in[1]->traffic.other_errors == 2);
  receive_by(link, {{Transform::esp, Transform::ah}});
  CHECK(link.pass(link.datagram(20)).empty());
  CHECK(link.pass(link.even(500)).empty());
  CHECK(link.received_count(Counter::in_no_sa) == 2);
}

TEST_CASE("IP in IP and IPComp with nothing around them are taken from their peer alone") {
  BundleLink link({{Transform::tun, Transform::comp}});
  std::uint64_t dropped = 0;
  for (const auto& packet : {link.even(500), link.datagram(20)}) {
    CHECK_FALSE(link.pass(packet).empty());
    link.give(packet);
    link.seal();
    REQUIRE(link.wire.size() == 1);
    link.wire[0].data()[15] ^= 1;  // the source's last octet
    link.open();
    CHECK(link.delivered.empty());
    CHECK(link.received_count(Counter::in_no_sa) == ++dropped);
  }
}

TEST_CASE("a bundle that moves into UDP has UDP around its outermost SA alone, and goes on") {
  BundleLink link({{Transform::tun, Transform::comp, Transform::esp}});
  CHECK_FALSE(link.pass(link.even(500)).empty());
  const base::Endpoint ours{support::ip("198.51.100.1"), 4500}, theirs{support::ip("198.51.100.2"), 4500};
  link.left.sad.move(base::ChildId(link.shape.child), {ours, theirs, true, 1500});
  link.right.sad.move(base::ChildId(link.shape.child), {theirs, ours, true, 1500});
  for (std::size_t i = 0; i < 3; ++i) {
    CHECK(link.out[i]->params.udp_encap == (i == 2));
    CHECK(link.in[i]->params.udp_encap == (i == 2));
  }
  link.give(link.even(500));
  link.left.out.process(link.batch, link.sent);
  REQUIRE(link.sent.udp.size() == 1);
  CHECK(link.sent.udp[0].remote == theirs);
  support::carry(link.sent.udp, link.wire);
  link.right.in.process(esp::Arrival::udp, link.wire, link.delivered, link.ike);
  CHECK(link.received_count(Counter::in_packets) == 2);
}
