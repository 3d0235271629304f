// How SAs end: DELETE from either side, a dead peer, a lifetime, a restart, shutdown. RFC 7296 1.4 and 2.4.

#include <catch2/catch_test_macros.hpp>

#include "tests/sim/checks.h"

using namespace sim;

TEST_CASE("terminate by the initiator deletes both ends") {
  SimPair world;
  bring_up(world);
  world.left.command(ikev2::Terminate{ikev2::RequestId{5}, "pr", {}}, world.now);
  world.run(2s);
  check_all_gone(world);
  CHECK(world.left.outcomes.at(5).has_value());
}

TEST_CASE("terminate by the responder deletes both ends") {
  SimPair world;
  bring_up(world);
  world.right.command(ikev2::Terminate{ikev2::RequestId{5}, "pr", {}}, world.now);
  world.run(2s);
  check_all_gone(world);
  CHECK(world.right.outcomes.at(5).has_value());
}

TEST_CASE("terminate of a child alone leaves the IKE SA") {
  SimPair world;
  bring_up(world);
  world.left.command(ikev2::Terminate{ikev2::RequestId{5}, "pr", "net"}, world.now);
  world.run(2s);
  CHECK(world.left.children.empty());
  CHECK(world.right.children.empty());
  CHECK(world.left.outcomes.at(5).has_value());
  CHECK(SimPair::sa(world.left).state == "established");
  CHECK(SimPair::sa(world.right).state == "established");
}

TEST_CASE("both sides deleting at the same moment end clean") {
  SimPair world;
  bring_up(world);
  world.left.command(ikev2::Terminate{ikev2::RequestId{5}, "pr", {}}, world.now);
  world.right.command(ikev2::Terminate{ikev2::RequestId{6}, "pr", {}}, world.now);
  world.run(10s);
  check_all_gone(world);
}

TEST_CASE("both sides deleting the same child at the same moment leave the IKE SA") {
  SimPair world;
  bring_up(world);
  world.left.command(ikev2::Terminate{ikev2::RequestId{5}, "pr", "net"}, world.now);
  world.right.command(ikev2::Terminate{ikev2::RequestId{6}, "pr", "net"}, world.now);
  world.run(5s);
  CHECK(world.left.children.empty());
  CHECK(world.right.children.empty());
  CHECK(SimPair::sa(world.left).state == "established");
}

TEST_CASE("shutdown deletes with every peer and then reports that all is closed") {
  SimPair world;
  bring_up(world);
  world.left.command(ikev2::Shutdown{}, world.now);
  CHECK_FALSE(world.left.all_closed);
  world.run(2s);
  CHECK(world.left.all_closed);
  check_all_gone(world);
}

TEST_CASE("shutdown with a peer that does not answer ends within five seconds") {
  SimPair world;
  bring_up(world);
  world.right.dead = true;
  world.left.command(ikev2::Shutdown{}, world.now);
  world.run(5s);
  CHECK(world.left.all_closed);
}

TEST_CASE("liveness asks after a silence and is answered") {
  SimPair world;
  bring_up(world);
  const auto before = world.net.log.size();
  world.run(31s);
  CHECK(world.net.log.size() > before);
  CHECK(world.up());
  world.run(600s);
  CHECK(world.up());
}

TEST_CASE("traffic of the child is sign of life enough: nothing is asked") {
  SimPair world;
  bring_up(world);
  const auto before = world.net.log.size();
  for (int i = 0; i < 20; ++i) {
    world.run(10s);
    world.left.packet_seen(base::ChildId{world.left.children.begin()->first}, world.now);
    world.right.packet_seen(base::ChildId{world.right.children.begin()->first}, world.now);
  }
  CHECK(world.net.log.size() == before);
}

TEST_CASE("a dead peer is noticed within the liveness timeout, and its child removed") {
  SimPair world;
  bring_up(world);
  world.right.dead = true;
  world.run(200s);
  CHECK(world.left.children.empty());
  CHECK(world.left.engine.status(false).ike_sas.empty());
  CHECK(world.left.said("the peer is dead"));
}

TEST_CASE("a profile with start up comes up by itself, and again after the peer was away") {
  SimPair world;
  world.left_profile.children[0].start = ikev2::Start::up;
  world.left_profile.liveness_action = ikev2::LivenessAction::restart;
  world.configure();
  world.run(2s);
  REQUIRE(world.up());
  CHECK(world.left.engine.status(false).profiles.at(0).desired == "up");
  world.right.dead = true;
  world.run(400s);
  CHECK(world.left.engine.status(false).profiles.at(0).actual != "up");
  world.right.dead = false;
  world.run(400s);
  CHECK(world.left.engine.status(false).profiles.at(0).actual == "up");
  CHECK(world.left.children.size() == 1);
}

TEST_CASE("an SA ends with its lifetime and a profile with start up makes a new one") {
  SimPair world;
  world.left_profile.children[0].start = ikev2::Start::up;
  world.left_profile.children[0].lifetime = 600s;
  world.configure();
  world.run(2s);
  REQUIRE(world.up());
  const auto first = world.left.children.begin()->second.spi_in;
  world.run(610s);
  REQUIRE(world.up());
  CHECK(world.left.children.begin()->second.spi_in != first);
}

TEST_CASE("an engine that shuts down takes in nobody new, and counts whom it turned away") {
  SimPair world;
  world.configure();
  world.right.command(ikev2::Shutdown{}, world.now);
  world.initiate();
  world.run(100ms);
  const auto status = world.right.engine.status(false);
  CHECK(status.ike_sas.empty());
  CHECK(status.counters == std::vector<std::pair<std::string, std::uint64_t>>{{"refused", 1}});
}

TEST_CASE("a peer that starts anew with INITIAL_CONTACT replaces its former SA") {
  SimPair world;
  bring_up(world);
  Node reborn("left", world.left.address, 77, world.net);
  reborn.secrets = world.left.secrets;
  world.left.dead = true;  // the former life hears nothing more
  reborn.command(ikev2::AddPeer{std::make_shared<ikev2::PeerConfig>(world.left_profile)}, world.now);
  reborn.command(ikev2::Initiate{ikev2::RequestId{1}, "pr", {}}, world.now);
  for (int i = 0; i < 20 && world.net.next(); ++i) {
    world.now = *world.net.next();
    const auto flight = world.net.deliver();
    (flight->to.address == reborn.address ? reborn : world.right).receive(*flight, world.now);
  }
  CHECK(reborn.children.size() == 1);
  CHECK(world.right.children.size() == 1);
  CHECK(world.right.engine.status(false).ike_sas.size() == 1);
}

TEST_CASE("an initiator that never comes back leaves nothing half open") {
  SimPair world;
  world.configure();
  world.initiate();
  world.net.intercept = [&](Flight& flight) { return flight.message[18] != 35; };  // IKE_AUTH never arrives
  world.run(1s);
  CHECK(world.right.engine.status(false).half_open == 1);
  world.run(300s);
  CHECK(world.right.engine.status(false).half_open == 0);
  check_all_gone(world);
}
