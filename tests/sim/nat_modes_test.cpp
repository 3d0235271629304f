// Transport mode and AH behind NATs: RFC 7296 2.23.1, RFC 3948.

#include "tests/sim/checks.h"

using namespace sim;

namespace {

const base::IpAddress kOutside = *base::IpAddress::parse("203.0.113.9");
const base::IpAddress kOtherOutside = *base::IpAddress::parse("198.51.100.7");

struct TransportWorld : SimPair {
  TransportWorld() {
    for (auto* peer : {&left_profile, &right_profile}) {
      peer->children[0].mode = ikev2::Mode::transport;
      peer->children[0].local_ts = peer->children[0].remote_ts = {};
    }
    right_profile.remote_address = ikev2::AnyPeer{};
  }
  void left_behind_nat() { net.nat.emplace(left.address, kOutside); }
  void right_behind_nat() {
    net.other_nat.emplace(right.address, kOtherOutside);
    net.other_nat->forward(500, {right.address, 500});
    net.other_nat->forward(4500, {right.address, 4500});
    left_profile.remote_address = kOtherOutside;
  }
  void begin() {
    configure();
    initiate();
    run(3s);
  }
  // Each side's selectors are its own address and the other's as it sees it.
  void check_selectors(const base::IpAddress& left_seen, const base::IpAddress& right_seen) {
    REQUIRE(up());
    const auto text = [](const base::IpAddress& address) {
      return spd::text({spd::TrafficSelector::of(address)});
    };
    const auto& a = left.children.begin()->second.selectors;
    const auto& b = right.children.begin()->second.selectors;
    CHECK(spd::text(a.local) == text(left.address));
    CHECK(spd::text(a.remote) == text(right_seen));
    CHECK(spd::text(b.local) == text(right.address));
    CHECK(spd::text(b.remote) == text(left_seen));
    CHECK(left.children.begin()->second.mode == ikev2::Mode::transport);
    CHECK(right.children.begin()->second.udp_encap);
  }
  void rekey_from(Node& node) {
    node.command(ikev2::Rekey{ikev2::RequestId{7}, "pr", "net"}, now);
    run(10s);
    REQUIRE(node.outcomes.count(7) == 1);
    CHECK(node.outcomes.at(7).has_value());
  }
};

ikev2::Proposal ah_proposal() {
  ikev2::Proposal proposal;
  proposal.protocol = ikev2::ProtocolId::ah;
  proposal.transforms = {
      {ikev2::TransformType::integ, static_cast<std::uint16_t>(crypto::Integ::hmac_sha2_256_128), 0, true},
      {ikev2::TransformType::esn, 0, 0, true}};
  return proposal;
}

}  // namespace

TEST_CASE(
    "transport mode behind a NAT has the addresses of each side put right, also at rekeys from either side") {
  for (int which = 1; which < 4; ++which) {
    for (const bool from_left : {true, false}) {
      TransportWorld world;
      if ((which & 1) != 0) world.left_behind_nat();
      if ((which & 2) != 0) world.right_behind_nat();
      const auto left_seen = (which & 1) != 0 ? kOutside : world.left.address;
      const auto right_seen = (which & 2) != 0 ? kOtherOutside : world.right.address;
      INFO("NATs " << which);
      world.begin();
      world.check_selectors(left_seen, right_seen);
      const auto before = world.left.children.begin()->second.spi_in;
      world.rekey_from(from_left ? world.left : world.right);
      world.check_selectors(left_seen, right_seen);
      CHECK(world.left.children.begin()->second.spi_in != before);
    }
  }
}

TEST_CASE("transport mode behind a NAT keeps protocols and ports") {
  TransportWorld world;
  world.left_behind_nat();
  world.left_profile.children[0].local_ts = {*spd::TrafficSelector::parse("192.0.2.1|udp/1701")};
  world.right_profile.children[0].local_ts = {*spd::TrafficSelector::parse("192.0.2.2|udp")};
  world.begin();
  REQUIRE(world.up());
  CHECK(spd::text(world.right.children.begin()->second.selectors.remote) == "203.0.113.9/32|udp/1701");
}

TEST_CASE("a profile that names the inner address of a peer behind a NAT works as well") {
  TransportWorld world;
  world.left_behind_nat();
  world.right_profile.children[0].remote_ts = {spd::TrafficSelector::of(world.left.address)};
  world.begin();
  REQUIRE(world.up());
  CHECK(spd::text(world.right.children.begin()->second.selectors.remote) == "192.0.2.1/32");
}

TEST_CASE("AH behind a NAT is refused by the initiator, with the reason") {
  TransportWorld world;
  world.left_behind_nat();
  for (auto* peer : {&world.left_profile, &world.right_profile})
    peer->children[0].proposals = {ah_proposal()};
  world.begin();
  world.run(5s);
  CHECK(world.left.children.empty());
  CHECK(world.right.children.empty());
  REQUIRE(world.left.outcomes.count(1) == 1);
  REQUIRE(world.left.outcomes.at(1).has_error());
  CHECK(world.left.outcomes.at(1).error().reason.find("AH, which cannot pass the NAT") != std::string::npos);
  // Without a NAT it is made.
  TransportWorld open;
  for (auto* peer : {&open.left_profile, &open.right_profile}) peer->children[0].proposals = {ah_proposal()};
  open.begin();
  CHECK(open.up());
}

TEST_CASE("of ESP and AH in a profile, ESP is what goes behind a NAT") {
  TransportWorld world;
  world.left_behind_nat();
  for (auto* peer : {&world.left_profile, &world.right_profile})
    peer->children[0].proposals.insert(peer->children[0].proposals.begin(), ah_proposal());
  world.begin();
  REQUIRE(world.up());
  CHECK(world.right.children.begin()->second.suite.protocol == crypto::IpsecProtocol::esp);
}
