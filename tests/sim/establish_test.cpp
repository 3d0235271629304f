// Two engines bring up an IKE SA and its first child. RFC 7296 1.2.

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>

#include "tests/sim/sim_pair.h"

using namespace sim;

namespace {

bool same(base::ByteSpan a, base::ByteSpan b) { return base::equal(a, b); }

// What one side sends with, the other receives with.
void check_children_fit(const SimPair& world) {
  REQUIRE(world.up());
  const auto& left = world.left.children.begin()->second;
  const auto& right = world.right.children.begin()->second;
  CHECK(left.spi_out == right.spi_in);
  CHECK(left.spi_in == right.spi_out);
  CHECK(same(left.keys_out.encr, right.keys_in.encr));
  CHECK(same(left.keys_in.encr, right.keys_out.encr));
  CHECK(same(left.keys_out.integ, right.keys_in.integ));
  CHECK(same(left.keys_in.integ, right.keys_out.integ));
  CHECK_FALSE(same(left.keys_out.encr, left.keys_in.encr));
  CHECK(left.suite == right.suite);
  CHECK(left.selectors.local == right.selectors.remote);
  CHECK(left.selectors.remote == right.selectors.local);
  CHECK(left.udp_encap == right.udp_encap);
}

struct Suite {
  const char* name;
  ikev2::Proposal ike, esp;
};

std::vector<Suite> suites() {
  using crypto::Encr, crypto::Integ, crypto::Ke, crypto::Prf;
  return {
      {"aes-cbc-256 sha1 modp-2048, aes-cbc-192 sha1",
       ike_proposal(Encr::aes_cbc, 256, Prf::hmac_sha1, Integ::sha1_96, {Ke::modp_2048}),
       esp_proposal(Encr::aes_cbc, 192, Integ::sha1_96)},
      {"aes-gcm-256 sha2-384 ecp-384, aes-gcm-256",
       ike_proposal(Encr::aes_gcm_16, 256, Prf::hmac_sha2_384, Integ::none, {Ke::ecp_384}),
       esp_proposal(Encr::aes_gcm_16, 256, Integ::none)},
      {"chacha20-poly1305 sha2-512 ecp-521, chacha20-poly1305",
       ike_proposal(Encr::chacha20_poly1305, 0, Prf::hmac_sha2_512, Integ::none, {Ke::ecp_521}),
       esp_proposal(Encr::chacha20_poly1305, 0, Integ::none)},
      {"aes-cbc-128 sha2-256 modp-3072, aes-cbc-256 sha2-512",
       ike_proposal(Encr::aes_cbc, 128, Prf::hmac_sha2_256, Integ::hmac_sha2_256_128, {Ke::modp_3072}),
       esp_proposal(Encr::aes_cbc, 256, Integ::hmac_sha2_512_256)},
      {"aes-cbc-192 sha2-384 ecp-256, aes-cbc-128 sha2-384",
       ike_proposal(Encr::aes_cbc, 192, Prf::hmac_sha2_384, Integ::hmac_sha2_384_192, {Ke::ecp_256}),
       esp_proposal(Encr::aes_cbc, 128, Integ::hmac_sha2_384_192)},
  };
}

}  // namespace

TEST_CASE("two engines bring up an IKE SA and a child whose keys, SPIs and selectors fit") {
  SimPair world;
  world.configure();
  world.initiate();
  world.run(2s);
  check_children_fit(world);
  REQUIRE(world.left.outcomes.at(1).has_value());

  const auto left = SimPair::sa(world.left), right = SimPair::sa(world.right);
  CHECK(left.state == "established");
  CHECK(left.initiator);
  CHECK_FALSE(right.initiator);
  CHECK(left.spi_i == right.spi_i);
  CHECK(left.spi_r == right.spi_r);
  CHECK(left.remote.id.text() == "fqdn:right.test");
  CHECK(right.remote.id.text() == "fqdn:left.test");
  CHECK(same(left.keys->sk_d, right.keys->sk_d));
  CHECK(world.left.engine.status(false).profiles.at(0).actual == "up");
}

TEST_CASE("every suite of this version brings up an IKE SA and a child") {
  for (const Suite& suite : suites()) {
    DYNAMIC_SECTION(suite.name) {
      SimPair world;
      world.left_profile.proposals = world.right_profile.proposals = {suite.ike};
      world.left_profile.children[0].proposals = world.right_profile.children[0].proposals = {suite.esp};
      world.configure();
      world.initiate();
      world.run(2s);
      check_children_fit(world);
      CHECK(world.left.children.begin()->second.suite.esn);
    }
  }
}

TEST_CASE("initiate of a profile that is up is done at once and makes nothing new") {
  SimPair world;
  world.configure();
  world.initiate(1);
  world.run(2s);
  REQUIRE(world.up());
  const auto sent = world.net.log.size();
  world.initiate(2);
  REQUIRE(world.left.outcomes.at(2).has_value());
  CHECK(world.net.log.size() == sent);
}

TEST_CASE("a responder keeps the narrower selectors of the two sides") {
  SimPair world;
  world.right_profile.children[0].local_ts = {*spd::TrafficSelector::parse("10.2.7.0/24")};
  world.right_profile.children[0].remote_ts = {*spd::TrafficSelector::parse("10.0.0.0/8")};
  world.configure();
  world.initiate();
  world.run(2s);
  check_children_fit(world);
  CHECK(spd::text(world.left.children.begin()->second.selectors.remote) == "10.2.7.0/24");
  CHECK(spd::text(world.left.children.begin()->second.selectors.local) == "10.1.0.0/16");
}

TEST_CASE("selectors left out become the two outer addresses") {
  SimPair world;
  for (auto* profile : {&world.left_profile, &world.right_profile}) {
    profile->children[0].local_ts.clear();
    profile->children[0].remote_ts.clear();
  }
  world.configure();
  world.initiate();
  world.run(2s);
  check_children_fit(world);
  CHECK(spd::text(world.left.children.begin()->second.selectors.remote) == "192.0.2.2/32");
}

TEST_CASE("a peer that is named by host name is resolved at each attempt") {
  SimPair world;
  world.left_profile.remote_address = ikev2::HostName{"right.example"};
  world.left_profile.remote_id = ikev2::IdentityPattern(*ikev2::Identity::parse("fqdn:right.test"));
  world.configure();
  world.initiate(1);
  REQUIRE(world.left.outcomes.at(1).has_error());
  CHECK(world.left.outcomes.at(1).error().reason.find("right.example") != std::string::npos);
  world.left.hosts["right.example"] = world.right.address;
  world.initiate(2);
  world.run(2s);
  check_children_fit(world);
}

TEST_CASE("two ikev2d with encap auto agree on UDP encapsulation and move to port 4500") {
  SimPair world;
  world.configure();
  world.initiate();
  world.run(2s);
  check_children_fit(world);
  CHECK(world.left.children.begin()->second.udp_encap);
  CHECK(SimPair::sa(world.left).remote.endpoint.port == 4500);
  CHECK(SimPair::sa(world.right).remote.endpoint.port == 4500);
  CHECK_FALSE(SimPair::sa(world.left).remote.behind_nat);
}

TEST_CASE("encap esp on one side keeps both on port 500 and raw ESP") {
  SimPair world;
  world.right_profile.encap = ikev2::Encap::esp;
  world.configure();
  world.initiate();
  world.run(2s);
  check_children_fit(world);
  CHECK_FALSE(world.left.children.begin()->second.udp_encap);
  CHECK(SimPair::sa(world.left).remote.endpoint.port == 500);
}

TEST_CASE("encap udp on one side alone brings both to UDP, by a NAT that is none") {
  const bool left_forces = GENERATE(true, false);
  SimPair world;
  world.left_profile.encap = world.right_profile.encap = ikev2::Encap::automatic;
  (left_forces ? world.left_profile : world.right_profile).encap = ikev2::Encap::udp;
  world.configure();
  world.initiate();
  world.run(2s);
  check_children_fit(world);
  CHECK(world.right.children.begin()->second.udp_encap);
}

TEST_CASE("a NAT in front of the initiator is detected by both, and traffic moves to 4500") {
  SimPair world;
  world.net.nat.emplace(world.left.address, *base::IpAddress::parse("203.0.113.9"));
  world.right_profile.remote_address = ikev2::AnyPeer{};
  world.configure();
  world.initiate();
  world.run(2s);
  check_children_fit(world);
  const auto left = SimPair::sa(world.left), right = SimPair::sa(world.right);
  CHECK(left.local.behind_nat);
  CHECK_FALSE(left.remote.behind_nat);
  CHECK(right.remote.behind_nat);
  CHECK(right.remote.endpoint.address.text() == "203.0.113.9");
  CHECK(right.remote.endpoint.port != 4500);
  CHECK(world.right.children.begin()->second.remote == right.remote.endpoint);
  CHECK(world.right.children.begin()->second.udp_encap);
}

TEST_CASE("when both sides initiate at once, both end up established and no child is half installed") {
  SimPair world;
  world.configure();
  world.initiate();
  world.right.command(ikev2::Initiate{ikev2::RequestId{9}, "pr", {}}, world.now);
  world.run(5s);
  CHECK(world.left.outcomes.at(1).has_value());
  CHECK(world.right.outcomes.at(9).has_value());
  CHECK(world.left.children.size() == world.right.children.size());
  CHECK_FALSE(world.left.children.empty());
}
