// How several stories begin, and what they look at in the end.
#pragma once

#include <catch2/catch_test_macros.hpp>

#include "tests/sim/sim_pair.h"

namespace sim {

// The IKE SA and its child stand on both sides.
inline void bring_up(SimPair& world) {
  world.configure();
  world.initiate();
  world.run(std::chrono::seconds(2));
  REQUIRE(world.up());
}

// No SA, no child and no SPI is left on either side.
inline void check_all_gone(const SimPair& world) {
  CHECK(world.left.children.empty());
  CHECK(world.right.children.empty());
  CHECK(world.left.engine.status(false).ike_sas.empty());
  CHECK(world.right.engine.status(false).ike_sas.empty());
  CHECK(world.left.spis.live == 0);
  CHECK(world.right.spis.live == 0);
}

}  // namespace sim
