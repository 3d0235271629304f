// Children that come up with the first packet: `start: trap` and a liveness action of trap. RFC 4301 4.4.1.2,
// RFC 7296 2.9.

#include "tests/sim/checks.h"

using namespace sim;

namespace {

spd::SelectorPair ping(const char* destination = "10.2.0.7") {
  spd::PacketKey key;
  key.local = *base::IpAddress::parse("10.1.0.5");
  key.remote = *base::IpAddress::parse(destination);
  key.protocol = base::ip_protocol::kIcmp;
  key.local_port = key.remote_port = 8 << 8;
  return spd::selectors_of(key);
}

void send_packet(SimPair& world, const char* destination = "10.2.0.7") {
  world.left.child_event(ikev2::Acquire{"pr", "net", ping(destination)}, world.now);
}

// How many acquires have led to something.
int asked(const Node& node) {
  int count = 0;
  for (const auto& report : node.reports) count += report.kind == ikev2::Report::Kind::acquire ? 1 : 0;
  return count;
}

std::string actual(const Node& node) { return node.engine.status(false).profiles.at(0).actual; }

struct TrapWorld : SimPair {
  explicit TrapWorld(std::uint32_t seed = 1) : SimPair(seed) {
    left_profile.children.front().start = ikev2::Start::trap;
  }
};

}  // namespace

TEST_CASE("a profile with start: trap stands its trap and says nothing to the peer until a packet comes") {
  TrapWorld world;
  world.configure();
  world.run(60s);
  REQUIRE(world.left.traps.count("net") == 1);
  const auto& trap = world.left.traps.at("net");
  CHECK(trap.profile == "pr");
  CHECK(trap.selectors.remote.front().text() == "10.2.0.0/16");
  CHECK(trap.remote.address == world.right.address);
  CHECK(world.left.engine.status(false).ike_sas.empty());
  const auto profile = world.left.engine.status(false).profiles.at(0);
  CHECK(profile.desired == "on-demand");
  CHECK(profile.actual == "down");

  send_packet(world);
  world.run(2s);
  CHECK(world.up());
  CHECK(actual(world.left) == "up");
  REQUIRE(world.left.answers.size() == 1);
  CHECK(world.left.answers[0].child == "net");
  CHECK(world.left.answers[0].pause == base::Duration{});
  CHECK(world.left.traps.size() == 1);
}

TEST_CASE("a packet is named first in the selectors, and the child is as wide as the profile") {
  TrapWorld world;
  // The responder's answer begins with what the first choice lies in (RFC 7296 2.9).
  world.right_profile.children.front().local_ts = {spd::TrafficSelector::parse("10.2.0.0/24").value(),
                                                   spd::TrafficSelector::parse("10.2.8.0/24").value()};
  world.configure();
  send_packet(world, "10.2.8.9");
  world.run(2s);
  REQUIRE(world.up());
  CHECK(spd::text(world.left.children.begin()->second.selectors.remote) == "10.2.8.0/24, 10.2.0.0/24");

  TrapWorld wide;
  wide.configure();
  send_packet(wide);
  wide.run(2s);
  REQUIRE(wide.up());
  CHECK(spd::text(wide.left.children.begin()->second.selectors.remote) == "10.2.0.0/16");
}

TEST_CASE("a storm of acquires makes one IKE SA, one child and one answer") {
  TrapWorld world;
  world.left.ke_delay = 200ms;
  world.configure();
  for (int i = 0; i < 1000; ++i) {
    send_packet(world);
    if (i % 10 == 0) world.run(1ms);
  }
  world.run(5s);
  CHECK(world.up());
  CHECK(world.left.engine.status(false).ike_sas.size() == 1);
  CHECK(asked(world.left) == 1);
  CHECK(world.left.answers.size() >= 1);
  for (const auto& answer : world.left.answers) CHECK(answer.pause == base::Duration{});
}

TEST_CASE("a child that the peer refuses answers with pauses that grow, and is not tried without a packet") {
  TrapWorld world;
  world.right_profile.children.front().local_ts = {spd::TrafficSelector::parse("10.9.0.0/16").value()};
  world.configure();
  base::Duration last{};
  for (int i = 0; i < 4; ++i) {
    send_packet(world);
    world.run(3s);
    REQUIRE(world.left.answers.size() == static_cast<std::size_t>(i + 1));
    CHECK(world.left.answers.back().pause > last);
    last = world.left.answers.back().pause;
    CHECK(actual(world.left) == "down");
  }
  CHECK(last >= 8s);
  CHECK(world.left.engine.status(false).profiles.at(0).last_error->reason.find("TS_UNACCEPTABLE") !=
        std::string::npos);
  const auto sent = world.left.reports.size();
  world.run(600s);
  CHECK(world.left.reports.size() == sent);
  check_all_gone(world);
}

TEST_CASE("a peer that does not answer fails the acquire once, with a pause") {
  TrapWorld world;
  world.right.dead = true;
  world.configure();
  send_packet(world);
  world.run(300s);
  REQUIRE(world.left.answers.size() == 1);
  CHECK(world.left.answers[0].pause >= 1s);
  CHECK(world.left.engine.status(false).ike_sas.empty());
  world.right.dead = false;
  send_packet(world);
  world.run(2s);
  CHECK(world.up());
  CHECK(world.left.answers.back().pause == base::Duration{});
}

TEST_CASE("after the peer's DELETE the trap still stands and the next packet brings the tunnel up") {
  TrapWorld world;
  world.configure();
  send_packet(world);
  world.run(2s);
  REQUIRE(world.up());
  world.right.command(ikev2::Terminate{ikev2::RequestId{1}, "pr", {}}, world.now);
  world.run(2s);
  check_all_gone(world);
  CHECK(world.left.traps.size() == 1);
  world.run(600s);
  CHECK(world.left.engine.status(false).ike_sas.empty());
  send_packet(world);
  world.run(2s);
  CHECK(world.up());
}

TEST_CASE("a child that the peer deletes alone comes back by a packet over the same IKE SA") {
  TrapWorld world;
  world.configure();
  send_packet(world);
  world.run(2s);
  const auto spi = SimPair::sa(world.left).spi_i;
  world.right.command(ikev2::Terminate{ikev2::RequestId{1}, "pr", "net"}, world.now);
  world.run(2s);
  REQUIRE(world.left.children.empty());
  send_packet(world);
  world.run(2s);
  CHECK(world.up());
  CHECK(world.left.engine.status(false).ike_sas.size() == 1);
  CHECK(SimPair::sa(world.left).spi_i == spi);
}

TEST_CASE("a peer that deletes the IKE SA while packets wait has them answered") {
  TrapWorld world;
  world.configure();
  send_packet(world);
  world.run(2s);
  world.right.command(ikev2::Terminate{ikev2::RequestId{1}, "pr", "net"}, world.now);
  world.run(2s);
  REQUIRE(world.left.children.empty());
  // Both at one moment: our request for the child crosses the peer's DELETE of the IKE SA.
  world.right.command(ikev2::Terminate{ikev2::RequestId{2}, "pr", {}}, world.now);
  send_packet(world);
  world.run(10s);
  CHECK(world.left.answers.size() == 2);
  send_packet(world);
  world.run(5s);
  CHECK(world.up());
}

TEST_CASE("when both sides have packets at the same moment, both are answered and traffic has a child") {
  TrapWorld world;
  world.right_profile.children.front().start = ikev2::Start::trap;
  world.configure();
  send_packet(world);
  spd::SelectorPair back = ping();
  std::swap(back.local, back.remote);
  world.right.child_event(ikev2::Acquire{"pr", "net", back}, world.now);
  world.run(10s);
  CHECK_FALSE(world.left.outbound.empty());
  CHECK_FALSE(world.right.outbound.empty());
  CHECK(world.left.answers.size() == 1);
  CHECK(world.right.answers.size() == 1);
  CHECK(world.left.answers.at(0).pause == base::Duration{});
}

TEST_CASE("a child that the peer begins while packets wait here sends once the peer can receive") {
  TrapWorld world;
  world.left.ke_delay = 1s;  // our own attempt is late
  world.configure();
  send_packet(world);
  world.right.command(ikev2::Initiate{ikev2::RequestId{1}, "pr", {}}, world.now);
  world.run(5s, [&] { return !world.left.children.empty(); });
  REQUIRE(world.left.children.size() == 1);
  CHECK(world.left.children.begin()->second.outbound_later);
  CHECK(world.left.outbound.empty());
  world.left.packet_seen(base::ChildId{world.left.children.begin()->first}, world.now);
  CHECK(world.left.outbound.size() == 1);
  world.run(10s);
  CHECK(world.left.answers.size() == 1);
}

TEST_CASE("a packet that the peer has narrowed away is answered with a pause, and said") {
  TrapWorld world;
  world.right_profile.children.front().local_ts = {spd::TrafficSelector::parse("10.2.0.0/24").value()};
  world.configure();
  send_packet(world);
  world.run(2s);
  REQUIRE(world.up());
  send_packet(world, "10.2.9.9");
  CHECK(world.left.answers.size() == 2);
  CHECK(world.left.answers.back().pause >= 1s);
  CHECK(world.left.said("the peer takes only 10.1.0.0/16 === 10.2.0.0/24"));
  world.run(2s);
  CHECK(world.up());
}

TEST_CASE("a dead peer leaves traps where the profile says so, and the next packet finds its successor") {
  SimPair world;
  world.left_profile.liveness_action = ikev2::LivenessAction::trap;
  world.left_profile.liveness_delay = 5s;
  world.left_profile.liveness_timeout = 15s;
  world.configure();
  CHECK(world.left.traps.empty());
  world.initiate();
  world.run(2s);
  REQUIRE(world.up());
  world.right.dead = true;
  world.run(60s);
  CHECK(world.left.children.empty());
  CHECK(world.left.engine.status(false).ike_sas.empty());
  REQUIRE(world.left.traps.count("net") == 1);
  CHECK(world.left.engine.status(false).profiles.at(0).desired == "on-demand");
  world.run(600s);
  CHECK(world.left.engine.status(false).ike_sas.empty());

  world.right.dead = false;
  send_packet(world);
  world.run(2s);
  CHECK(world.left.children.size() == 1);
  CHECK(actual(world.left) == "up");
}

TEST_CASE("terminate takes away the trap of a dead peer, and leaves one of start: trap") {
  for (const bool from_start : {false, true}) {
    SimPair world;
    world.left_profile.liveness_action = ikev2::LivenessAction::trap;
    world.left_profile.liveness_timeout = 40s;
    if (from_start) world.left_profile.children.front().start = ikev2::Start::trap;
    world.configure();
    world.initiate();
    world.run(2s);
    world.right.dead = true;
    world.run(120s);
    REQUIRE(world.left.traps.size() == 1);
    world.left.command(ikev2::Terminate{ikev2::RequestId{7}, "pr", {}}, world.now);
    CHECK(world.left.traps.size() == (from_start ? 1u : 0u));
    CHECK(world.left.outcomes.at(7).has_value() == !from_start);
  }
}

TEST_CASE("the traps of a profile go with it, and follow it when it is replaced") {
  TrapWorld world;
  world.configure();
  auto other = world.left_profile;
  other.children.front().remote_ts = {spd::TrafficSelector::parse("10.3.0.0/16").value()};
  world.left.command(ikev2::ReplacePeer{std::make_shared<ikev2::PeerConfig>(other)}, world.now);
  CHECK(spd::text(world.left.traps.at("net").selectors.remote) == "10.3.0.0/16");
  world.left.command(ikev2::RemovePeer{"pr"}, world.now);
  CHECK(world.left.traps.empty());
}

TEST_CASE("when the daemon stops, packets ask for nothing more") {
  TrapWorld world;
  world.configure();
  world.left.command(ikev2::Shutdown{}, world.now);
  send_packet(world);
  world.run(2s);
  CHECK(world.left.engine.status(false).ike_sas.empty());
}
