// What commands and events ask of an engine that cannot or need not do it, and profiles that go or come
// again.

#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>

#include "tests/sim/checks.h"

using namespace sim;
using Catch::Matchers::ContainsSubstring;

namespace {

ikev2::RequestId request(std::uint64_t number) { return ikev2::RequestId{number}; }

// The reason with which request number 9 of the left side failed.
std::string refusal(SimPair& world, const ikev2::Command& command) {
  world.left.outcomes.erase(9);
  world.left.command(command, world.now);
  world.run(1s);
  REQUIRE(world.left.outcomes.count(9) == 1);
  REQUIRE(world.left.outcomes.at(9).has_error());
  return world.left.outcomes.at(9).error().reason;
}

}  // namespace

TEST_CASE("commands for a profile that is not there, or not up, say which of the two") {
  SimPair world;
  world.configure();
  CHECK_THAT(refusal(world, ikev2::Initiate{request(9), "other", {}}),
             ContainsSubstring("no profile is named other"));
  CHECK_THAT(refusal(world, ikev2::Rekey{request(9), "other", {}}),
             ContainsSubstring("no profile is named other"));
  CHECK_THAT(refusal(world, ikev2::Rekey{request(9), "pr", {}}), ContainsSubstring("pr is not up"));
  CHECK_THAT(refusal(world, ikev2::Reauthenticate{request(9), "pr"}), ContainsSubstring("pr is not up"));
  CHECK_THAT(refusal(world, ikev2::Terminate{request(9), "pr", {}}), ContainsSubstring("pr is not up"));
}

TEST_CASE("commands for a child that is not there, or not up, name it") {
  SimPair world;
  bring_up(world);
  CHECK_THAT(refusal(world, ikev2::Initiate{request(9), "pr", "lan"}), ContainsSubstring("has no child lan"));
  CHECK_THAT(refusal(world, ikev2::Rekey{request(9), "pr", "lan"}), ContainsSubstring("child lan is not up"));
  CHECK_THAT(refusal(world, ikev2::Terminate{request(9), "pr", "lan"}), ContainsSubstring("lan"));
  CHECK(world.up());
}

TEST_CASE("a profile without a single peer can only respond: it neither initiates nor authenticates again") {
  SimPair world;
  world.left_profile.remote_address = ikev2::AnyPeer{};
  world.configure();
  CHECK_THAT(refusal(world, ikev2::Initiate{request(9), "pr", {}}), ContainsSubstring("can only respond"));
  world.right.command(ikev2::Initiate{request(1), "pr", {}}, world.now);
  world.run(2s);
  REQUIRE(world.up());
  CHECK_THAT(refusal(world, ikev2::Reauthenticate{request(9), "pr"}), ContainsSubstring("can only respond"));
  CHECK(world.up());
}

TEST_CASE("a command to initiate what is being initiated joins it, and both are done together") {
  SimPair world;
  world.configure();
  world.right.ke_delay = 200ms;
  world.initiate(1);
  world.run(50ms);
  REQUIRE_FALSE(world.up());
  world.initiate(2);
  world.run(3s);
  CHECK(world.up());
  CHECK(world.left.outcomes.at(1).has_value());
  CHECK(world.left.outcomes.at(2).has_value());
  CHECK(world.left.engine.status(true).ike_sas.size() == 1);
}

TEST_CASE("a profile that is removed takes its SAs along, with the peer") {
  SimPair world;
  bring_up(world);
  world.left.command(ikev2::RemovePeer{"pr"}, world.now);
  world.run(2s);
  check_all_gone(world);
  CHECK_THAT(refusal(world, ikev2::Initiate{request(9), "pr", {}}),
             ContainsSubstring("no profile is named pr"));
}

TEST_CASE("a profile that is replaced leaves the SA that stands, and holds for the next one") {
  SimPair world;
  bring_up(world);
  auto changed = world.left_profile;
  changed.lifetime = 1h;
  world.left.command(ikev2::ReplacePeer{std::make_shared<ikev2::PeerConfig>(changed)}, world.now);
  world.run(1s);
  CHECK(world.up());
  CHECK(SimPair::sa(world.left).rekey_at - world.now > 1h);
  world.left.command(ikev2::Terminate{request(2), "pr", {}}, world.now);
  world.run(2s);
  world.initiate(3);
  world.run(2s);
  REQUIRE(world.up());
  CHECK(SimPair::sa(world.left).rekey_at - world.now < 1h);
}

TEST_CASE("a child that has carried all that it may is deleted with the peer") {
  SimPair world;
  bring_up(world);
  const base::ChildId child{world.left.children.begin()->first};
  world.left.child_event(ikev2::Expired{child, true}, world.now);
  world.run(2s);
  CHECK(world.left.children.empty());
  CHECK(world.right.children.empty());
  CHECK(SimPair::sa(world.right).state == "established");
}

TEST_CASE("the first packet of a trap brings its child up, and events of children that are gone do nothing") {
  SimPair world;
  world.configure();
  world.left.child_event(ikev2::Acquire{"pr", "net", {}}, world.now);
  world.run(2s);
  REQUIRE(world.up());
  const base::ChildId gone{987654};
  for (const ikev2::ChildEvent& event :
       {ikev2::ChildEvent{ikev2::Expired{gone, true}}, ikev2::ChildEvent{ikev2::Inactive{gone}},
        ikev2::ChildEvent{ikev2::PacketSeen{gone}},
        ikev2::ChildEvent{ikev2::PeerMoved{gone, {world.right.address, 4500}}}}) {
    world.left.child_event(event, world.now);
  }
  world.run(1s);
  CHECK(world.up());
}

TEST_CASE("the initiator authenticates again before AUTH_LIFETIME of the responder is over (RFC 4478)") {
  SimPair world;
  world.right_profile.remote_address = ikev2::AnyPeer{};  // it can only wait
  world.right_profile.reauth = 100s;
  bring_up(world);
  const auto before = SimPair::sa(world.left).spi_i;
  world.run(85s);
  CHECK(SimPair::sa(world.left).spi_i == before);
  world.run(20s);
  CHECK(world.up());
  CHECK(SimPair::sa(world.left).spi_i != before);
  CHECK(world.left.engine.status(true).ike_sas.size() == 1);
  // Many such periods later there is one tunnel, or two for the second of the handover.
  for (int period = 0; period < 20; ++period) {
    world.run(47s);
    CHECK_FALSE(world.left.outbound.empty());
    CHECK(world.left.engine.status(true).ike_sas.size() <= 2);
    CHECK(world.right.engine.status(true).ike_sas.size() <= 2);
  }
}

TEST_CASE("two sides that both can authenticate again do not multiply their SAs by it") {
  SimPair world;
  world.left_profile.reauth = 100s;
  world.right_profile.reauth = 100s;
  bring_up(world);
  for (int period = 0; period < 20; ++period) {
    world.run(47s);
    CHECK_FALSE(world.left.outbound.empty());
    CHECK_FALSE(world.right.outbound.empty());
    CHECK(world.left.engine.status(true).ike_sas.size() <= 2);
  }
}

TEST_CASE("a responder ends the IKE SA whose peer does not authenticate again in time") {
  SimPair world;
  world.right_profile.remote_address = ikev2::AnyPeer{};
  world.right_profile.reauth = 100s;
  world.right_profile.liveness_delay = 1h;
  world.right_profile.liveness_timeout = 2h;
  bring_up(world);
  world.left.dead = true;
  world.run(110s);
  CHECK(world.right.children.empty());
  CHECK(world.right.said("its lifetime is over"));
}

TEST_CASE("an SA that ends waits for an answer that its peer owes no longer than for that to its DELETE") {
  SimPair world;
  bring_up(world);
  world.left.dead = true;
  world.run(45s);  // a question whether the peer lives is under way
  REQUIRE(world.right.children.size() == 1);
  world.right.command(ikev2::Terminate{request(5), "pr", {}}, world.now);
  world.run(5s);
  CHECK(world.right.children.empty());
  CHECK(world.right.said("terminated by command (the peer did not answer)"));
  CHECK(world.right.outcomes.count(5) == 1);
}

TEST_CASE("the responder of a reauthentication sends on the new child once the peer is known to receive") {
  SimPair world;
  bring_up(world);
  REQUIRE(world.right.outbound.size() == 1);
  const auto old = world.right.outbound.front();
  world.left.command(ikev2::Reauthenticate{request(2), "pr"}, world.now);
  world.run(2s, [&] { return world.right.children.size() == 2; });
  REQUIRE(world.right.children.size() == 2);
  CHECK(world.right.outbound.front() == old);
  // The peer deletes the old IKE SA after a second: no packet has come, and the limit of that waiting, which
  // is three seconds, is not needed.
  const auto start = world.now;
  world.run(2s, [&] { return world.right.outbound.front() != old; });
  CHECK(world.right.outbound.front() != old);
  CHECK(world.now - start < 2s);
  world.run(5s);
  REQUIRE(world.right.children.size() == 1);
  REQUIRE(world.right.outbound.size() == 1);
  CHECK(world.right.outbound.front() != old);
}
