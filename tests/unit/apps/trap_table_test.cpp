#include "apps/daemon/trap_table.h"

#include <catch2/catch_test_macros.hpp>

using namespace daemon_app;

namespace {

ikev2::InstallTrap trap(const char* child, const char* remote, const char* peer = "") {
  ikev2::InstallTrap t;
  t.profile = "pr";
  t.child = child;
  t.selectors.local = {spd::TrafficSelector::parse("10.1.0.0/16").value()};
  t.selectors.remote = {spd::TrafficSelector::parse(remote).value()};
  if (*peer != 0) t.remote.address = *base::IpAddress::parse(peer);
  return t;
}

}  // namespace

TEST_CASE("a trap keeps its id while it is placed again, and says when its packets are others") {
  TrapTable table;
  const auto first = table.put(trap("net", "10.2.0.0/16", "192.0.2.2"));
  CHECK(first.changed);
  const auto second = table.put(trap("net", "10.2.0.0/16"));
  CHECK_FALSE(second.changed);
  CHECK(second.id == first.id);
  CHECK(second.trap.remote.address == *base::IpAddress::parse("192.0.2.2"));
  const auto third = table.put(trap("net", "10.3.0.0/16"));
  CHECK(third.changed);
  CHECK(third.id == first.id);
}

TEST_CASE("ids of traps are never those of children, and are not used again") {
  TrapTable table;
  const auto a = table.put(trap("a", "10.2.0.0/16")).id;
  const auto b = table.put(trap("b", "10.3.0.0/16")).id;
  CHECK(a != b);
  CHECK(a.value >= std::uint64_t{1} << 63);
  CHECK(table.remove("pr", "b") == b);
  CHECK_FALSE(table.remove("pr", "b"));
  CHECK(table.find(b) == nullptr);
  CHECK(table.put(trap("b", "10.3.0.0/16")).id != b);
  REQUIRE(table.find(a) != nullptr);
  CHECK(table.find(a)->child == "a");
  CHECK(table.find("pr", "a") == a);
  CHECK_FALSE(table.find("other", "a"));
}
