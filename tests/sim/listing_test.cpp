// The engine told piece by piece, as listings of many SAs need it, is the same as told in one.
#include <catch2/catch_test_macros.hpp>

#include "tests/sim/sim_pair.h"

using namespace sim;

namespace {

ikev2::ChildConfig second(const char* local, const char* remote) {
  ikev2::ChildConfig config;
  config.name = "dmz";
  config.local_ts = {spd::TrafficSelector::parse(local).value()};
  config.remote_ts = {spd::TrafficSelector::parse(remote).value()};
  config.proposals = {esp_proposal(crypto::Encr::aes_gcm_16, 128, crypto::Integ::none)};
  return config;
}

struct TwoChildren : SimPair {
  TwoChildren() {
    left_profile.children.push_back(second("10.11.0.0/16", "10.12.0.0/16"));
    right_profile.children.push_back(second("10.12.0.0/16", "10.11.0.0/16"));
    configure();
    initiate();
    run(2s);
    REQUIRE(left.children.size() == 2);
    REQUIRE(right.children.size() == 2);
  }
};

}  // namespace

TEST_CASE("the outline names every IKE SA and its children, and each of them is told by its name") {
  const TwoChildren world;
  const ikev2::IkeSaStatus whole = SimPair::sa(world.left);
  const auto outline = world.left.engine.outline(true);
  REQUIRE(outline.size() == 1);
  CHECK(outline[0].profile == whole.profile);
  CHECK(outline[0].spi_r == whole.spi_r);
  REQUIRE(outline[0].children.size() == 2);
  REQUIRE(outline[0].selectors.size() == 2);
  CHECK(outline[0].selectors[1] == whole.children[1].selectors);
  CHECK(outline[0].rekey_at == std::vector{whole.children[0].rekey_at, whole.children[1].rekey_at});
  CHECK(world.left.engine.outline()[0].selectors.empty());
  const auto part = world.left.engine.ike_sa(outline[0].id, {&outline[0].children[1], 1}, false);
  REQUIRE(part);
  CHECK(part->spi_i == whole.spi_i);
  CHECK_FALSE(part->keys);
  REQUIRE(part->children.size() == 1);
  CHECK(part->children[0].id == whole.children[1].id);
  CHECK(part->children[0].spi_in == whole.children[1].spi_in);
  const auto with_keys = world.left.engine.ike_sa(outline[0].id, {}, true);
  REQUIRE(with_keys);
  CHECK(with_keys->keys);
  CHECK(with_keys->children.empty());
  CHECK_FALSE(world.left.engine.ike_sa(outline[0].id + 1, {}, false));
}

TEST_CASE("a child is found by the SPI with which the initiator receives, else by the other one") {
  const TwoChildren world;
  const auto left = SimPair::sa(world.left), right = SimPair::sa(world.right);
  for (std::size_t i = 0; i < 2; ++i) {
    CHECK(world.left.engine.find_child(left.children[i].spi_in) == left.children[i].id);
    CHECK(world.left.engine.find_child(left.children[i].spi_out) == left.children[i].id);
    CHECK(world.right.engine.find_child(right.children[i].spi_out) == right.children[i].id);
  }
  CHECK_FALSE(world.left.engine.find_child(base::Spi(1)));
}

TEST_CASE("what is not about single SAs is told without them") {
  const TwoChildren world;
  const auto summary = world.left.engine.summary();
  CHECK(summary.ike_sas.empty());
  REQUIRE(summary.profiles.size() == 1);
  CHECK(summary.profiles[0].actual == "up");
}

TEST_CASE("peers are named to whom we talk from behind a NAT, and no others") {
  SimPair world;
  world.net.nat.emplace(world.left.address, *base::IpAddress::parse("203.0.113.9"));
  world.right_profile.remote_address = ikev2::AnyPeer{};
  world.configure();
  CHECK(world.left.engine.behind_nat().empty());
  world.initiate();
  world.run(2s);
  REQUIRE(world.up());
  const auto paths = world.left.engine.behind_nat();
  REQUIRE(paths.size() == 1);
  CHECK(paths[0].remote == SimPair::sa(world.left).remote.endpoint);
  CHECK(world.right.engine.behind_nat().empty());
}
