// Reports carry the SAs that they are about, while somebody watches.
#include <algorithm>
#include <catch2/catch_test_macros.hpp>

#include "tests/sim/sim_pair.h"

using namespace sim;
using Kind = ikev2::Report::Kind;

namespace {

const ikev2::Report* find_report(const Node& node, Kind kind) {
  const auto found =
      std::find_if(node.reports.begin(), node.reports.end(), [&](const auto& r) { return r.kind == kind; });
  return found == node.reports.end() ? nullptr : &*found;
}

}  // namespace

TEST_CASE("A watched engine shows each SA as it comes up and goes down, without its keys") {
  SimPair world;
  world.left.engine.watch(true);
  world.configure();
  world.initiate();
  world.run();
  REQUIRE(world.up());
  const auto* ike_up = find_report(world.left, Kind::ike_up);
  REQUIRE((ike_up != nullptr && ike_up->ike_sa != nullptr));
  CHECK(ike_up->ike_sa->state == "established");
  CHECK_FALSE(ike_up->ike_sa->keys);
  const auto* child_up = find_report(world.left, Kind::child_up);
  REQUIRE((child_up != nullptr && child_up->child_sa != nullptr));
  CHECK(child_up->child == "net");
  CHECK(child_up->child_sa->selectors.local == world.left_profile.children[0].local_ts);
  CHECK_FALSE(child_up->child_sa->keys);

  world.left.command(ikev2::Terminate{ikev2::RequestId{2}, "pr", {}}, world.now);
  world.run();
  const auto* child_down = find_report(world.left, Kind::child_down);
  REQUIRE((child_down != nullptr && child_down->child_sa != nullptr));
  CHECK(child_down->child_sa->id == child_up->child_sa->id);
  const auto* ike_down = find_report(world.left, Kind::ike_down);
  REQUIRE((ike_down != nullptr && ike_down->ike_sa != nullptr));
  CHECK(ike_down->ike_sa->spi_i == ike_up->ike_sa->spi_i);
}

TEST_CASE("An engine that nobody watches makes no pictures of its SAs") {
  SimPair world;
  world.configure();
  world.initiate();
  world.run();
  REQUIRE(world.up());
  for (const auto& report : world.left.reports)
    CHECK((report.ike_sa == nullptr && report.child_sa == nullptr));
}
