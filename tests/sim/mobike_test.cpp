// Addresses change under an IKE SA and its child. RFC 4555.

#include <catch2/catch_test_macros.hpp>

#include "tests/sim/sim_pair.h"

using namespace sim;

namespace {

const base::IpAddress kFresh = *base::IpAddress::parse("198.51.100.20");
const base::IpAddress kOutside = *base::IpAddress::parse("203.0.113.9");

std::uint64_t counter(const Node& node, const std::string& name) {
  for (const auto& [known, value] : node.engine.status(false).counters) {
    if (known == name) return value;
  }
  return 0;
}

struct MobileWorld : SimPair {
  explicit MobileWorld(std::uint32_t seed = 1) : SimPair(seed) {
    right_profile.remote_address = ikev2::AnyPeer{};
  }
  void begin() {
    configure();
    left.network({left.address}, now);
    right.network({right.address}, now);
    initiate();
    run(2s);
    REQUIRE(up());
  }
  ikev2::InstallChild& left_child() { return left.children.begin()->second; }
  ikev2::InstallChild& right_child() { return right.children.begin()->second; }
  void check_moved_to(const base::IpAddress& address) {
    CHECK(up());
    CHECK(SimPair::sa(left).local.endpoint.address == address);
    CHECK(SimPair::sa(right).remote.endpoint.address == address);
    CHECK(left_child().local.address == address);
    CHECK(right_child().remote.address == address);
    CHECK(left.engine.status(false).ike_sas.size() == 1);
    CHECK(right.engine.status(false).ike_sas.size() == 1);
  }
};

// Changes the first notify of that type in what `from` sends next behind the ICV: by a world whose profile
// is set so, not by touching octets. Here: counts INFORMATIONAL exchanges that a side has begun.
int requests_from(const SimPair& world, const Node& node) {
  int count = 0;
  for (const Flight& flight : world.net.log) {
    const bool informational = flight.message.size() > 28 && flight.message[18] == 37;
    if (informational && flight.from.address == node.address && (flight.message[19] & 0x20) == 0) ++count;
  }
  return count;
}

}  // namespace

TEST_CASE("two sides that speak MOBIKE are on port 4500 from IKE_AUTH on, NAT or not (RFC 4555 3.3)") {
  SimPair world;
  world.left_profile.encap = ikev2::Encap::automatic;
  world.configure();
  world.initiate();
  world.run(2s);
  REQUIRE(world.up());
  CHECK(SimPair::sa(world.left).remote.endpoint.port == 4500);
}

TEST_CASE("F16: when its address changes, the initiator moves the SA and its child, in under 3 s") {
  MobileWorld world;
  world.begin();
  const auto before = world.now;
  world.left.readdress(kFresh, world.now);
  world.run(3s, [&] { return world.right_child().remote.address == kFresh; });
  CHECK(world.now - before < 3s);
  world.run(1s);
  world.check_moved_to(kFresh);
  CHECK(world.right.said("the peer has moved"));

  // And on again, and back.
  world.left.readdress(*base::IpAddress::parse("192.0.2.1"), world.now);
  world.run(3s);
  world.check_moved_to(*base::IpAddress::parse("192.0.2.1"));
}

TEST_CASE("each message of a move may be lost, repeated or late, and the move still ends well") {
  for (int lost = 0; lost < 4; ++lost) {
    DYNAMIC_SECTION("message " << lost << " is lost") {
      MobileWorld world;
      world.begin();
      int seen = 0;
      world.net.intercept = [&](Flight&) { return seen++ != lost; };
      world.left.readdress(kFresh, world.now);
      world.run(5s);
      world.check_moved_to(kFresh);
    }
  }
  for (std::uint32_t seed = 1; seed <= 20; ++seed) {
    DYNAMIC_SECTION("weather " << seed) {
      MobileWorld world(seed);
      world.begin();
      world.net.weather = {0.2, 0.3, 1ms, 300ms};
      world.left.readdress(kFresh, world.now);
      world.run(20s);
      world.check_moved_to(kFresh);
    }
  }
}

TEST_CASE("the child's packets go to a new address only after that has proved itself with COOKIE2 (3.7)") {
  MobileWorld world;
  world.begin();
  const auto before = world.right_child().remote;
  // The initiator is silent after its update: nobody at the new address answers the check.
  world.net.intercept = [&](Flight& flight) {
    if (flight.from.address != kFresh) return true;
    return (flight.message[19] & 0x20) == 0;  // its requests pass, its responses do not
  };
  world.left.readdress(kFresh, world.now);
  world.run(10s);
  CHECK(SimPair::sa(world.right).remote.endpoint.address == kFresh);
  CHECK(world.right_child().remote == before);
}

TEST_CASE("a second change while the first is under way wins") {
  MobileWorld world;
  world.begin();
  world.left.readdress(kFresh, world.now);
  const auto third = *base::IpAddress::parse("198.51.100.30");
  world.left.readdress(third, world.now);
  world.run(5s);
  world.check_moved_to(third);
}

TEST_CASE("a move behind a NAT turns UDP encapsulation and the flags on, a move out of it the flags off") {
  MobileWorld world;
  world.net.nat.emplace(kFresh, kOutside);
  world.begin();
  world.left.readdress(kFresh, world.now);
  world.run(3s);
  CHECK(SimPair::sa(world.left).local.behind_nat);
  CHECK(SimPair::sa(world.right).remote.behind_nat);
  CHECK(SimPair::sa(world.right).remote.endpoint.address == kOutside);
  CHECK(world.right_child().remote == SimPair::sa(world.right).remote.endpoint);
  CHECK(world.right_child().udp_encap);
  CHECK(world.left_child().udp_encap);
  world.left.readdress(*base::IpAddress::parse("192.0.2.1"), world.now);
  world.run(3s);
  CHECK_FALSE(SimPair::sa(world.left).local.behind_nat);
  CHECK_FALSE(SimPair::sa(world.right).remote.behind_nat);
  world.check_moved_to(*base::IpAddress::parse("192.0.2.1"));
}

TEST_CASE("F17: with MOBIKE an initiator behind a NAT notices a new mapping by its liveness check (3.8)") {
  MobileWorld world;
  world.net.nat.emplace(world.left.address, kOutside);
  world.begin();
  world.run(31s);
  const auto before = SimPair::sa(world.right).remote.endpoint;
  world.net.nat->rebind();
  world.run(35s);
  const auto after = SimPair::sa(world.right).remote.endpoint;
  CHECK(after != before);
  CHECK(world.right_child().remote == after);
  // It knows now how the peer sees it, and says so when that changes.
  world.net.nat->rebind();
  world.run(70s);
  CHECK(SimPair::sa(world.right).remote.endpoint != after);
  CHECK(world.right_child().remote == SimPair::sa(world.right).remote.endpoint);
  CHECK(world.left.said("new mapping"));
}

TEST_CASE("with MOBIKE an IKE message from elsewhere alone moves nothing (3.8)") {
  MobileWorld world;
  world.net.nat.emplace(world.left.address, kOutside);
  world.begin();
  const auto before = SimPair::sa(world.right).remote.endpoint;
  world.net.nat->rebind();
  world.net.intercept = [&](Flight& flight) { return flight.from.address == kOutside; };
  world.run(33s);
  CHECK(SimPair::sa(world.right).remote.endpoint == before);
}

TEST_CASE(
    "without MOBIKE the loss of our address ends the SA, and a wanted one is tried again from the new") {
  for (const bool left_speaks : {true, false}) {
    MobileWorld world;
    world.left_profile.mobike = left_speaks;
    world.right_profile.mobike = !left_speaks;
    world.left_profile.children[0].start = ikev2::Start::up;
    world.configure();
    world.left.network({world.left.address}, world.now);
    world.run(2s);
    REQUIRE(world.up());
    world.left.readdress(kFresh, world.now);
    world.run(5s);
    CHECK(world.left.said("does not speak MOBIKE"));
    REQUIRE(world.left.children.size() == 1);
    CHECK(world.left_child().local.address == kFresh);
  }
}

TEST_CASE("a profile with an address of its own does not move") {
  MobileWorld world;
  world.left_profile.local_address = world.left.address;
  world.begin();
  const auto before = requests_from(world, world.left);
  world.left.network({kFresh}, world.now);
  world.run(1s);
  CHECK(requests_from(world, world.left) == before);
  CHECK(SimPair::sa(world.left).local.endpoint.address == world.left.address);
}

TEST_CASE("B137: a peer outside the prefix of its profile is refused with UNACCEPTABLE_ADDRESSES") {
  MobileWorld world;
  world.right_profile.remote_address = *base::Prefix::parse("192.0.2.0/24");
  world.begin();
  world.left.readdress(kFresh, world.now);
  world.run(3s);
  CHECK(counter(world.right, "address-changes-refused") == 1);
  CHECK(world.right.said("not where the profile expects"));
  CHECK(world.left.said("UNACCEPTABLE_ADDRESSES"));
  CHECK(world.left.children.empty());
}

TEST_CASE("with encap esp on both sides a move is made without NAT detection, and NAT is prohibited (3.9)") {
  MobileWorld world;
  world.left_profile.encap = world.right_profile.encap = ikev2::Encap::esp;
  world.begin();
  CHECK(SimPair::sa(world.left).remote.endpoint.port == 500);
  world.left.readdress(kFresh, world.now);
  world.run(3s);
  world.check_moved_to(kFresh);
  CHECK_FALSE(world.right_child().udp_encap);

  // Behind a NAT the next move is refused.
  const auto inside = *base::IpAddress::parse("198.51.100.40");
  world.net.nat.emplace(inside, kOutside);
  world.left.readdress(inside, world.now);
  world.run(3s);
  CHECK(world.left.said("UNEXPECTED_NAT_DETECTED"));
}

TEST_CASE("with encap esp IKE_AUTH through a NAT is refused with UNEXPECTED_NAT_DETECTED (3.9)") {
  MobileWorld world;
  world.left_profile.encap = world.right_profile.encap = ikev2::Encap::esp;
  world.net.nat.emplace(world.left.address, kOutside);
  world.configure();
  world.initiate();
  world.run(3s);
  CHECK(world.left.said("UNEXPECTED_NAT_DETECTED"));
  CHECK(world.left.engine.status(false).ike_sas.empty());
  CHECK(world.right.engine.status(false).ike_sas.empty());
}

TEST_CASE("a responder whose addresses change tells the initiator, who keeps them (3.6)") {
  MobileWorld world;
  world.begin();
  const auto before = requests_from(world, world.right);
  world.right.network({world.right.address, kFresh}, world.now);
  world.run(1s);
  CHECK(requests_from(world, world.right) == before + 1);
  world.right.network({world.right.address, kFresh}, world.now);  // nothing new
  world.run(1s);
  CHECK(requests_from(world, world.right) == before + 1);
  world.right.network({world.right.address}, world.now);
  world.run(1s);
  CHECK(requests_from(world, world.right) == before + 2);
}
