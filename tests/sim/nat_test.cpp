// NATs in front of either side and of both, several peers behind one, and mappings that change. RFC
// 7296 2.23.

#include <catch2/catch_test_macros.hpp>

#include "tests/sim/sim_pair.h"

using namespace sim;

namespace {

const base::IpAddress kOutside = *base::IpAddress::parse("203.0.113.9");
const base::IpAddress kOtherOutside = *base::IpAddress::parse("198.51.100.7");

std::uint64_t counter(const Node& node, const std::string& name) {
  for (const auto& [known, value] : node.engine.status(false).counters) {
    if (known == name) return value;
  }
  return 0;
}

// The initiator stands behind a NAT, without MOBIKE: the responder alone notices when a mapping changes.
struct NatWorld : SimPair {
  NatWorld() {
    net.nat.emplace(left.address, kOutside);
    right_profile.remote_address = ikev2::AnyPeer{};
    left_profile.mobike = right_profile.mobike = false;
  }
  void begin() {
    configure();
    initiate();
    run(2s);
    REQUIRE(up());
  }
  // What the initiator sends next, as the NAT lets it out.
  Flight next_from_left(const std::function<void()>& make) {
    std::optional<Flight> taken;
    net.intercept = [&](Flight& flight) {
      if (flight.from.address == kOutside && !taken) taken = flight;
      return false;
    };
    make();
    net.intercept = nullptr;
    REQUIRE(taken.has_value());
    return *taken;
  }
  ikev2::InstallChild& right_child() { return right.children.begin()->second; }
};

}  // namespace

TEST_CASE("a NAT in front of the responder, with its ports forwarded, is detected by both") {
  SimPair world;
  world.net.nat.emplace(world.right.address, kOutside);
  world.net.nat->forward(500, {world.right.address, 500});
  world.net.nat->forward(4500, {world.right.address, 4500});
  world.left_profile.remote_address = kOutside;
  world.configure();
  world.initiate();
  world.run(2s);
  REQUIRE(world.up());
  const auto left = SimPair::sa(world.left), right = SimPair::sa(world.right);
  CHECK(left.remote.behind_nat);
  CHECK_FALSE(left.local.behind_nat);
  CHECK(right.local.behind_nat);
  CHECK_FALSE(right.remote.behind_nat);
  CHECK(left.remote.endpoint == base::Endpoint{kOutside, 4500});
  CHECK(world.left.children.begin()->second.udp_encap);
  CHECK(world.right.children.begin()->second.udp_encap);
}

TEST_CASE("NATs in front of both sides are detected by both, and nobody follows anybody") {
  SimPair world;
  world.net.nat.emplace(world.left.address, kOutside);
  world.net.other_nat.emplace(world.right.address, kOtherOutside);
  world.net.other_nat->forward(500, {world.right.address, 500});
  world.net.other_nat->forward(4500, {world.right.address, 4500});
  world.left_profile.remote_address = kOtherOutside;
  world.right_profile.remote_address = ikev2::AnyPeer{};
  world.left_profile.mobike = false;
  world.configure();
  world.initiate();
  world.run(2s);
  REQUIRE(world.up());
  const auto left = SimPair::sa(world.left), right = SimPair::sa(world.right);
  CHECK((left.local.behind_nat && left.remote.behind_nat));
  CHECK((right.local.behind_nat && right.remote.behind_nat));
  // RFC 7296 2.23: "A host behind a NAT SHOULD NOT do this".
  world.right.peer_moved(world.right.children.begin()->second.id, {kOutside, 41000}, world.now);
  CHECK(SimPair::sa(world.right).remote.endpoint == right.remote.endpoint);
  CHECK(counter(world.right, "address-changes") == 0);
}

TEST_CASE("several peers behind one address have their SAs and children side by side") {
  SimPair world;
  Node third("third", *base::IpAddress::parse("192.0.2.3"), 77, world.net);
  world.more = {&third};
  world.net.nat.emplace(world.left.address, kOutside);
  world.net.nat->add_inside(third.address);
  world.right_profile.remote_address = ikev2::AnyPeer{};
  world.right_profile.remote_id.reset();
  world.right_profile.remote_id = ikev2::IdentityPattern::parse("fqdn:*.test").value();
  world.right_profile.children[0].remote_ts = {*spd::TrafficSelector::parse("10.0.0.0/8")};
  third.secrets = world.left.secrets;
  auto third_profile = world.left_profile;
  third_profile.local_id = *ikev2::Identity::parse("fqdn:third.test");
  third_profile.children[0].local_ts = {*spd::TrafficSelector::parse("10.3.0.0/16")};
  world.configure();
  third.command(ikev2::AddPeer{std::make_shared<ikev2::PeerConfig>(third_profile)}, world.now);
  world.initiate();
  third.command(ikev2::Initiate{ikev2::RequestId{5}, "pr", {}}, world.now);
  world.run(2s);
  REQUIRE(world.right.children.size() == 2);
  CHECK(world.left.children.size() == 1);
  CHECK(third.children.size() == 1);
  const auto sas = world.right.engine.status(false).ike_sas;
  REQUIRE(sas.size() == 2);
  CHECK(sas[0].remote.endpoint.address == kOutside);
  CHECK(sas[1].remote.endpoint.address == kOutside);
  CHECK(sas[0].remote.endpoint.port != sas[1].remote.endpoint.port);

  // One of them goes; the other stays.
  third.command(ikev2::Terminate{ikev2::RequestId{6}, "pr", {}}, world.now);
  world.run(30s);
  CHECK(world.right.children.size() == 1);
  CHECK(world.left.children.size() == 1);
}

TEST_CASE("after the NAT has a new mapping, the next fresh request moves the SA and its children (F17)") {
  NatWorld world;
  world.begin();
  const auto before = SimPair::sa(world.right).remote.endpoint;
  world.net.nat->rebind();
  world.run(35s);  // a liveness check of the initiator
  const auto after = SimPair::sa(world.right).remote.endpoint;
  CHECK(after != before);
  CHECK(after.address == kOutside);
  CHECK(world.right_child().remote == after);
  CHECK(world.up());
  CHECK(world.right.said("new mapping"));
}

TEST_CASE("an ESP packet moves the SA and its children as well, within the event (F17)") {
  NatWorld world;
  world.begin();
  world.right.peer_moved(world.right_child().id, {kOutside, 41234}, world.now);
  CHECK(SimPair::sa(world.right).remote.endpoint == base::Endpoint{kOutside, 41234});
  CHECK(world.right_child().remote == base::Endpoint{kOutside, 41234});
  CHECK(world.right_child().udp_encap);
}

TEST_CASE("B136: a message with a bad ICV from elsewhere does not move the SA") {
  NatWorld world;
  world.begin();
  const auto before = SimPair::sa(world.right).remote.endpoint;
  Flight probe = world.next_from_left([&] { world.run(31s); });
  probe.from = {*base::IpAddress::parse("198.51.100.66"), 4500};
  probe.message.back() ^= 1;
  world.right.receive(probe, world.now);
  CHECK(SimPair::sa(world.right).remote.endpoint == before);
  CHECK(counter(world.right, "bad-integrity") == 1);
}

TEST_CASE("B136: a repeated message from elsewhere is answered there, and does not move the SA") {
  NatWorld world;
  world.begin();
  const Flight probe = world.next_from_left([&] { world.run(31s); });
  world.right.receive(probe, world.now);
  const auto before = SimPair::sa(world.right).remote.endpoint;
  Flight repeated = probe;
  repeated.from = {*base::IpAddress::parse("198.51.100.66"), 4500};
  world.right.receive(repeated, world.now);
  CHECK(SimPair::sa(world.right).remote.endpoint == before);
  CHECK(world.right_child().remote == before);
  CHECK(counter(world.right, "retransmitted-request") == 1);
}

TEST_CASE("B136: a peer that is behind no NAT is not followed") {
  SimPair world;
  world.left_profile.mobike = world.right_profile.mobike = false;
  world.configure();
  world.initiate();
  world.run(2s);
  REQUIRE(world.up());
  const auto before = SimPair::sa(world.right).remote.endpoint;
  world.right.peer_moved(world.right.children.begin()->second.id, {kOutside, 41234}, world.now);
  CHECK(SimPair::sa(world.right).remote.endpoint == before);
  world.net.intercept = [&](Flight& flight) {
    if (flight.from.address == world.left.address) flight.from = {kOutside, 4500};
    return true;
  };
  world.run(35s);
  CHECK(SimPair::sa(world.right).remote.endpoint == before);
}

TEST_CASE("a request is answered to where it came from, whatever the SA's endpoint is (RFC 7296 2.11)") {
  NatWorld world;
  world.begin();
  Flight probe = world.next_from_left([&] { world.run(31s); });
  const auto before = world.net.log.size();
  world.right.receive(probe, world.now);
  REQUIRE(world.net.log.size() == before + 1);
  CHECK(world.net.log.back().to == probe.from);
}

TEST_CASE(
    "B138: IKE behind a marker on port 500, and anything behind one on 4500 that is no IKE, is dropped") {
  NatWorld world;
  world.begin();
  Flight probe = world.next_from_left([&] { world.run(31s); });
  Flight marked = probe;
  marked.message.insert(marked.message.begin(), 4, 0);
  marked.natt = false;
  world.right.receive(marked, world.now);
  for (const std::size_t size : {0, 1, 4, 27, 28, 300}) {
    Flight garbage = probe;
    garbage.message = base::Bytes(size, 0xa5);
    world.right.receive(garbage, world.now);
  }
  CHECK(counter(world.right, "malformed-header") == 7);
  CHECK(world.up());
}
