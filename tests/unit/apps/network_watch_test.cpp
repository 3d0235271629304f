#include "apps/daemon/network_watch.h"

#include <catch2/catch_test_macros.hpp>

using daemon_app::reachable_addresses;

namespace {

tun::LocalAddress on(const std::string& device, std::string_view address) {
  return {device, *base::IpAddress::parse(address), 24};
}

}  // namespace

TEST_CASE("peers may reach every address but loopback, link-local and those of our own device") {
  const auto found = reachable_addresses(
      {on("lo", "127.0.0.1"), on("lo", "::1"), on("eth0", "192.0.2.1"), on("eth0", "fe80::1"),
       on("eth0", "2001:db8::1"), on("eth1", "169.254.3.4"), on("ipsec0", "10.0.0.1")},
      "ipsec0", {base::IpAddress::v4(0), base::IpAddress::v6(0, 0)});
  REQUIRE(found.size() == 2);
  CHECK(found[0].text() == "192.0.2.1");
  CHECK(found[1].text() == "2001:db8::1");
}

TEST_CASE("peers reach us only where we listen") {
  const auto one = *base::IpAddress::parse("192.0.2.1");
  const auto found = reachable_addresses({on("eth0", "192.0.2.1"), on("eth0", "192.0.2.9")}, "ipsec0", {one});
  REQUIRE(found.size() == 1);
  CHECK(found[0] == one);
}
