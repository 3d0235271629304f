// COOKIE and INVALID_KE_PAYLOAD, alone and together, RFC 7296 2.6 and 2.7; and a flood.

#include <catch2/catch_test_macros.hpp>

#include "tests/sim/sim_pair.h"

using namespace sim;

namespace {

ikev2::EngineConfig always_cookies() {
  ikev2::EngineConfig config;
  config.cookie_threshold = 0;
  return config;
}

// The right side accepts only the second group of the left side's proposal.
void want_second_group(SimPair& world) {
  world.right_profile.proposals = {ike_proposal(crypto::Encr::aes_gcm_16, 256, crypto::Prf::hmac_sha2_256,
                                                crypto::Integ::none, {crypto::Ke::ecp_256})};
}

}  // namespace

TEST_CASE("a responder under load asks for a cookie and keeps no state before it") {
  SimPair world(1, {}, always_cookies());
  bool stateless = false;
  int from_left = 0;
  world.net.intercept = [&](Flight& flight) {
    if (flight.from.address == world.left.address && ++from_left == 2) {
      stateless = world.right.engine.status(false).ike_sas.empty();
    }
    return true;
  };
  world.configure();
  world.initiate();
  world.run(2s);
  CHECK(world.up());
  CHECK(stateless);
}

TEST_CASE("B046: an initiator with the wrong group tries again with the one that the responder names") {
  SimPair world;
  want_second_group(world);
  world.configure();
  world.initiate();
  world.run(2s);
  REQUIRE(world.up());
  CHECK(SimPair::sa(world.left).suite.ke == crypto::Ke::ecp_256);
}

TEST_CASE("B060: a cookie and then another group lead to an SA") {
  SimPair world(1, {}, always_cookies());
  want_second_group(world);
  world.configure();
  world.initiate();
  world.run(4s);
  CHECK(world.up());
}

TEST_CASE(
    "B064: a flood of first messages from many addresses leaves memory flat, and honest peers still get in") {
  ikev2::EngineConfig config;
  config.cookie_threshold = 32;
  SimPair world(1, {}, config);
  world.right_profile.remote_address = ikev2::AnyPeer{};
  world.configure();
  world.initiate();
  world.run(0s);
  const base::Bytes first = world.net.log.at(0).message;
  for (std::uint32_t i = 0; i < 10000; ++i) {
    base::Bytes message = first;
    base::store_be32(message.data(), i + 1);  // another initiator SPI each time
    world.right.receive(
        {{}, 0, {base::IpAddress::v4(0xc6336400 + i), 500}, {world.right.address, 500}, false, message},
        world.now);
  }
  CHECK(world.right.engine.status(false).half_open <= 33);
  world.run(5s);
  CHECK(world.up());
  world.run(60s);
  CHECK(world.right.engine.status(false).half_open == 0);
  CHECK(world.right.engine.status(false).ike_sas.size() == 1);
}
