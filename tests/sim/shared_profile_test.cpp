// One profile, several peers: what one of them has behind it is not taken by another. RFC 7296 2.9.

#include "tests/sim/checks.h"

using namespace sim;

namespace {

// The right one admits everybody of test, for all of 10.0.0.0/8; left and a third peer call.
struct Gateway : SimPair {
  Node third{"third", *base::IpAddress::parse("192.0.2.3"), 77, net};

  explicit Gateway(const char* id, const char* behind) {
    more = {&third};
    right_profile.remote_address = ikev2::AnyPeer{};
    right_profile.remote_id = ikev2::IdentityPattern::parse("fqdn:*.test").value();
    right_profile.children[0].remote_ts = {*spd::TrafficSelector::parse("10.0.0.0/8")};
    third.secrets = left.secrets;
    auto third_profile = left_profile;
    third_profile.local_id = *ikev2::Identity::parse(id);
    third_profile.children[0].local_ts = {*spd::TrafficSelector::parse(behind)};
    configure();
    third.command(ikev2::AddPeer{std::make_shared<ikev2::PeerConfig>(third_profile)}, now);
    initiate();
    run(2s);
    REQUIRE(up());
    first = right.outbound.front();
    third.command(ikev2::Initiate{ikev2::RequestId{5}, "pr", {}}, now);
    run(3s);
  }
  std::uint64_t first = 0;  // the right one's child with left
};

}  // namespace

TEST_CASE("another peer with the same network behind it is refused, and the first keeps its traffic") {
  for (const char* behind : {"10.1.0.0/16", "10.1.7.0/24", "10.0.0.0/8"}) {
    Gateway world("fqdn:third.test", behind);
    CHECK(world.third.children.empty());
    REQUIRE(world.third.outcomes.at(5).has_error());
    CHECK(world.third.outcomes.at(5).error().reason.find("TS_UNACCEPTABLE") != std::string::npos);
    CHECK(world.right.said("overlaps 10.1.0.0/16, which fqdn:left.test at 192.0.2.1:4500 has"));
    REQUIRE(world.right.outbound.size() == 1);
    CHECK(world.right.outbound.front() == world.first);
  }
}

TEST_CASE("another peer with another network is admitted beside the first") {
  Gateway world("fqdn:third.test", "10.3.0.0/16");
  CHECK(world.third.children.size() == 1);
  CHECK(world.right.outbound.size() == 2);
}

TEST_CASE("the same peer from elsewhere takes over the network behind it") {
  Gateway world("fqdn:left.test", "10.1.0.0/16");
  REQUIRE(world.third.children.size() == 1);
  REQUIRE_FALSE(world.right.outbound.empty());
  CHECK(world.right.outbound.front() != world.first);
  CHECK(world.right.children.at(world.right.outbound.front()).remote.address == world.third.address);
}

TEST_CASE("when the first peer has gone, its network is free for another") {
  Gateway world("fqdn:third.test", "10.1.0.0/16");
  world.left.command(ikev2::Terminate{ikev2::RequestId{6}, "pr", {}}, world.now);
  world.run(2s);
  world.third.command(ikev2::Initiate{ikev2::RequestId{7}, "pr", {}}, world.now);
  world.run(3s);
  CHECK(world.third.outcomes.at(7).has_value());
  CHECK(world.third.children.size() == 1);
}
