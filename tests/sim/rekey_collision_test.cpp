// Both sides want the same thing at the same moment: RFC 7296 2.8.1 and 2.25.

#include "tests/sim/checks.h"
#include "tests/sim/mishaps.h"

using namespace sim;

namespace {

const ikev2::Rekey kRekeyChild{ikev2::RequestId{7}, "pr", "net"};
const ikev2::Rekey kRekeyIke{ikev2::RequestId{7}, "pr", {}};
const ikev2::Terminate kDeleteChild{ikev2::RequestId{7}, "pr", "net"};
const ikev2::Terminate kDeleteIke{ikev2::RequestId{7}, "pr", {}};

std::function<void(SimPair&)> both(const ikev2::Command& left, const ikev2::Command& right) {
  return [=](SimPair& world) {
    world.left.command(left, world.now);
    world.right.command(right, world.now);
  };
}

void check_stands_alone(SimPair& world) { check_stands(world); }

}  // namespace

TEST_CASE("commands to rekey from both sides, at every distance in time, are all answered") {
  for (const auto& command : {kRekeyChild, kRekeyIke}) {
    for (int run = 0; run < 240; ++run) {
      const int distance = run % 40;
      SimPair world(static_cast<std::uint32_t>(1 + run / 40));  // other nonces
      for (auto* peer : {&world.left_profile, &world.right_profile})
        peer->children[0].ike_group_on_rekey = true;
      bring_up(world);
      world.left.ke_delay = 5ms;
      world.right.ke_delay = 3ms;
      world.left.command(command, world.now);
      world.run(distance * 500us);
      world.right.command(command, world.now);
      world.run(60s);
      INFO("the second command comes after " << distance * 0.5 << " ms");
      check_stands(world);
      REQUIRE(world.left.outcomes.count(7) == 1);
      REQUIRE(world.right.outcomes.count(7) == 1);
      CHECK(world.left.outcomes.at(7).has_value());
      CHECK(world.right.outcomes.at(7).has_value());
    }
  }
}

TEST_CASE("both rekey the same child: one new child stays, and it is the one with the higher lowest nonce") {
  with_every_mishap(bring_up, both(kRekeyChild, kRekeyChild), check_stands_alone, 60s);
}

TEST_CASE("both rekey the IKE SA: one new IKE SA stays, with the child") {
  with_every_mishap(
      bring_up, both(kRekeyIke, kRekeyIke),
      [](SimPair& world) {
        check_stands(world);
        CHECK(world.left.children.begin()->first == 1);
      },
      120s);
}

TEST_CASE("one rekeys the child while the other rekeys the IKE SA: both come to pass in the end") {
  with_every_mishap(bring_up, both(kRekeyChild, kRekeyIke), check_stands_alone, 120s);
  with_every_mishap(bring_up, both(kRekeyIke, kRekeyChild), check_stands_alone, 120s);
}

TEST_CASE("one rekeys the child while the other deletes it: the delete wins") {
  with_every_mishap(
      bring_up, both(kRekeyChild, kDeleteChild),
      [](SimPair& world) {
        const auto left = world.left.engine.status(false), right = world.right.engine.status(false);
        REQUIRE(left.ike_sas.size() == 1);
        REQUIRE(right.ike_sas.size() == 1);
        // The child that was deleted is gone; a new one may stand where the rekey asked for one.
        CHECK(left.ike_sas[0].children.size() == right.ike_sas[0].children.size());
        CHECK(world.left.children.size() == world.right.children.size());
        CHECK(world.left.children.count(1) == 0);
        CHECK(world.right.children.count(1) == 0);
        CHECK(world.left.spis.live == world.right.spis.live);
      },
      60s);
}

TEST_CASE("one rekeys the child while the other deletes the IKE SA: everything is gone") {
  with_every_mishap(bring_up, both(kRekeyChild, kDeleteIke), check_all_gone, 120s);
}

TEST_CASE("one rekeys the IKE SA while the other deletes it: everything is gone") {
  with_every_mishap(bring_up, both(kRekeyIke, kDeleteIke), check_all_gone, 120s);
}

TEST_CASE("one deletes the child while the other rekeys the IKE SA") {
  with_every_mishap(
      bring_up, both(kDeleteChild, kRekeyIke), [](SimPair& world) { check_stands(world, 0); }, 120s);
}

TEST_CASE("simultaneous rekeys of child and IKE SA, over and over in bad weather, leave one of each") {
  for (std::uint32_t seed = 1; seed <= 10; ++seed) {
    SimPair world(seed);
    bring_up(world);
    world.net.weather = {0.1, 0.1, 1ms, 300ms};
    for (std::uint64_t round = 0; round < 10; ++round) {
      const ikev2::RequestId request{100 + round};
      world.left.command(ikev2::Rekey{request, "pr", "net"}, world.now);
      world.right.command(ikev2::Rekey{request, "pr", "net"}, world.now);
      world.run(20s);
      world.left.command(ikev2::Rekey{request, "pr", {}}, world.now);
      world.right.command(ikev2::Rekey{request, "pr", {}}, world.now);
      world.run(20s);
    }
    world.net.weather = {};
    world.run(120s);
    INFO("seed " << seed);
    check_stands(world);
  }
}
