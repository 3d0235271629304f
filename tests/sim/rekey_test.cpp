// Rekeying children and IKE SAs from either side, with every message in turn lost, repeated, delayed and
// overtaken: RFC 7296 1.3, 2.8, 2.18.

#include "tests/sim/checks.h"
#include "tests/sim/mishaps.h"

using namespace sim;

namespace {

void use_own_group(ikev2::PeerConfig& peer) { peer.children[0].ike_group_on_rekey = true; }

void bring_up_with_pfs(SimPair& world) {
  use_own_group(world.left_profile);
  use_own_group(world.right_profile);
  bring_up(world);
}

void rekey_child(SimPair& world, Node& node, std::uint64_t request = 7) {
  node.command(ikev2::Rekey{ikev2::RequestId{request}, "pr", "net"}, world.now);
}
void rekey_ike(SimPair& world, Node& node, std::uint64_t request = 7) {
  node.command(ikev2::Rekey{ikev2::RequestId{request}, "pr", {}}, world.now);
}

}  // namespace

TEST_CASE("a child rekeyed by the initiator of the IKE SA is replaced on both sides") {
  with_every_mishap(
      bring_up, [](SimPair& world) { rekey_child(world, world.left); },
      [](SimPair& world) {
        check_stands(world);
        CHECK(world.left.children.begin()->first == 2);
        CHECK(world.left.outcomes.at(7).has_value());
      });
}

TEST_CASE("a child rekeyed by the responder of the IKE SA is replaced on both sides") {
  with_every_mishap(
      bring_up, [](SimPair& world) { rekey_child(world, world.right); },
      [](SimPair& world) {
        check_stands(world);
        CHECK(world.right.children.begin()->first == 2);
        CHECK(world.right.outcomes.at(7).has_value());
      });
}

TEST_CASE("a child is rekeyed with a key exchange of its own where the profile asks for one") {
  with_every_mishap(
      bring_up_with_pfs, [](SimPair& world) { rekey_child(world, world.left); },
      [](SimPair& world) {
        check_stands(world);
        CHECK(world.left.children.begin()->second.suite.ke == crypto::Ke::curve25519);
      });
}

TEST_CASE("a peer without key exchanges for its children is rekeyed without one") {
  SimPair world;
  use_own_group(world.left_profile);
  bring_up(world);
  rekey_child(world, world.left);
  world.run(30s);
  check_stands(world);
  CHECK(world.left.children.begin()->second.suite.ke == crypto::Ke::none);
}

TEST_CASE("the group of a child's rekey is that of the peer, found by INVALID_KE_PAYLOAD") {
  SimPair world;
  const auto with = [](ikev2::PeerConfig& peer, std::vector<crypto::Ke> groups) {
    for (const crypto::Ke group : groups) {
      peer.children[0].proposals[0].transforms.push_back(
          {ikev2::TransformType::ke, static_cast<std::uint16_t>(group), 0, true});
    }
  };
  with(world.left_profile, {crypto::Ke::curve25519, crypto::Ke::ecp_256});
  with(world.right_profile, {crypto::Ke::ecp_256});
  bring_up(world);
  rekey_child(world, world.left);
  world.run(30s);
  check_stands(world);
  CHECK(world.left.children.begin()->second.suite.ke == crypto::Ke::ecp_256);
}

TEST_CASE("an IKE SA rekeyed by its initiator hands its child to the new one") {
  with_every_mishap(
      bring_up, [](SimPair& world) { rekey_ike(world, world.left); },
      [](SimPair& world) {
        check_stands(world);
        CHECK(world.left.children.begin()->first == 1);  // the child is the same
        CHECK(SimPair::sa(world.left).initiator);
      });
}

TEST_CASE("an IKE SA rekeyed by its responder turns the roles around") {
  with_every_mishap(
      bring_up, [](SimPair& world) { rekey_ike(world, world.right); },
      [](SimPair& world) {
        check_stands(world);
        CHECK(SimPair::sa(world.right).initiator);
      });
}

TEST_CASE("a child can be rekeyed after the roles of the IKE SA have turned around") {
  SimPair world;
  bring_up(world);
  rekey_ike(world, world.right);
  world.run(10s);
  rekey_child(world, world.left, 8);
  world.run(10s);
  rekey_child(world, world.right, 9);
  world.run(10s);
  check_stands(world);
  CHECK(world.left.outcomes.at(8).has_value());
  CHECK(world.right.outcomes.at(9).has_value());
}

TEST_CASE("lifetimes rekey children and the IKE SA without anybody's command, for a long time") {
  SimPair world;
  for (auto* peer : {&world.left_profile, &world.right_profile}) {
    peer->lifetime = 1000s;
    peer->children[0].lifetime = 300s;
  }
  bring_up(world);
  const auto first = SimPair::sa(world.left).spi_i;
  for (int i = 0; i < 100; ++i) {
    world.run(100s);
    CHECK(world.left.children.size() >= 1);
    CHECK(world.right.children.size() >= 1);
  }
  check_stands(world);
  CHECK(SimPair::sa(world.left).spi_i != first);
  CHECK(world.left.children.begin()->first > 30);
}

TEST_CASE("lifetimes in bytes and packets rekey a child before its limit") {
  SimPair world;
  world.left_profile.children[0].lifetime_packets = 1000;
  bring_up(world);
  const auto& child = world.left.children.begin()->second;
  CHECK(child.lifetime_packets == 1000);
  CHECK(child.soft_packets >= 900);
  CHECK(child.soft_packets <= 950);
  world.left.child_event(ikev2::Expired{child.id, false}, world.now);
  world.run(10s);
  check_stands(world);
  CHECK(world.left.children.begin()->first == 2);
}

TEST_CASE("the responder of a rekey sends on the old child until it has heard the peer on the new one") {
  SimPair world;
  bring_up(world);
  rekey_child(world, world.left);
  world.run(2ms, [&] { return world.right.children.size() == 2; });
  REQUIRE(world.right.children.size() == 2);
  CHECK(world.right.outbound == std::vector<std::uint64_t>{1});
  world.right.packet_seen(base::ChildId{2}, world.now);
  CHECK(world.right.outbound == std::vector<std::uint64_t>{2, 1});
}

TEST_CASE("the old child receives for a while after it is deleted, so that nothing under way is lost") {
  SimPair world;
  bring_up(world);
  rekey_child(world, world.left);
  world.run(1500ms);
  REQUIRE(SimPair::sa(world.left).children.size() == 1);
  CHECK(world.left.children.size() == 2);
  CHECK(world.right.children.size() == 2);
  CHECK(world.left.outbound.front() == 2);
  CHECK(world.right.outbound.front() == 2);
  world.run(5s);
  check_stands(world);
}
