#include "tun/protected_paths.h"

#include <algorithm>
#include <catch2/catch_test_macros.hpp>
#include <map>
#include <random>
#include <set>

#include "fixture.h"

using namespace fixture;
using base::IpFamily;
using tun::GuardPair;
using tun::ProtectedPath;
using tun::ProtectedPaths;
using tun::Route;
using tun::RoutingPlan;
using tun::Rule;
using tun::rules_of;

namespace {

ProtectedPath path(const std::string& local, const std::string& remote,
                   const std::string& ours = "192.0.2.1") {
  ProtectedPath made;
  made.local = prefix(local);
  made.remote = prefix(remote);
  made.outer_local = address(ours);
  return made;
}

RoutingPlan plan(const std::vector<ProtectedPath>& all, const tun::RoutingOptions& options = {},
                 const std::string& device = "ipsec0") {
  ProtectedPaths paths(device, options, 500, 4500);
  for (const ProtectedPath& one : all) paths.add(one);
  return paths.plan();
}

// The rules that stand in for the netfilter guard.
std::vector<Rule> stand_ins(const RoutingPlan& plan) {
  std::vector<Rule> rules;
  for (const GuardPair& pair : plan.guarded) {
    for (const Rule& rule : rules_of(pair, {})) rules.push_back(rule);
  }
  return rules;
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

TEST_CASE("one path gets a route, the passes, the table and a pair for the guard, targets first") {
  ProtectedPath one = path("10.1.0.0/16", "10.2.0.0/16");
  one.source_hint = address("10.1.0.1");
  one.mtu = 1438;
  const RoutingPlan made = plan({one});
  REQUIRE(made.routes.size() == 1);
  CHECK(made.routes[0] == Route{prefix("10.2.0.0/16"), "ipsec0", address("10.1.0.1"), 1438});
  std::vector<std::uint32_t> priorities;
  for (const Rule& rule : made.rules) priorities.push_back(rule.priority);
  std::vector<std::uint32_t> expected(8, 7301);
  expected.insert(expected.begin(), {7309, 7305, 7300});
  expected.insert(expected.end(), {7302, 7303});
  CHECK(priorities == expected);
  CHECK(made.rules[0].action == Rule::Action::nop);
  CHECK(made.rules[1].action == Rule::Action::lookup);
  CHECK(made.rules[1].table == 7362);
  CHECK(made.rules[2].action == Rule::Action::go_to);
  CHECK(made.rules[2].mark == 0x1ce2u);
  CHECK(made.rules[2].target == 7309);
  CHECK(at(made, 7302).at(0).in_interface == "ipsec0");
  CHECK(at(made, 7302).at(0).target == 7305);
  CHECK(at(made, 7303).at(0).in_interface == "lo");
  CHECK(made.guarded == std::vector<GuardPair>{{false, prefix("10.2.0.0/16"), prefix("10.1.0.0/16")}});
}

TEST_CASE("IP in IP and IPComp pass from their peer alone, while a path has them in clear") {
  ProtectedPath one = path("10.1.0.0/16", "10.2.0.0/16");
  const RoutingPlan without = plan({one});
  one.outer_remote = address("192.0.2.2");
  one.plain = {base::ip_protocol::kIpIp, base::ip_protocol::kComp};
  ProtectedPath other = one;
  other.local = prefix("10.3.0.0/16");
  const RoutingPlan made = plan({one, other});
  REQUIRE(made.passes.size() == without.passes.size() + 2);
  const tun::GuardRule& last = made.passes.back();
  CHECK(last.from == prefix("192.0.2.2/32"));
  CHECK(last.to == prefix("192.0.2.1/32"));
  CHECK(last.ip_protocol == base::ip_protocol::kComp);
  CHECK(made.passes[made.passes.size() - 2].ip_protocol == base::ip_protocol::kIpIp);
  CHECK(at(made, 7301).size() == at(without, 7301).size() + 4);
  CHECK(made.guarded.size() == 2);

  ProtectedPath another = one;  // of another peer: the rules of one priority are the same
  another.outer_remote = address("192.0.2.3");
  const RoutingPlan two = plan({one, another});
  CHECK(two.passes.size() == without.passes.size() + 4);
  CHECK(two.rules == made.rules);
  ProtectedPaths paths("ipsec0", {}, 500, 4500);
  paths.add(one);
  paths.remove(one);
  CHECK(paths.passes().empty());
}

TEST_CASE("a path that may have packets in clear has its route, and no guard") {
  ProtectedPath one = path("192.0.2.1/32", "192.0.2.2/32");
  one.use = tun::PathUse::routed;
  const RoutingPlan made = plan({one});
  CHECK(made.guarded.empty());
  CHECK(route_to(made, "192.0.2.2/32") != nullptr);
  CHECK(plan({one, path("192.0.2.1/32", "192.0.2.2/32")}).guarded.size() == 1);  // another one forbids it
  one.use = tun::PathUse::neither;
  CHECK(plan({one}).guarded.empty());
  CHECK(route_to(plan({one}), "192.0.2.2/32") == nullptr);
}

TEST_CASE("marks, table and priorities are those of the options") {
  tun::RoutingOptions options;
  options.mark = 7;
  options.table = 99;
  options.rule_priority = 100;
  const RoutingPlan made = plan({path("10.1.0.0/16", "10.2.0.0/16")}, options, "tun5");
  CHECK(at(made, 100).at(0).mark == 7u);
  CHECK(at(made, 102).at(0).in_interface == "tun5");
  CHECK(at(made, 105).at(0).table == 99);
  CHECK(made.routes.at(0).device == "tun5");
}

TEST_CASE("each family in use has its own rules, whatever carries it") {
  const RoutingPlan made = plan({path("10.1.0.0/16", "10.2.0.0/16", "2001:db8::1"),
                                 path("2001:db8:1::/48", "2001:db8:2::/48", "192.0.2.1")});
  CHECK(at(made, 7305, IpFamily::v4).size() == 1);
  CHECK(at(made, 7305, IpFamily::v6).size() == 1);
  CHECK(at(made, 7301, IpFamily::v4).size() == 8);
  CHECK(at(made, 7301, IpFamily::v6).size() == 8);
  const RoutingPlan one = plan({path("10.1.0.0/16", "10.2.0.0/16", "2001:db8::1")});
  CHECK(at(one, 7305, IpFamily::v6).empty());
  CHECK(at(one, 7301).empty());
}

TEST_CASE("paths that share a remote prefix share the route, with the smallest MTU and the lowest source") {
  ProtectedPath first = path("10.1.0.0/24", "10.2.0.0/16"), second = path("10.1.1.0/24", "10.2.0.0/16"),
                third = path("10.1.2.0/24", "10.2.0.0/16");
  second.mtu = 1438;
  second.source_hint = address("10.1.1.1");
  third.mtu = 1400;
  third.source_hint = address("10.1.2.1");
  const RoutingPlan made = plan({first, second, third});
  REQUIRE(made.routes.size() == 1);
  CHECK(made.routes[0] == Route{prefix("10.2.0.0/16"), "ipsec0", address("10.1.1.1"), 1400});
  CHECK(made.guarded.size() == 3);
}

TEST_CASE("the same path twice is one set of routes and rules") {
  const ProtectedPath one = path("10.1.0.0/16", "0.0.0.0/0");
  CHECK(plan({one, one}) == plan({one}));
}

TEST_CASE("a local network inside the remote one gets a throw route, and passes the guard as a source") {
  const RoutingPlan made = plan({path("10.1.0.0/16", "0.0.0.0/0")});
  REQUIRE(route_to(made, "10.1.0.0/16") != nullptr);
  CHECK(route_to(made, "10.1.0.0/16")->device.empty());
  REQUIRE(made.guarded.size() == 2);
  CHECK(made.guarded[1] == GuardPair{true, prefix("10.1.0.0/16"), prefix("0.0.0.0/0")});
  const auto passes = rules_of(made.guarded[1], {});
  REQUIRE(passes.size() == 1);
  CHECK(passes[0].priority == 7303);
  CHECK(passes[0].from == prefix("10.1.0.0/16"));
  CHECK(passes[0].target == 7305);
}

TEST_CASE("a rule against everything is two halves, so that none is mistaken for another") {
  const auto rules = stand_ins(plan({path("10.1.0.0/16", "10.2.0.0/16"), path("10.1.0.0/16", "11.0.0.0/8")}));
  REQUIRE(rules.size() == 2);
  CHECK(rules[0].from == prefix("10.2.0.0/16"));
  CHECK(rules[0].to == prefix("10.1.0.0/16"));
  CHECK(rules[0].priority == 7304);
  const auto four = rules_of({false, prefix("0.0.0.0/0"), prefix("10.1.0.0/16")}, {});
  REQUIRE(four.size() == 2);
  CHECK(four[0].from == prefix("0.0.0.0/1"));
  CHECK(four[1].from == prefix("128.0.0.0/1"));
  const auto six = rules_of({false, prefix("::/0"), prefix("2001:db8:1::/48")}, {});
  REQUIRE(six.size() == 2);
  CHECK(six[0].from == prefix("::/1"));
  CHECK(six[1].from == prefix("8000::/1"));
}

TEST_CASE("what one peer's path calls local and another's remote goes to that other peer") {
  // A hub between two spokes: no throw route may send the one spoke's packets out in clear.
  const RoutingPlan made = plan({path("10.2.0.0/16", "10.1.0.0/16"), path("10.1.0.0/16", "10.2.0.0/16"),
                                 path("10.2.7.0/24", "10.3.0.0/16")});
  for (const Route& route : made.routes) CHECK(route.device == "ipsec0");
  CHECK(made.routes.size() == 3);
}

TEST_CASE("IKE, ESP and AH of anybody reach our outer address, and their reverse look-ups pass") {
  const RoutingPlan made = plan({path("192.0.2.1/32", "192.0.2.2/32"), path("10.1.0.0/16", "10.2.0.0/16")});
  const auto passes = at(made, 7301);
  REQUIRE(passes.size() == 8);
  for (std::size_t i = 0; i < 8; i += 2) {
    CHECK(passes[i].to == prefix("192.0.2.1/32"));
    CHECK(passes[i].source_port == 0);
    CHECK(passes[i + 1].from == prefix("192.0.2.1/32"));
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

TEST_CASE("a path without an outer address has no passes, and another address brings its own") {
  ProtectedPath trap = path("10.1.0.0/16", "0.0.0.0/0");
  trap.outer_local = {};
  CHECK(at(plan({trap}), 7301).empty());
  CHECK(at(plan({trap, path("10.1.0.0/16", "10.2.0.0/16"), path("10.1.0.0/16", "10.2.0.0/16", "192.0.2.9")}),
           7301)
            .size() == 16);
}

TEST_CASE("all of IPv6 leaves the link-local addresses to the links") {
  const RoutingPlan made = plan({path("2001:db8:1::/48", "::/0", "2001:db8::1")});
  REQUIRE(route_to(made, "fe80::/10") != nullptr);
  CHECK(route_to(made, "fe80::/10")->device.empty());
  CHECK(route_to(plan({path("2001:db8:1::/48", "2001:db8:2::/48")}), "fe80::/10") == nullptr);
}

TEST_CASE("whatever came and went, the plan is that of the paths that are left, and all changes were told") {
  std::vector<ProtectedPath> choices;
  for (const char* local : {"10.1.0.0/16", "10.1.2.0/24", "192.0.2.1/32"}) {
    for (const char* remote : {"0.0.0.0/0", "10.0.0.0/8", "10.2.0.0/16", "10.1.2.0/24", "192.0.2.7/32"}) {
      ProtectedPath one = path(local, remote, choices.size() % 3 == 0 ? "192.0.2.9" : "192.0.2.1");
      one.mtu = choices.size() % 4 == 0 ? 0 : static_cast<std::uint32_t>(1300 + choices.size());
      if (choices.size() % 2 == 0) one.source_hint = address("10.1.0." + std::to_string(choices.size()));
      choices.push_back(one);
    }
  }
  choices.push_back(path("2001:db8:1::/48", "::/0", "2001:db8::1"));
  ProtectedPaths paths("ipsec0", {}, 500, 4500);
  std::vector<ProtectedPath> present;
  std::map<base::Prefix, Route> routes;
  std::set<GuardPair> pairs;
  std::minstd_rand random(7);
  for (int step = 0; step < 2000; ++step) {
    if (!present.empty() && random() % 2 == 0) {
      const auto gone = present.begin() + static_cast<std::ptrdiff_t>(random() % present.size());
      paths.remove(*gone);
      present.erase(gone);
    } else {
      present.push_back(choices[random() % choices.size()]);
      paths.add(present.back());
    }
    const RoutingPlan expected = plan(present);
    REQUIRE(paths.plan() == expected);
    // Who follows the changes alone arrives at the same.
    const ProtectedPaths::Changed changed = paths.take_changed();
    for (const base::Prefix& destination : changed.destinations) {
      routes.erase(destination);
      if (const auto route = paths.route_to(destination)) routes[destination] = *route;
    }
    for (const GuardPair& pair : changed.pairs) {
      pairs.erase(pair);
      if (paths.is_guarded(pair)) pairs.insert(pair);
    }
    std::vector<Route> followed;
    for (const auto& [destination, route] : routes) followed.push_back(route);
    REQUIRE(followed == expected.routes);
    REQUIRE(std::vector<GuardPair>(pairs.begin(), pairs.end()) == expected.guarded);
  }
}

TEST_CASE("a bypass opens the netfilter guard between two drops, and no rule stands in for it") {
  tun::ClearPolicy bypass, protects;
  bypass.priority = 100;
  bypass.bypass = true;
  bypass.from = prefix("10.2.0.0/16");
  bypass.to = prefix("10.1.0.0/16");
  protects = bypass;
  protects.priority = 192;
  protects.bypass = false;
  protects.from = prefix("10.2.7.0/24");
  ProtectedPaths paths("ipsec0", {}, 500, 4500);
  paths.add(path("10.1.0.0/16", "10.2.0.0/16"));
  paths.add(protects);
  paths.take_changed();
  paths.add(protects);
  CHECK_FALSE(paths.has_changed());
  paths.add(bypass);
  CHECK(paths.has_changed());
  const RoutingPlan made = paths.plan();
  REQUIRE(made.guarded.size() == 3);
  CHECK(stand_ins(made).size() == 1);
  GuardPair hold{false, prefix("10.2.7.0/24"), prefix("10.1.0.0/16")};
  hold.level = 100;
  CHECK(paths.is_guarded(hold));
  CHECK(paths.take_changed().pairs.size() == 2);
  paths.remove(bypass);
  CHECK(paths.plan().guarded.size() == 1);
  CHECK(paths.take_changed().pairs.size() == 2);
}

TEST_CASE("a path that is routed alone keeps nothing out, and one that is kept out alone is not routed") {
  ProtectedPath routed = path("10.1.0.0/16", "10.2.0.0/16"), kept_out = path("10.1.0.0/16", "10.3.0.0/16");
  routed.use = tun::PathUse::routed;
  kept_out.use = tun::PathUse::kept_out;
  const RoutingPlan made = plan({routed, kept_out});
  CHECK(route_to(made, "10.2.0.0/16") != nullptr);
  CHECK(route_to(made, "10.3.0.0/16") == nullptr);
  CHECK(made.guarded == std::vector{GuardPair{false, prefix("10.3.0.0/16"), prefix("10.1.0.0/16")}});

  ProtectedPaths paths("ipsec0", {}, 500, 4500);
  paths.add(routed);
  paths.add(kept_out);
  paths.remove(routed);
  paths.remove(kept_out);
  CHECK(paths.plan() == RoutingPlan{});
}

TEST_CASE("the networks in front of us stay reachable where all that goes out is discarded") {
  ProtectedPath all = path("10.1.0.0/16", "0.0.0.0/0");
  all.use = tun::PathUse::routed;
  const RoutingPlan made = plan({all});
  REQUIRE(route_to(made, "10.1.0.0/16") != nullptr);
  CHECK(route_to(made, "10.1.0.0/16")->device.empty());
  CHECK(made.guarded.empty());
}
