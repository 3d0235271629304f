// What several stories look at in the end.
#pragma once

#include <catch2/catch_test_macros.hpp>

#include "tests/sim/sim_pair.h"

namespace sim {

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
