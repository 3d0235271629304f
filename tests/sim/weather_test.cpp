// Messages are lost, repeated and reordered; every exchange still ends well, exactly once. RFC 7296 2.1.

#include <catch2/catch_test_macros.hpp>

#include "tests/sim/sim_pair.h"

using namespace sim;

TEST_CASE("each single message of the handshake may be lost once") {
  for (int lost = 0; lost < 4; ++lost) {
    DYNAMIC_SECTION("message " << lost) {
      SimPair world;
      int seen = 0;
      world.net.intercept = [&](Flight&) { return seen++ != lost; };
      world.configure();
      world.initiate();
      world.run(10s);
      CHECK(world.up());
      CHECK(world.left.outcomes.at(1).has_value());
    }
  }
}

TEST_CASE(
    "with a third of all messages lost, repeated and reordered there is one SA within 20 seconds or a clean "
    "end") {
  int up = 0;
  for (std::uint32_t seed = 1; seed <= 40; ++seed) {
    SimPair world(seed);
    world.net.weather = {0.3, 0.3, 1ms, 400ms};
    world.configure();
    world.initiate();
    world.run(20s);
    CAPTURE(seed);
    CHECK(world.left.children.size() <= 1);
    CHECK(world.right.children.size() <= 1);
    CHECK(world.left.engine.status(false).ike_sas.size() <= 1);
    if (world.up()) {
      up += 1;
      CHECK(world.left.children.begin()->second.spi_out == world.right.children.begin()->second.spi_in);
    }
  }
  CHECK(up >= 38);
}

TEST_CASE("a repeated request is answered with the same octets and processed once") {
  SimPair world;
  world.net.weather.repeat = 1.0;
  world.configure();
  world.initiate();
  world.run(5s);
  REQUIRE(world.up());
  CHECK(world.right.engine.status(false).ike_sas.size() == 1);
  std::map<std::string, int> answers;
  for (const auto& flight : world.net.log) {
    if (flight.from.address == world.right.address) answers[base::to_hex(flight.message)] += 1;
  }
  CHECK(answers.size() == 2);  // IKE_SA_INIT and IKE_AUTH; repetitions are bit for bit the same
}

TEST_CASE("a flipped bit in a protected message is dropped, and the good message still counts") {
  SimPair world;
  int flipped = 0;
  world.net.intercept = [&](Flight& flight) {
    if (flight.message.size() > 28 && flight.message[18] == 35 && flipped < 2) {  // IKE_AUTH, either way
      flight.message[flight.message.size() / 2] ^= 0x10;
      flipped += 1;
    }
    return true;
  };
  world.configure();
  world.initiate();
  world.run(10s);
  CHECK(flipped == 2);
  CHECK(world.up());
}
