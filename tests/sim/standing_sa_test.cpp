// Commands on one SA of several, and profiles that change while their SAs stand.
#include <catch2/catch_test_macros.hpp>

#include "tests/sim/checks.h"

using namespace sim;

namespace {

ikev2::RequestId request(std::uint64_t number) { return ikev2::RequestId{number}; }
base::ChildId first_child(const Node& node) { return base::ChildId(node.children.begin()->first); }

}  // namespace

TEST_CASE("one IKE SA is terminated by its initiator's SPI, from either side") {
  for (const bool from_left : {true, false}) {
    SimPair world;
    bring_up(world);
    Node& node = from_left ? world.left : world.right;
    const auto spi = SimPair::sa(node).spi_i;
    node.command(ikev2::TerminateIkeSa{request(5), base::IkeSpi(spi.value + 1)}, world.now);
    REQUIRE(node.outcomes.at(5).has_error());
    CHECK(world.up());
    node.command(ikev2::TerminateIkeSa{request(6), spi}, world.now);
    world.run(3s);
    CHECK(node.outcomes.at(6).has_value());
    check_all_gone(world);
  }
}

TEST_CASE("one child is terminated and its IKE SA stays") {
  SimPair world;
  bring_up(world);
  world.left.command(ikev2::TerminateChild{request(5), base::ChildId(999)}, world.now);
  REQUIRE(world.left.outcomes.at(5).has_error());
  world.left.command(ikev2::TerminateChild{request(6), first_child(world.left)}, world.now);
  world.run(3s);
  CHECK(world.left.outcomes.at(6).has_value());
  CHECK(world.left.children.empty());
  CHECK(world.right.children.empty());
  CHECK(world.left.engine.status(false).ike_sas.size() == 1);
}

TEST_CASE("one child, or one IKE SA, is rekeyed by its number") {
  SimPair world;
  bring_up(world);
  world.left.command(ikev2::RekeyOneChild{request(5), first_child(world.left)}, world.now);
  world.run(10s);
  CHECK(world.left.outcomes.at(5).has_value());
  CHECK(first_child(world.left).value == 2);
  const auto spi = SimPair::sa(world.left).spi_i;
  world.left.command(ikev2::RekeyIkeSa{request(6), spi}, world.now);
  world.run(10s);
  CHECK(world.left.outcomes.at(6).has_value());
  CHECK(SimPair::sa(world.left).spi_i != spi);
  world.left.command(ikev2::RekeyIkeSa{request(7), spi}, world.now);
  CHECK(world.left.outcomes.at(7).has_error());
  world.left.command(ikev2::RekeyOneChild{request(8), base::ChildId(1)}, world.now);
  CHECK(world.left.outcomes.at(8).has_error());
}

TEST_CASE("SAs that stand take a changed profile over with their next rekeying, where they are to") {
  for (const bool standing_too : {true, false}) {
    SimPair world;
    bring_up(world);
    auto changed = world.left_profile;
    changed.children[0].replay_window = 4096;
    world.left.command(ikev2::ReplacePeer{std::make_shared<ikev2::PeerConfig>(changed), standing_too},
                       world.now);
    CHECK(world.left.children.begin()->second.replay_window != 4096);
    world.left.command(ikev2::RekeyOneChild{request(5), first_child(world.left)}, world.now);
    world.run(10s);
    REQUIRE(world.left.outcomes.at(5).has_value());
    CHECK((world.left.children.begin()->second.replay_window == 4096) == standing_too);
  }
}

TEST_CASE("a profile that a command has terminated stays down when it is replaced") {
  SimPair world;
  world.left_profile.children[0].start = ikev2::Start::up;
  world.configure();
  world.run(3s);
  REQUIRE(world.up());
  world.left.command(ikev2::Terminate{request(5), "pr", {}}, world.now);
  world.run(3s);
  check_all_gone(world);
  auto changed = world.left_profile;
  changed.liveness_delay = 7s;
  world.left.command(ikev2::ReplacePeer{std::make_shared<ikev2::PeerConfig>(changed), true}, world.now);
  world.run(30s);
  CHECK(world.left.engine.status(false).profiles[0].desired == "none");
  check_all_gone(world);
}
