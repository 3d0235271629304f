#include "tun/routing_table.h"

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>

#include "fixture.h"

using namespace fixture;
using tun::ProtectedPath;
using tun::ProtectedPaths;
using tun::RoutingPlan;
using tun::RoutingTable;

namespace {

ProtectedPath path(const std::string& local, const std::string& remote, const std::string& ours) {
  ProtectedPath made;
  made.local = prefix(local);
  made.remote = prefix(remote);
  made.outer_local = address(ours);
  return made;
}

void make_device() {
  shell("ip link add ipsec0 type veth peer name other && ip link set ipsec0 up && ip link set other up");
}

std::size_t stand_ins(const RoutingPlan& plan) {
  std::size_t rules = 0;
  for (const auto& pair : plan.guarded) rules += rules_of(pair, {}).size();
  return rules;
}

}  // namespace

TEST_CASE("the table goes from paths to paths, keeps what stays, and leaves nothing behind") {
  const bool with_netfilter = GENERATE(true, false);
  const Namespace space;
  const Inside inside(space);
  make_device();
  const auto netlink = must(tun::Netlink::open({}));
  const auto guard = with_netfilter ? must(tun::ClearTextGuard::open({})) : nullptr;
  RoutingTable table(*netlink, guard.get(), {});
  ProtectedPaths paths("ipsec0", {}, 500, 4500);
  const ProtectedPath wide = path("10.1.0.0/16", "0.0.0.0/0", "192.0.2.1"),
                      narrow = path("10.1.0.0/16", "10.2.0.0/16", "192.0.2.1");
  ProtectedPath changed = narrow;
  changed.mtu = 1300;
  const ProtectedPath six = path("2001:db8:1::/48", "::/0", "2001:db8::1");
  std::vector<ProtectedPath> present;
  for (const auto& wanted : std::vector<std::vector<ProtectedPath>>{
           {narrow}, {narrow, wide}, {changed, wide, six}, {wide}, {wide, six}, {six}, {narrow}}) {
    for (const auto& one : wanted) paths.add(one);
    for (const auto& one : present) paths.remove(one);
    present = wanted;
    must(table.apply(paths));
    const RoutingPlan plan = paths.plan();
    CHECK(must(netlink->count_ours()) ==
          plan.routes.size() + plan.rules.size() + (with_netfilter ? 0 : stand_ins(plan)));
    CHECK(table.is_complete());
    must(table.apply(paths));
  }
  must(table.clear());
  CHECK(must(netlink->count_ours()) == 0);
  if (with_netfilter) shell("test -z \"$(nft list tables)\"");
}

TEST_CASE("what a policy stands before closes in the step in which the policy comes") {
  const Namespace space;
  const Inside inside(space);
  const auto netlink = must(tun::Netlink::open({}));
  const auto guard = must(tun::ClearTextGuard::open({}));
  RoutingTable table(*netlink, guard.get(), {});
  ProtectedPaths paths("ipsec0", {}, 500, 4500);
  tun::ClearPolicy bypass, protects;
  bypass.bypass = true;
  bypass.from = protects.from = prefix("10.2.0.0/16");
  bypass.to = protects.to = prefix("10.1.0.0/16");
  protects.priority = 5;
  paths.add(bypass);
  must(table.apply(paths));
  shell("nft list ruleset | grep -q 'set bypass_16_16'");
  // There is no device, so this goes no further than to the first route.
  paths.add(protects);
  paths.add(path("10.1.0.0/16", "10.2.0.0/16", "192.0.2.1"));
  REQUIRE(table.apply(paths).has_error());
  shell("nft list ruleset | grep -q 'set hold_0_16_16'");
  shell("nft list ruleset | grep -q 'set bypass_0_16_16'");
  shell("! nft list ruleset | grep -q 'set bypass_16_16'");
  paths.remove(bypass);
  REQUIRE(table.apply(paths).has_error());
  shell("! nft list ruleset | grep -q 'set bypass_'");
  must(table.clear());
  shell("test -z \"$(nft list tables)\"");
}

TEST_CASE("after a failure the table knows what it installed, and goes on from there") {
  const Namespace space;
  const Inside inside(space);
  const auto netlink = must(tun::Netlink::open({}));
  RoutingTable table(*netlink, nullptr, {});
  ProtectedPaths paths("ipsec0", {}, 500, 4500);
  paths.add(path("10.1.0.0/16", "10.2.0.0/16", "192.0.2.1"));
  REQUIRE(table.apply(paths).has_error());
  CHECK_FALSE(table.is_complete());
  const RoutingPlan plan = paths.plan();
  CHECK(must(netlink->count_ours()) == plan.rules.size() + stand_ins(plan));
  make_device();
  must(table.apply(paths));
  CHECK(table.is_complete());
  CHECK(must(netlink->count_ours()) == plan.rules.size() + stand_ins(plan) + 1);
  must(table.clear());
  CHECK(must(netlink->count_ours()) == 0);
}
