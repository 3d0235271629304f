// tun and comp with no ESP and no AH around.
#include <catch2/catch_test_macros.hpp>

#include "tests/unit/apps/manual/harness.h"

using namespace manual_test;
using base::IpFamily;
namespace protocol = base::ip_protocol;

namespace {

struct World {
  config_test::TemporaryDirectory folder;
  Tables t{folder / "counters"};

  ManualOutcome both(const char* name, bool alone) {
    json sa = {{"protocol", name}, {"spi", 0x3d0}, {"alone", alone}};
    sa["source"] = "192.168.100.3";
    sa["destination"] = "192.168.100.2";
    ManualOutcome out = t.sa(sa);
    if (!out.ok()) return out;
    std::swap(sa["source"], sa["destination"]);
    return t.sa(sa);
  }
  void route(const char* said, const char* from = "10.0.0.0/8", const char* to = "10.9.0.0/16") {
    REQUIRE(t.eroute({{"source", from}, {"destination", to}, {"said", said}}).ok());
  }
  std::multiset<std::pair<IpFamily, std::uint8_t>> received() { return t.port.plain; }
};

std::vector<base::Said> group_to(const char* destination) {
  return {{protocol::kIpIp, base::Spi(0x3d0), ip(destination)},
          {protocol::kComp, base::Spi(0x3d0), ip(destination)}};
}

}  // namespace

TEST_CASE("tun waits for a group, unless it is made to stand alone") {
  World w;
  w.route("tun0x3d0@192.168.100.2");
  SECTION("it waits") {
    REQUIRE(w.both("tun", false).ok());
    CHECK(w.t.port.sender("10.0.0.1", "10.9.0.1") == nullptr);
    CHECK(w.received().empty());
  }
  SECTION("it stands alone, and says that its packets are in clear") {
    const ManualOutcome added = w.both("tun", true);
    REQUIRE(added.ok());
    CHECK(added.warnings.at(0).find("in clear") != std::string::npos);
    REQUIRE(w.t.port.sender("10.0.0.1", "10.9.0.1") != nullptr);
    CHECK(w.t.port.sender("10.0.0.1", "10.9.0.1")->params.transform == esp::Transform::tun);
    CHECK(w.t.port.sender("10.0.0.1", "10.9.0.1")->params.mode == esp::Mode::tunnel);
    CHECK(w.received() == std::multiset<std::pair<IpFamily, std::uint8_t>>{{IpFamily::v4, protocol::kIpIp},
                                                                           {IpFamily::v4, protocol::kIpv6}});
    const RoutedChild& routed = w.t.port.routes.begin()->second;
    CHECK(routed.plain == std::vector{protocol::kIpIp, protocol::kIpv6});
    CHECK(routed.outer_remote == ip("192.168.100.2"));
    CHECK(routed.use == tun::PathUse::both);
    REQUIRE(w.t.table.clear_sas().ok());
    CHECK(w.received().empty());
    CHECK(w.t.port.routes.begin()->second.plain.empty());
  }
}

TEST_CASE("A tunnel in clear brings what an inbound policy says, and else what its peer itself sends") {
  World w;
  REQUIRE(w.both("tun", true).ok());
  const auto takes = [&](const char* local, const char* remote) {
    return w.t.port.sad.find_tunnel(ip("192.168.100.3"), ip("192.168.100.2"),
                                    {ip(local), ip(remote), 0, 0, 17, true}) != nullptr;
  };
  CHECK_FALSE(takes("10.0.0.1", "10.9.0.1"));
  CHECK_FALSE(takes("192.168.100.3", "10.9.0.1"));
  CHECK(takes("192.168.100.3", "192.168.100.2"));
  REQUIRE(w.t.eroute({{"direction", "inbound"},
                      {"source", "192.168.0.0/16"},  // the outer addresses lie in it, and open nothing more
                      {"destination", "192.168.0.0/16"},
                      {"said", "tun0x3d0@192.168.100.3"}})
              .ok());
  CHECK(takes("192.168.1.1", "192.168.2.2"));
  CHECK_FALSE(takes("192.168.1.1", "10.0.0.1"));
  REQUIRE(w.t.table.clear_policies(config::ManualPolicy::kEroutes).ok());
  CHECK_FALSE(takes("192.168.1.1", "192.168.2.2"));
}

TEST_CASE(
    "tun and comp in a group are received with and without IPComp, and the group says that it is in clear") {
  World w;
  REQUIRE(w.both("tun", false).ok());
  REQUIRE(w.both("comp", false).ok());
  w.route("tun0x3d0@192.168.100.2");
  const ManualOutcome grouped = w.t.table.add_group(group_to("192.168.100.2"));
  REQUIRE(grouped.ok());
  CHECK(grouped.warnings.at(0).find("in clear") != std::string::npos);
  REQUIRE(w.t.table.add_group(group_to("192.168.100.3")).ok());
  CHECK(w.received().count({IpFamily::v4, protocol::kComp}) == 1);
  CHECK(w.received().count({IpFamily::v4, protocol::kIpIp}) == 1);
  CHECK(w.t.port.routes.begin()->second.use == tun::PathUse::both);
  REQUIRE(w.t.table.delete_group(base::Said{protocol::kComp, base::Spi(0x3d0), ip("192.168.100.3")}).ok());
  CHECK(w.received().empty());
}

TEST_CASE("IPComp between two hosts has no guard, since what does not become smaller comes in clear") {
  World w;
  REQUIRE(w.both("comp", true).ok());
  w.route("comp0x3d0@192.168.100.2", "192.168.100.3/32", "192.168.100.2/32");
  CHECK(w.received() == std::multiset<std::pair<IpFamily, std::uint8_t>>{{IpFamily::v4, protocol::kComp}});
  CHECK(w.t.port.routes.begin()->second.use == tun::PathUse::routed);
}

TEST_CASE("What stands alone joins no group, and esp stands without being told to") {
  World w;
  REQUIRE(w.both("tun", true).ok());
  REQUIRE(w.both("comp", false).ok());
  CHECK(w.t.table.add_group(group_to("192.168.100.2")).reason ==
        "tun0x3d0@192.168.100.2 was made to stand alone");
  json esp = klips_sa(0x3e8, "192.168.100.2");
  esp["alone"] = true;
  CHECK(w.t.sa(esp).reason == "alone is for tun and comp: esp and ah need no group");
}

TEST_CASE("Without the right to receive it the SA is refused, and nothing of it stays") {
  World w;
  w.t.port.may_receive = false;
  CHECK(w.both("tun", true).reason == "raw socket: Operation not permitted");
  CHECK(w.t.table.sas().size() == 1);  // the one that goes out
  CHECK(w.t.port.sad.inbound().empty());
  CHECK(w.received().empty());
}
