// Routes and guard of the children, in a namespace with a device that stands for TUN.

#include "apps/daemon/routing.h"

#include <catch2/catch_test_macros.hpp>
#include <cstdlib>

#include "tests/unit/tun/fixture.h"

using namespace fixture;
using daemon_app::RoutedChild;
using daemon_app::Routing;

namespace {

struct NullLog : base::LogSink {
  void write(const base::LogEvent& event) override { warnings.push_back(event.message); }
  std::vector<std::string> warnings;
};

spd::TrafficSelector selector(const std::string& text) {
  spd::TrafficSelector made;
  made.range = prefix(text).range();
  return made;
}

RoutedChild child(const std::string& remote, std::uint32_t mtu = 1400) {
  return {{{selector("10.1.0.0/16")}, {selector(remote)}}, mtu, address("192.0.2.1")};
}

// Whether our table leads to that destination, and with what beside it.
bool routed(const std::string& destination, const std::string& with = "") {
  return std::system(
             ("ip route show table 7362 " + destination + " | grep -q 'dev ipsec0.*" + with + "'").c_str()) ==
         0;
}

struct Host {
  Host() : inside(space) {
    shell(
        "ip link add ipsec0 type veth peer name other && ip link set other up && ip link set ipsec0 up && ip "
        "link set ipsec0 mtu 1500");
    netlink = must(tun::Netlink::open(options.routing));
    routing.emplace(*netlink, options, "ipsec0", log);
  }
  const Namespace space;
  const Inside inside;
  config::Daemon options;
  NullLog log;
  std::unique_ptr<tun::Netlink> netlink;
  std::optional<Routing> routing;
};

}  // namespace

TEST_CASE("a child that wants the same as another one does not touch what the kernel has") {
  Host host;
  host.routing->put(base::ChildId(1), child("10.2.0.0/16"));
  REQUIRE(routed("10.2.0.0/16"));
  // What would be made again by whoever touches it.
  shell("nft flush ruleset");
  host.routing->put(base::ChildId(2), child("10.2.0.0/16"));
  host.routing->remove(base::ChildId(1));
  shell("! nft list ruleset | grep -q 10.2.0.0");
  REQUIRE(routed("10.2.0.0/16"));
  host.routing->remove(base::ChildId(2));
  CHECK_FALSE(routed("10.2.0.0/16"));
  CHECK(host.log.warnings.empty());
}

TEST_CASE("a bypass stands in the guard as long as it is there, and those before it beside it") {
  Host host;
  const auto listed = [](const std::string& pattern) {
    return std::system(("nft list ruleset | tr -s '\\n\\t ' ' ' | grep -q '" + pattern + "'").c_str()) == 0;
  };
  RoutedChild protects = child("10.2.0.0/16"), bypass = child("10.2.7.0/24", 0), discard = bypass;
  host.routing->put(base::ChildId(1), protects);
  bypass.use = discard.use = tun::PathUse::none;
  bypass.bypass = true;
  bypass.priority = 1000;
  bypass.selectors.remote.front().protocol = bypass.selectors.local.front().protocol =
      base::ip_protocol::kUdp;
  bypass.selectors.local.front().first_port = bypass.selectors.local.front().last_port = 53;
  bypass.interfaces = {"eth0", "eth1"};
  host.routing->put(base::ChildId(2), bypass);
  for (const char* interface : {"eth0", "eth1"}) {
    CHECK(listed(std::string("bypass_24_16_protocol_ports_0_16_") + interface +
                 " .*10.2.7.0 . 10.1.0.0 . \\(udp\\|17\\) . 0 . 53"));
  }
  CHECK_FALSE(listed("hold_"));
  CHECK_FALSE(routed("10.2.7.0/24"));
  discard.priority = 2000;
  host.routing->put(base::ChildId(3), discard);
  CHECK(listed("bypass_1000_24_16_protocol_ports_0_16_eth0"));
  CHECK_FALSE(listed("bypass_24_16_"));
  CHECK(listed("hold_1000_24_16 .*10.2.7.0 . 10.1.0.0"));
  host.routing->remove(base::ChildId(3));
  CHECK_FALSE(listed("hold_"));
  host.routing->remove(base::ChildId(2));
  CHECK_FALSE(listed("bypass_"));
  CHECK(listed("drop_16_16"));
  host.routing->put(base::ChildId(2), bypass);
  host.routing.reset();
  CHECK_FALSE(listed("bypass_"));
  CHECK(host.log.warnings.empty());
}

TEST_CASE("a bypass of too many pairs opens nothing, and says so") {
  Host host;
  RoutedChild bypass = child("10.2.0.0/16");
  bypass.use = tun::PathUse::none;
  bypass.bypass = true;
  auto& remote = bypass.selectors.remote.front();
  auto& local = bypass.selectors.local.front();
  remote.range = {address("10.2.0.1"), address("10.2.255.254")};  // 30 prefixes
  local.protocol = remote.protocol = base::ip_protocol::kUdp;
  local.first_port = remote.first_port = 1;  // 16 blocks each
  host.routing->put(base::ChildId(1), bypass);
  REQUIRE(host.log.warnings.size() == 1);
  CHECK(host.log.warnings.front().find("lets in nothing") != std::string::npos);
  bypass.bypass = false;  // what holds holds for all protocols and ports then
  const auto holds = clear_policies_of(bypass).value();
  CHECK(holds.size() == 30);
  CHECK(holds.front().ip_protocol == 0);
  CHECK_FALSE(holds.front().from_ports.length);
}

TEST_CASE("a child that moves or changes takes its routes along") {
  Host host;
  host.routing->put(base::ChildId(1), child("10.2.0.0/16"));
  host.routing->put(base::ChildId(2), child("10.3.0.0/16"));
  host.routing->put(base::ChildId(1), child("10.3.0.0/16"));
  CHECK_FALSE(routed("10.2.0.0/16"));
  host.routing->put(base::ChildId(2), child("10.3.0.0/16", 1300));
  CHECK(routed("10.3.0.0/16", "mtu 1300"));
  host.routing->remove(base::ChildId(2));
  CHECK(routed("10.3.0.0/16", "mtu 1400"));
}

TEST_CASE("an address that came since is the source of the routes to come, and of those that stand") {
  Host host;
  host.routing->put(base::ChildId(1), child("10.2.0.0/16"));
  CHECK_FALSE(routed("10.2.0.0/16", "src 10.1.0.1"));
  shell("ip addr add 10.1.0.1/32 dev lo");
  host.routing->addresses_changed();
  host.routing->put(base::ChildId(2), child("10.3.0.0/16"));
  CHECK(routed("10.2.0.0/16", "src 10.1.0.1"));
  CHECK(routed("10.3.0.0/16", "src 10.1.0.1"));
  shell("ip addr del 10.1.0.1/32 dev lo");
  host.routing->addresses_changed();
  CHECK(routed("10.2.0.0/16"));
  CHECK_FALSE(routed("10.2.0.0/16", "src 10.1.0.1"));
  CHECK(host.log.warnings.empty());
}

TEST_CASE("the device's MTU follows the child that takes the largest packets") {
  Host host;
  const auto mtu_is = [](const std::string& octets) {
    return std::system(("ip link show ipsec0 | grep -q 'mtu " + octets + " '").c_str()) == 0;
  };
  host.routing->put(base::ChildId(1), child("10.2.0.0/16", 1400));
  CHECK(mtu_is("1400"));
  host.routing->put(base::ChildId(2), child("10.3.0.0/16", 1420));
  CHECK(mtu_is("1420"));
  host.routing->put(base::ChildId(2), child("10.3.0.0/16", 1300));
  CHECK(mtu_is("1400"));
  host.routing->remove(base::ChildId(1));
  CHECK(mtu_is("1300"));
}

TEST_CASE("what failed is tried again with the next child, also one that wants the same") {
  Host host;
  shell("ip link del ipsec0");
  host.routing->put(base::ChildId(1), child("10.2.0.0/16"));
  REQUIRE_FALSE(host.log.warnings.empty());
  shell("ip link add ipsec0 type veth peer name other && ip link set other up && ip link set ipsec0 up");
  host.routing->put(base::ChildId(2), child("10.2.0.0/16"));
  CHECK(routed("10.2.0.0/16"));
}
