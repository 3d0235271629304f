#include "tun/routing_plan.h"

#include <algorithm>
#include <catch2/catch_test_macros.hpp>

#include "fixture.h"

using namespace fixture;
using base::IpFamily;
using tun::plan_routing;
using tun::ProtectedPath;
using tun::Route;
using tun::RoutingPlan;
using tun::Rule;

namespace {

ProtectedPath path(const std::string& local, const std::string& remote,
                   const std::string& peer = "192.0.2.2") {
  ProtectedPath made;
  made.local = prefix(local);
  made.remote = prefix(remote);
  made.outer_local = {address(address(peer).is_v4() ? "192.0.2.1" : "2001:db8::1"), 4500};
  made.outer_remote = {address(peer), 4500};
  return made;
}

RoutingPlan plan(const std::vector<ProtectedPath>& paths) {
  return plan_routing(paths, "ipsec0", {}, 500, 4500);
}

std::vector<Rule> at(const RoutingPlan& plan, std::uint32_t priority, IpFamily family = IpFamily::v4) {
  std::vector<Rule> found;
  std::copy_if(plan.rules.begin(), plan.rules.end(), std::back_inserter(found),
               [&](const Rule& rule) { return rule.priority == priority && rule.family == family; });
  return found;
}

const Route* route_to(const RoutingPlan& plan, const std::string& destination) {
  for (const Route& route : plan.routes) {
    if (route.destination == prefix(destination)) return &route;
  }
  return nullptr;
}

}  // namespace

TEST_CASE("without protected paths there is nothing to install") { CHECK(plan({}) == RoutingPlan{}); }

TEST_CASE("one path gets a route, the passes, the guard and the table, targets first") {
  ProtectedPath one = path("10.1.0.0/16", "10.2.0.0/16");
  one.source_hint = address("10.1.0.1");
  one.mtu = 1438;
  const RoutingPlan made = plan({one});
  REQUIRE(made.routes.size() == 1);
  CHECK(made.routes[0] == Route{prefix("10.2.0.0/16"), "ipsec0", address("10.1.0.1"), 1438});
  std::vector<std::uint32_t> priorities;
  for (const Rule& rule : made.rules) priorities.push_back(rule.priority);
  CHECK(priorities == std::vector<std::uint32_t>{7309, 7305, 7300, 7302, 7303, 7304});
  CHECK(made.rules[0].action == Rule::Action::nop);
  CHECK(made.rules[1].action == Rule::Action::lookup);
  CHECK(made.rules[1].table == 7362);
  CHECK(made.rules[2].action == Rule::Action::go_to);
  CHECK(made.rules[2].mark == 0x1ce2u);
  CHECK(made.rules[2].target == 7309);
  CHECK(made.rules[3].in_interface == "ipsec0");
  CHECK(made.rules[3].target == 7305);
  CHECK(made.rules[4].in_interface == "lo");
  CHECK(made.rules[5].action == Rule::Action::blackhole);
  CHECK(made.rules[5].from == prefix("10.2.0.0/16"));
  CHECK(made.rules[5].to == prefix("10.1.0.0/16"));
}

TEST_CASE("marks, table and priorities are those of the options") {
  tun::RoutingOptions options;
  options.mark = 7;
  options.table = 99;
  options.rule_priority = 100;
  const RoutingPlan made = plan_routing({path("10.1.0.0/16", "10.2.0.0/16")}, "tun5", options, 500, 4500);
  CHECK(at(made, 100).at(0).mark == 7u);
  CHECK(at(made, 102).at(0).in_interface == "tun5");
  CHECK(at(made, 105).at(0).table == 99);
  CHECK(made.routes.at(0).device == "tun5");
}

TEST_CASE("each family in use has its own rules, whatever carries it") {
  const RoutingPlan made =
      plan({path("10.1.0.0/16", "10.2.0.0/16", "2001:db8::2"), path("2001:db8:1::/48", "2001:db8:2::/48")});
  CHECK(at(made, 7304, IpFamily::v4).size() == 1);
  CHECK(at(made, 7304, IpFamily::v6).size() == 1);
  CHECK(at(made, 7305, IpFamily::v6).size() == 1);
  CHECK(at(made, 7301, IpFamily::v4).empty());
  CHECK(at(made, 7301, IpFamily::v6).empty());
  CHECK(at(plan({path("10.1.0.0/16", "10.2.0.0/16")}), 7305, IpFamily::v6).empty());
}

TEST_CASE("paths that share a remote prefix share the route, with the smallest MTU and the first source") {
  ProtectedPath first = path("10.1.0.0/24", "10.2.0.0/16"), second = path("10.1.1.0/24", "10.2.0.0/16"),
                third = path("10.1.2.0/24", "10.2.0.0/16");
  second.mtu = 1438;
  second.source_hint = address("10.1.1.1");
  third.mtu = 1400;
  third.source_hint = address("10.1.2.1");
  const RoutingPlan made = plan({first, second, third});
  REQUIRE(made.routes.size() == 1);
  CHECK(made.routes[0] == Route{prefix("10.2.0.0/16"), "ipsec0", address("10.1.1.1"), 1400});
  CHECK(at(made, 7304).size() == 3);
}

TEST_CASE("the same path twice is one set of routes and rules") {
  const ProtectedPath one = path("10.1.0.0/16", "0.0.0.0/0");
  CHECK(plan({one, one}) == plan({one}));
}

TEST_CASE("a local network inside the remote one gets a throw route, and passes the guard as a source") {
  const RoutingPlan made = plan({path("10.1.0.0/16", "0.0.0.0/0")});
  REQUIRE(route_to(made, "10.1.0.0/16") != nullptr);
  CHECK(route_to(made, "10.1.0.0/16")->device.empty());
  const auto passes = at(made, 7303);
  REQUIRE(passes.size() == 2);
  CHECK(passes[1].from == prefix("10.1.0.0/16"));
  CHECK(passes[1].target == 7305);
}

TEST_CASE("the guard against everything is two halves, so that no rule is mistaken for another") {
  const RoutingPlan made = plan({path("10.1.0.0/16", "10.2.0.0/16"), path("10.1.0.0/16", "0.0.0.0/0")});
  const auto guard = at(made, 7304);
  REQUIRE(guard.size() == 3);
  CHECK(guard[0].from == prefix("10.2.0.0/16"));
  CHECK(guard[1].from == prefix("0.0.0.0/1"));
  CHECK(guard[2].from == prefix("128.0.0.0/1"));
  const auto six = at(plan({path("2001:db8:1::/48", "::/0", "2001:db8::2")}), 7304, IpFamily::v6);
  REQUIRE(six.size() == 2);
  CHECK(six[0].from == prefix("::/1"));
  CHECK(six[1].from == prefix("8000::/1"));
}

TEST_CASE("what one peer's path calls local and another's remote goes to that other peer") {
  // A hub between two spokes: no throw route may send the one spoke's packets out in clear.
  const RoutingPlan made = plan({path("10.2.0.0/16", "10.1.0.0/16", "192.0.2.11"),
                                 path("10.1.0.0/16", "10.2.0.0/16", "192.0.2.12"),
                                 path("10.2.7.0/24", "10.3.0.0/16", "192.0.2.13")});
  for (const Route& route : made.routes) CHECK(route.device == "ipsec0");
  CHECK(made.routes.size() == 3);
}

TEST_CASE("a peer inside a remote prefix gets passes for IKE, ESP and AH in both directions, by our ports") {
  const RoutingPlan made = plan({path("192.0.2.1/32", "192.0.2.2/32"), path("10.1.0.0/16", "10.2.0.0/16")});
  const auto passes = at(made, 7301);
  REQUIRE(passes.size() == 8);
  for (std::size_t i = 0; i < 8; i += 2) {
    CHECK(passes[i].from == prefix("192.0.2.2/32"));
    CHECK(passes[i].to == prefix("192.0.2.1/32"));
    CHECK(passes[i].source_port == 0);
    CHECK(passes[i + 1].from == prefix("192.0.2.1/32"));
    CHECK(passes[i + 1].to == prefix("192.0.2.2/32"));
    CHECK(passes[i + 1].in_interface == "lo");
    CHECK(passes[i + 1].destination_port == 0);
    CHECK(passes[i].destination_port == passes[i + 1].source_port);
    CHECK(passes[i].target == 7309);
  }
  CHECK(passes[0].destination_port == 500);
  CHECK(passes[2].destination_port == 4500);
  CHECK(passes[4].ip_protocol == base::ip_protocol::kEsp);
  CHECK(passes[4].destination_port == 0);
  CHECK(passes[6].ip_protocol == base::ip_protocol::kAh);
  CHECK(passes[6].destination_port == 0);
}

TEST_CASE("a peer inside another peer's remote prefix gets the passes too") {
  const RoutingPlan made =
      plan({path("10.1.0.0/16", "0.0.0.0/0", "192.0.2.2"), path("10.1.0.0/16", "10.2.0.0/16", "192.0.2.3")});
  CHECK(at(made, 7301).size() == 16);
}

TEST_CASE("a peer inside a remote prefix of any length gets the passes, and one beside it does not") {
  const auto passes = [](const std::string& remote) {
    return at(plan({path("10.1.0.0/16", remote), path("10.1.0.0/16", "172.16.1.2/32")}), 7301).size();
  };
  for (const char* remote : {"0.0.0.0/0", "192.0.0.0/8", "192.0.2.0/30", "192.0.2.2/32"})
    CHECK(passes(remote) == 8);
  for (const char* remote : {"192.0.2.0/31", "192.0.2.3/32", "193.0.0.0/8"}) CHECK(passes(remote) == 0);
}

TEST_CASE("all of IPv6 leaves the link-local addresses to the links") {
  const RoutingPlan made = plan({path("2001:db8:1::/48", "::/0", "2001:db8::2")});
  REQUIRE(route_to(made, "fe80::/10") != nullptr);
  CHECK(route_to(made, "fe80::/10")->device.empty());
  CHECK(route_to(plan({path("2001:db8:1::/48", "2001:db8:2::/48")}), "fe80::/10") == nullptr);
}

TEST_CASE("the table goes from plan to plan, keeps what stays, and leaves nothing behind") {
  const Namespace space;
  const Inside inside(space);
  shell("ip link add ipsec0 type veth peer name other && ip link set ipsec0 up && ip link set other up");
  const auto netlink = must(tun::Netlink::open({}));
  tun::RoutingTable table(*netlink);
  const ProtectedPath wide = path("10.1.0.0/16", "0.0.0.0/0"), narrow = path("10.1.0.0/16", "10.2.0.0/16");
  ProtectedPath changed = narrow;
  changed.mtu = 1300;
  const ProtectedPath six = path("2001:db8:1::/48", "::/0", "2001:db8::2");
  for (const auto& paths : std::vector<std::vector<ProtectedPath>>{
           {narrow}, {narrow, wide}, {changed, wide, six}, {wide}, {wide, six}, {six}, {narrow}}) {
    const RoutingPlan wanted = plan(paths);
    must(table.apply(wanted));
    CHECK(must(netlink->count_ours()) == wanted.routes.size() + wanted.rules.size());
    CHECK(table.installed().routes.size() == wanted.routes.size());
    must(table.apply(wanted));
  }
  must(table.clear());
  CHECK(must(netlink->count_ours()) == 0);
}

TEST_CASE("after a failure the table knows what it installed, and goes on from there") {
  const Namespace space;
  const Inside inside(space);
  const auto netlink = must(tun::Netlink::open({}));
  tun::RoutingTable table(*netlink);
  const RoutingPlan wanted = plan({path("10.1.0.0/16", "10.2.0.0/16")});
  const auto status = table.apply(wanted);
  REQUIRE(status.has_error());
  CHECK(table.installed().rules == wanted.rules);
  CHECK(table.installed().routes.empty());
  shell("ip link add ipsec0 type veth peer name other && ip link set ipsec0 up && ip link set other up");
  must(table.apply(wanted));
  CHECK(table.installed() == wanted);
  must(table.clear());
  CHECK(must(netlink->count_ours()) == 0);
}
