#include <catch2/catch_test_macros.hpp>

#include "apps/daemon/ike_inbox.h"
#include "apps/daemon/listeners.h"
#include "apps/daemon/peer_finder.h"
#include "apps/daemon/pending_requests.h"
#include "apps/daemon/routing.h"

using namespace daemon_app;

namespace {

base::IpAddress ip(const char* text) { return *base::IpAddress::parse(text); }

}  // namespace

TEST_CASE("a packet leaves by the socket of its own address, else by the unspecified one of its family") {
  const std::vector<base::IpAddress> sockets{ip("0.0.0.0"), ip("192.0.2.1"), ip("::")};
  const auto choose = [&](const char* local) {
    return choose_socket(sockets.size(), ip(local), [&](std::size_t i) { return sockets[i]; });
  };
  CHECK(choose("192.0.2.1") == 1);
  CHECK(choose("192.0.2.2") == 0);
  CHECK(choose("2001:db8::1") == 2);
}

TEST_CASE("without a socket for its family a packet has none") {
  const std::vector<base::IpAddress> sockets{ip("192.0.2.1")};
  CHECK(choose_socket(1, ip("::1"), [&](std::size_t i) { return sockets[i]; }) == 1);
  CHECK(choose_socket(1, ip("192.0.2.2"), [&](std::size_t i) { return sockets[i]; }) == 1);
}

TEST_CASE("a request hears its steps and its outcome once, and nothing after it was dropped") {
  PendingRequests requests;
  std::vector<std::string> heard;
  const auto id =
      requests.add([&](const std::string& text) { heard.push_back(text); },
                   [&](const base::Status& s) { heard.push_back(s.has_error() ? "failed" : "done"); });
  const auto dropped = requests.add([&](const std::string&) { heard.push_back("?"); },
                                    [&](const base::Status&) { heard.push_back("?"); });
  requests.step(id, "sent");
  CHECK(requests.drop(dropped));
  CHECK_FALSE(requests.drop(dropped));
  requests.step(dropped, "late");
  requests.finish(dropped, {});
  requests.finish(id, base::local_error("no"));
  requests.finish(id, {});
  CHECK(heard == std::vector<std::string>{"sent", "failed"});
}

TEST_CASE("addresses are joined with the source towards them, and those without a route are left out") {
  const auto source_for = [](const base::IpAddress& remote) -> base::Result<base::IpAddress> {
    if (remote.is_v6()) return base::local_error("network is unreachable");
    return ip("192.0.2.9");
  };
  const auto done =
      with_local_addresses(ikev2::JobId(5), std::vector{ip("2001:db8::1"), ip("198.51.100.1")}, source_for);
  CHECK(done.job == ikev2::JobId(5));
  REQUIRE_FALSE(done.status.has_error());
  REQUIRE(done.addresses.size() == 1);
  CHECK(done.addresses[0].remote == ip("198.51.100.1"));
  CHECK(done.addresses[0].local == ip("192.0.2.9"));

  const auto none = with_local_addresses(ikev2::JobId(6), std::vector{ip("2001:db8::1")}, source_for);
  REQUIRE(none.status.has_error());
  CHECK(none.status.error().reason == "no way to 2001:db8::1: network is unreachable");
}

TEST_CASE("an address in text needs no name server") {
  const auto v6 = resolve("2001:db8::7");
  REQUIRE_FALSE(v6.has_error());
  CHECK(*v6 == std::vector{ip("2001:db8::7")});
}

TEST_CASE("an address in text is answered at once, and never waits behind a name") {
  std::vector<base::IpAddress> answered;
  Resolver resolver([&](ikev2::JobId job, Resolver::Addresses addresses) {
    if (job == ikev2::JobId(4)) answered = std::move(*addresses);
  });
  CHECK(resolver.submit({ikev2::JobId(4), "192.0.2.7"}));
  CHECK(answered == std::vector{ip("192.0.2.7")});
}

TEST_CASE("the inbox carries what a shard pushes, in order, and refuses and counts when it is full") {
  auto inbox = IkeInbox::open();
  REQUIRE_FALSE(inbox.has_error());
  CHECK((*inbox)->push(StrayIke{{ip("192.0.2.1"), 4500}, {ip("192.0.2.2"), 4500}, {1, 2, 3}}));
  CHECK((*inbox)->push(ikev2::ChildEvent{ikev2::PacketSeen{base::ChildId(9)}}));
  std::vector<FromShard> got;
  (*inbox)->drain([&](FromShard&& element) { got.push_back(std::move(element)); });
  REQUIRE(got.size() == 2);
  CHECK(std::get<StrayIke>(got[0]).message == base::Bytes{1, 2, 3});
  CHECK(std::get<ikev2::PacketSeen>(std::get<ikev2::ChildEvent>(got[1])).child == base::ChildId(9));

  for (std::size_t i = 0; i < IkeInbox::kCapacity; ++i) REQUIRE((*inbox)->push(StrayIke{}));
  CHECK((*inbox)->lost() == 0);
  CHECK_FALSE((*inbox)->push(StrayIke{}));
  CHECK((*inbox)->lost() == 1);
}

TEST_CASE("what policies say of packets in clear is from the remote side, with types of ICMP as ports") {
  RoutedChild child;
  const auto set = [&](const char* local, const char* remote) {
    child.selectors = {{*spd::TrafficSelector::parse(local)}, {*spd::TrafficSelector::parse(remote)}};
    return clear_policies_of(child).value();
  };
  auto one = set("10.1.0.0/16|udp/53", "10.2.0.0/16|udp/1000");
  REQUIRE(one.size() == 1);
  CHECK(one[0].from.text() == "10.2.0.0/16");
  CHECK(one[0].to.text() == "10.1.0.0/16");
  CHECK(one[0].ip_protocol == base::ip_protocol::kUdp);
  CHECK(one[0].from_ports == tun::PortBlock{1000, 16});
  CHECK(one[0].to_ports == tun::PortBlock{53, 16});
  CHECK_FALSE(one[0].bypass);
  CHECK(one[0].priority == spd::priority_of(child.selectors));
  one = set("10.1.0.0/16|icmp/8", "10.2.0.0/16|icmp/0-8.1");
  REQUIRE(one.size() == 1);
  CHECK(one[0].from_ports == tun::PortBlock{8 << 8, 15});
  CHECK(one[0].to_ports == tun::PortBlock{});
  CHECK(set("10.1.0.0/16|icmp/8", "10.2.0.0/16|icmp/0").empty());
  CHECK(set("10.1.0.0/16|udp/opaque", "10.2.0.0/16|udp").at(0).to_ports == tun::PortBlock{});
  child.bypass = true;
  CHECK(set("10.1.0.0/16|udp/opaque", "10.2.0.0/16|udp").empty());
  child.bypass = false;
  CHECK(set("10.1.0.0/16|udp", "10.2.0.0/16|tcp").empty());
  CHECK(set("10.1.0.0/16|50", "10.2.0.0/16").at(0).ip_protocol == base::ip_protocol::kEsp);
  child.use = tun::PathUse::routed;
  CHECK(set("10.1.0.0/16", "10.2.0.0/16").empty());
}

TEST_CASE("a child's paths pair its prefixes by family, with one of our addresses inside as source") {
  RoutedChild child;
  child.selectors.local = {*spd::TrafficSelector::parse("192.168.124.0/24"),
                           *spd::TrafficSelector::parse("2001:db8:1::/48")};
  child.selectors.remote = {*spd::TrafficSelector::parse("192.168.125.0/24|tcp/80"),
                            *spd::TrafficSelector::parse("192.168.125.0/24|udp/53"),
                            *spd::TrafficSelector::parse("10.0.0.0-10.0.2.255")};
  child.inner_mtu = 1400;
  const std::vector<tun::LocalAddress> ours{{"eth0", ip("192.0.2.1"), 24}, {"eth1", ip("192.168.124.1"), 24}};
  const auto paths = paths_of(child, ours);
  REQUIRE(paths.size() == 3);
  CHECK(paths[0].remote.text() == "192.168.125.0/24");
  CHECK(paths[1].remote.text() == "10.0.0.0/23");
  CHECK(paths[2].remote.text() == "10.0.2.0/24");
  for (const auto& path : paths) {
    CHECK(path.local.text() == "192.168.124.0/24");
    CHECK(path.source_hint == ip("192.168.124.1"));
    CHECK(path.mtu == 1400);
  }
}

TEST_CASE(
    "of what a peer offers, more pairs of prefixes than a child may have are refused, and the number told") {
  // The most selectors that a payload holds, each a range of sixteen prefixes; protocols apart they are the
  // same.
  const auto offered = [](int nets, const std::string& first) {
    spd::TrafficSelectors out;
    for (int i = 0; i < nets; ++i) {
      const std::string net = first + std::to_string(i);
      for (const char* protocol : {"|tcp", "|udp"})
        out.push_back(*spd::TrafficSelector::parse(net + ".0.1-" + net + ".0.254" + protocol));
    }
    return out;
  };
  CHECK_FALSE(check_selectors({offered(9, "10."), offered(9, "172.")}).has_error());
  const base::Status refused = check_selectors({offered(127, "10."), offered(127, "172.")});
  REQUIRE(refused.has_error());
  CHECK(refused.error().reason.find("3161284 pairs of prefixes") != std::string::npos);
  RoutedChild child;
  child.selectors = {offered(9, "10."), offered(9, "172.")};
  CHECK(paths_of(child, {}).size() == 126 * 126);
}
