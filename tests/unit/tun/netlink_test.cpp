#include "tun/netlink.h"

#include <array>
#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>
#include <cstdio>

#include "fixture.h"

using namespace fixture;
using base::IpFamily;
using Catch::Matchers::ContainsSubstring;
using tun::Netlink;
using tun::Route;
using tun::Rule;

namespace {

std::string output_of(const std::string& command) {
  FILE* pipe = popen(command.c_str(), "r");
  REQUIRE(pipe != nullptr);
  std::string out;
  std::array<char, 512> chunk;
  while (const std::size_t got = fread(chunk.data(), 1, chunk.size(), pipe)) out.append(chunk.data(), got);
  pclose(pipe);
  return out;
}

// Two ends of one link, with addresses, here and over there.
void make_link() {
  shell("ip link add eth0 type veth peer name eth1 && ip link set eth0 up && ip link set eth1 up");
  give_address("eth0", "192.0.2.1", 24);
  give_address("eth0", "2001:db8::1", 64);
}

}  // namespace

TEST_CASE("a device goes up and down, and takes its MTU and queue length") {
  const Namespace space;
  const Inside inside(space);
  make_link();
  const auto netlink = must(Netlink::open({}));
  must(netlink->set_mtu("eth0", 1400));
  must(netlink->set_queue_length("eth0", 4000));
  CHECK_THAT(output_of("ip link show eth0"), ContainsSubstring("mtu 1400") && ContainsSubstring("qlen 4000"));
  must(netlink->set_link_up("eth0", false));
  CHECK_THAT(output_of("ip link show eth0"), !ContainsSubstring("UP"));
  must(netlink->set_link_up("eth0", true));
  CHECK_THAT(output_of("ip link show eth0"), ContainsSubstring("UP"));
}

TEST_CASE("the error of a device that is not there names it") {
  const Namespace space;
  const Inside inside(space);
  const auto netlink = must(Netlink::open({}));
  const auto status = netlink->set_link_up("absent0", true);
  REQUIRE(status.has_error());
  CHECK_THAT(status.error().reason, ContainsSubstring("absent0"));
  CHECK(netlink->set_mtu("", 1400).has_error());
  CHECK(netlink->add_route({prefix("10.2.0.0/16"), "absent0", {}, 0}).has_error());
}

TEST_CASE("addresses are added, listed and removed, and doing so again succeeds") {
  const auto [text, length] = GENERATE(table<std::string, int>({{"10.9.0.1", 24}, {"2001:db8:9::1", 64}}));
  const Namespace space;
  const Inside inside(space);
  make_link();
  const auto netlink = must(Netlink::open({}));
  const auto listed = [&] {
    for (const tun::LocalAddress& one : must(netlink->addresses())) {
      if (one.device == "eth0" && one.address == address(text) && one.prefix_length == length) return true;
    }
    return false;
  };
  CHECK_FALSE(listed());
  for (int i = 0; i < 2; ++i) must(netlink->add_address("eth0", address(text), length));
  CHECK(listed());
  for (int i = 0; i < 2; ++i) must(netlink->remove_address("eth0", address(text), length));
  CHECK_FALSE(listed());
}

TEST_CASE("the source and the MTU towards a destination are the kernel's for our mark") {
  const Namespace space;
  const Inside inside(space);
  make_link();
  give_address("eth0", "192.0.2.2", 24);
  give_address("eth0", "2001:db8::2", 64);
  shell("ip route add 198.51.100.0/24 via 192.0.2.9 src 192.0.2.2 mtu 1300");
  shell("ip route add 2001:db8:77::/48 via 2001:db8::9 src 2001:db8::2 mtu 1290");
  const auto netlink = must(Netlink::open({}));
  CHECK(must(netlink->source_for(address("192.0.2.9"))) == address("192.0.2.1"));
  CHECK(must(netlink->mtu_towards(address("192.0.2.9"))) == 1500);
  CHECK(must(netlink->source_for(address("198.51.100.9"))) == address("192.0.2.2"));
  CHECK(must(netlink->mtu_towards(address("198.51.100.9"))) == 1300);
  CHECK(must(netlink->source_for(address("2001:db8:77::9"))) == address("2001:db8::2"));
  CHECK(must(netlink->mtu_towards(address("2001:db8:77::9"))) == 1290);
  CHECK(must(netlink->mtu_towards(address("2001:db8::9"))) == 1500);
  const auto nowhere = netlink->source_for(address("203.0.113.1"));
  REQUIRE(nowhere.has_error());
  CHECK_THAT(nowhere.error().reason, ContainsSubstring("203.0.113.1"));
  CHECK(netlink->source_for({}).has_error());
  // A rule for everybody else does not deceive the look-up with our mark.
  shell("ip rule add not fwmark 0x1ce2 blackhole priority 5");
  CHECK(must(netlink->source_for(address("192.0.2.9"))) == address("192.0.2.1"));
}

TEST_CASE("routes are made in our table under our number, replaced, and removed twice without complaint") {
  const Namespace space;
  const Inside inside(space);
  make_link();
  const auto netlink = must(Netlink::open({}));
  const Route v4{prefix("10.2.0.0/16"), "eth0", address("192.0.2.1"), 1400};
  const Route v6{prefix("2001:db8:2::/48"), "eth0", address("2001:db8::1"), 1380};
  const Route all4{prefix("0.0.0.0/0"), "eth0", {}, 0}, all6{prefix("::/0"), "eth0", {}, 0};
  const Route throw4{prefix("10.1.0.0/16"), "", {}, 0}, throw6{prefix("2001:db8:1::/48"), "", {}, 0};
  for (int i = 0; i < 2; ++i) {
    for (const Route& route : {v4, v6, all4, all6, throw4, throw6}) must(netlink->add_route(route));
  }
  CHECK(must(netlink->count_ours()) == 6);
  const std::string table4 = output_of("ip route show table 7362");
  CHECK_THAT(table4, ContainsSubstring("10.2.0.0/16 dev eth0 proto 173 scope link src 192.0.2.1 mtu 1400"));
  CHECK_THAT(table4, ContainsSubstring("default dev eth0") && ContainsSubstring("throw 10.1.0.0/16"));
  const std::string table6 = output_of("ip -6 route show table 7362");
  CHECK_THAT(table6, ContainsSubstring("2001:db8:2::/48 dev eth0 proto 173 src 2001:db8::1"));
  CHECK_THAT(table6, ContainsSubstring("default dev eth0") && ContainsSubstring("throw 2001:db8:1::/48"));
  Route smaller = v4;
  smaller.mtu = 1300;
  must(netlink->add_route(smaller));
  CHECK_THAT(output_of("ip route show table 7362"),
             ContainsSubstring("mtu 1300") && !ContainsSubstring("mtu 1400"));
  for (int i = 0; i < 2; ++i) {
    for (const Route& route : {v4, v6, all4, all6, throw4, throw6}) must(netlink->remove_route(route));
  }
  CHECK(must(netlink->count_ours()) == 0);
}

TEST_CASE("rules of every kind are made under our number, and removed twice without complaint") {
  const auto family = GENERATE(IpFamily::v4, IpFamily::v6);
  const bool v4 = family == IpFamily::v4;
  const Namespace space;
  const Inside inside(space);
  const auto netlink = must(Netlink::open({}));
  Rule nop;
  nop.family = family;
  nop.priority = 7309;
  nop.action = Rule::Action::nop;
  Rule marked = nop;
  marked.priority = 7300;
  marked.action = Rule::Action::go_to;
  marked.target = 7309;
  marked.mark = 0x1ce2;
  Rule ports = marked;
  ports.mark.reset();
  ports.priority = 7301;
  ports.from = prefix(v4 ? "192.0.2.2/32" : "2001:db8::2/128");
  ports.to = prefix(v4 ? "192.0.2.1/32" : "2001:db8::1/128");
  ports.ip_protocol = 17;
  ports.source_port = 4500;
  ports.destination_port = 500;
  Rule guard = nop;
  guard.priority = 7304;
  guard.action = Rule::Action::blackhole;
  guard.from = prefix(v4 ? "0.0.0.0/0" : "::/0");
  guard.to = prefix(v4 ? "10.1.0.0/16" : "2001:db8:1::/48");
  Rule table = nop;
  table.priority = 7305;
  table.action = Rule::Action::lookup;
  table.table = 7362;
  table.in_interface = "lo";
  table.invert = true;
  const std::vector<Rule> all = {nop, marked, ports, guard, table};
  for (int i = 0; i < 2; ++i) {
    for (const Rule& rule : all) must(netlink->add_rule(rule));
  }
  CHECK(must(netlink->count_ours()) == 5);
  const std::string shown = output_of(v4 ? "ip -4 rule show" : "ip -6 rule show");
  CHECK_THAT(shown, ContainsSubstring("from all fwmark 0x1ce2 goto 7309 proto 173"));
  CHECK_THAT(shown, ContainsSubstring("ipproto udp sport 4500 dport 500 goto 7309 proto 173"));
  CHECK_THAT(shown, ContainsSubstring("7304:\tfrom all to ") && ContainsSubstring("blackhole proto 173"));
  CHECK_THAT(shown, ContainsSubstring("not from all iif lo lookup 7362 proto 173"));
  for (int i = 0; i < 2; ++i) {
    for (const Rule& rule : all) must(netlink->remove_rule(rule));
  }
  CHECK(must(netlink->count_ours()) == 0);
}

TEST_CASE("remove_all takes what a predecessor left, and nothing else") {
  const Namespace space;
  const Inside inside(space);
  make_link();
  shell(
      "ip route add 10.5.0.0/16 dev eth0 table 7362 && ip rule add priority 7302 to 10.5.0.0/16 lookup 7362");
  shell("ip -6 rule add priority 7302 to 2001:db8:5::/48 lookup 7362");
  const std::string rules_before = output_of("ip rule show; ip -6 rule show");
  {
    const auto predecessor = must(Netlink::open({}));
    for (const auto family : {IpFamily::v4, IpFamily::v6}) {
      const bool v4 = family == IpFamily::v4;
      must(predecessor->add_route({prefix(v4 ? "10.2.0.0/16" : "2001:db8:2::/48"), "eth0", {}, 1400}));
      must(predecessor->add_route({prefix(v4 ? "0.0.0.0/0" : "::/0"), "eth0", {}, 0}));
      must(predecessor->add_route({prefix(v4 ? "10.1.0.0/16" : "2001:db8:1::/48"), "", {}, 0}));
      Rule rule;
      rule.family = family;
      rule.priority = 7309;
      rule.action = Rule::Action::nop;
      must(predecessor->add_rule(rule));
      rule.priority = 7301;
      rule.action = Rule::Action::go_to;
      rule.target = 7309;
      rule.in_interface = "lo";
      rule.ip_protocol = 17;
      rule.destination_port = 4500;
      must(predecessor->add_rule(rule));
      rule.priority = 7302;
      rule.target = 8888;  // is not there: an unresolved rule
      rule.invert = true;
      must(predecessor->add_rule(rule));
    }
  }
  const auto netlink = must(Netlink::open({}));
  CHECK(must(netlink->count_ours()) == 12);
  must(netlink->remove_all());
  CHECK(must(netlink->count_ours()) == 0);
  CHECK(output_of("ip rule show; ip -6 rule show") == rules_before);
  CHECK_THAT(output_of("ip route show table 7362"),
             ContainsSubstring("10.5.0.0/16") && !ContainsSubstring("10.2."));
  must(netlink->remove_all());
}

TEST_CASE("hundreds of routes and rules are listed and removed whole") {
  const Namespace space;
  const Inside inside(space);
  make_link();
  const auto netlink = must(Netlink::open({}));
  Rule rule;
  rule.priority = 7304;
  rule.action = Rule::Action::blackhole;
  for (std::uint32_t i = 0; i < 400; ++i) {
    const base::Prefix one{base::IpAddress::v4((10u << 24) | (i << 8)), 24};
    must(netlink->add_route({one, "eth0", {}, 0}));
    rule.to = one;
    must(netlink->add_rule(rule));
  }
  CHECK(must(netlink->count_ours()) == 800);
  must(netlink->remove_all());
  CHECK(must(netlink->count_ours()) == 0);
}
