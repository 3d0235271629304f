#include "apps/daemon/path_search.h"

#include <catch2/catch_test_macros.hpp>
#include <functional>

namespace {

using daemon_app::PathSearch;
using std::chrono::seconds;

// A path that packets of up to `passes` octets survive, to a peer that answers or not.
struct World {
  std::uint32_t passes = 1500;
  std::uint32_t block = 1;  // packets grow by that much
  bool answers = true, alive = true;
  std::uint32_t told = 0;  // what routers say of longer ones; 0: nothing
  base::Instant now{seconds(1000)};
  PathSearch search;
  int pairs = 0;

  explicit World(std::uint32_t link = 1500, bool v6 = false) : search(link, v6) {}

  void look(bool active) {
    auto pair = search.look(now, active);
    for (int i = 0; pair && i < 50; ++i) {
      ++pairs;
      if (alive && answers) search.answered(pair->id + 1, 60, now);
      const std::uint32_t size = pair->size - (pair->size - 12) % block;
      const bool arrives = alive && size <= passes;
      if (arrives && answers) search.answered(pair->id, size, now);
      if (!arrives && told != 0) search.too_big(told, pair->size, now);
      pair = search.look(now, active);
    }
  }
  void run(int length, bool active = true) {
    for (int i = 0; i < length; ++i) {
      look(active);
      now += seconds(1);
    }
  }
};

}  // namespace

TEST_CASE("a path that takes what the link takes is confirmed twice a minute, while packets are sent") {
  World world;
  world.run(61);
  CHECK(world.search.mtu() == 1500);
  CHECK(world.pairs == 3);
  world.run(300, false);
  CHECK(world.pairs == 3);
}

TEST_CASE("a black hole is left within seconds, and what passes is found") {
  for (const std::uint32_t passes : {1499u, 1492u, 1400u, 1281u, 1280u, 1000u, 576u}) {
    World world;
    world.passes = passes;
    world.run(5);
    CHECK(world.search.mtu() <= std::max(passes, 1280u));
    world.run(60);
    CHECK(world.search.mtu() <= passes);
    CHECK(world.search.mtu() + 8 >= passes);
  }
}

TEST_CASE("what is found is what has passed, also where packets grow by the cipher's block") {
  for (const std::uint32_t passes : {1499u, 1400u, 1390u, 1291u, 700u}) {
    World world;
    world.block = 16;
    world.passes = passes;
    world.run(90);
    CHECK(world.search.mtu() <= passes);
    CHECK(world.search.mtu() + 24 >= passes);
    CHECK(world.pairs < 40);
  }
  World wide;
  wide.block = 16;
  wide.run(90);
  CHECK(wide.search.mtu() == 1500);
}

TEST_CASE("a path that becomes narrow is noticed, and one that becomes wide again too") {
  World world;
  world.run(100);
  world.passes = 1400;
  world.run(60);
  CHECK(world.search.mtu() <= 1400);
  CHECK(world.search.mtu() >= 1392);
  world.passes = 1500;
  world.run(700);
  CHECK(world.search.mtu() == 1500);
}

TEST_CASE("a peer that does not answer is asked three times in ten minutes, and nothing follows from it") {
  World world;
  world.answers = false;
  world.passes = 1000;
  world.run(590);
  CHECK(world.pairs == 3);
  CHECK(world.search.mtu() == 1500);
}

TEST_CASE("a peer that is away does not make the path narrow") {
  World world;
  world.run(40);
  world.alive = false;
  world.run(200);
  CHECK(world.search.mtu() == 1500);
  world.alive = true;
  world.passes = 1400;
  world.run(60);
  CHECK(world.search.mtu() <= 1400);
}

TEST_CASE("what a router says is used at once, and with probes it is found true") {
  World world;
  world.passes = world.told = 1420;
  world.run(3);
  CHECK(world.search.mtu() == 1420);
  world.run(60);
  CHECK(world.search.mtu() == 1420);
}

TEST_CASE("B132: what a forger says holds until the next answer") {
  World world;
  world.run(10);
  world.search.too_big(1300, 1400, world.now);
  CHECK(world.search.mtu() == 1300);
  world.run(2);
  CHECK(world.search.mtu() == 1500);
}

TEST_CASE("B132: nobody makes a path narrower than its floor") {
  for (const bool v6 : {false, true}) {
    World world(1500, v6);
    world.answers = false;
    world.search.too_big(68, 1400, world.now);
    CHECK(world.search.mtu() == (v6 ? 1280 : 576));
  }
  World narrow(500);
  narrow.search.too_big(100, 500, narrow.now);
  CHECK(narrow.search.mtu() == 500);
}

TEST_CASE("what a router says of the path to a peer that answers no probes is forgotten in ten minutes") {
  World world;
  world.answers = false;
  world.search.too_big(1400, 1500, world.now);
  world.run(599);
  CHECK(world.search.mtu() == 1400);
  world.run(3);
  CHECK(world.search.mtu() == 1500);
}

TEST_CASE("a router that does not say what it takes means the next common size") {
  World world;
  world.search.too_big(0, 1500, world.now);
  CHECK(world.search.mtu() == 1492);
  world.search.too_big(0, 1400, world.now);
  CHECK(world.search.mtu() == 1280);
  world.search.too_big(0, 300, world.now);
  CHECK(world.search.mtu() == 1280);  // a packet that was shorter than all says nothing
}

TEST_CASE("a message that says what cannot be is ignored") {
  World world;
  world.search.too_big(1600, 1500, world.now);
  world.search.too_big(1500, 1500, world.now);
  CHECK(world.search.mtu() == 1500);
}

TEST_CASE("a new first link begins anew") {
  World world;
  world.passes = 1400;
  world.run(60);
  world.search.set_link(1280);
  CHECK(world.search.mtu() == 1280);
  world.search.set_link(9000);
  CHECK(world.search.mtu() == 9000);
  world.run(90);
  CHECK(world.search.mtu() <= 1400);
  CHECK(world.search.mtu() >= 1392);
}

TEST_CASE("answers that come late, twice, or to nothing change nothing") {
  World world;
  world.search.answered(1, 1400, world.now);
  world.search.answered(2, 1400, world.now);
  world.run(10);
  for (std::uint32_t id = 0; id < 10; ++id) world.search.answered(id, 1400, world.now);
  CHECK(world.search.mtu() == 1500);
}
