#include "tun/netlink_watch.h"

#include <catch2/catch_test_macros.hpp>

#include "fixture.h"

using namespace fixture;
using tun::NetlinkWatch;

namespace {

bool readable(const NetlinkWatch& watch) {
  pollfd one{watch.descriptor(), POLLIN, 0};
  return poll(&one, 1, 1000) == 1;
}
bool silent(const NetlinkWatch& watch) {
  pollfd one{watch.descriptor(), POLLIN, 0};
  return poll(&one, 1, 0) == 0;
}

}  // namespace

TEST_CASE("an address that comes or goes, and a route, are told") {
  const Namespace space;
  const Inside inside(space);
  shell("ip link add eth0 type veth peer name eth1 && ip link set eth0 up && ip link set eth1 up");
  const auto watch = must(NetlinkWatch::open({}, ""));
  give_address("eth0", "192.0.2.1", 24);
  REQUIRE(readable(*watch));
  CHECK(watch->drain());
  CHECK_FALSE(watch->drain());
  shell("ip route add 198.51.100.0/24 via 192.0.2.2");
  REQUIRE(readable(*watch));
  CHECK(watch->drain());
  shell("ip addr del 192.0.2.1/24 dev eth0");
  REQUIRE(readable(*watch));
  CHECK(watch->drain());
}

TEST_CASE("routes through our own device, and our own routes, are passed over; its addresses are not") {
  const Namespace space;
  const Inside inside(space);
  // Else link-local addresses come when they like.
  write_setting("/proc/sys/net/ipv6/conf/default/disable_ipv6", "1");
  shell("ip link add eth0 type veth peer name eth1 && ip link set eth0 up && ip link set eth1 up");
  give_address("eth0", "192.0.2.1", 24);
  const tun::RoutingOptions options;
  const auto netlink = must(tun::Netlink::open(options));
  const auto watch = must(NetlinkWatch::open(options, "eth1"));
  watch->drain();
  shell("ip route add 203.0.113.0/24 dev eth1");
  must(netlink->add_route({*base::Prefix::parse("198.51.100.0/24"), "eth0", {}, 0}));
  CHECK_FALSE(silent(*watch));
  CHECK_FALSE(watch->drain());
  give_address("eth1", "203.0.113.1", 32);
  REQUIRE(readable(*watch));
  CHECK(watch->drain());
}
