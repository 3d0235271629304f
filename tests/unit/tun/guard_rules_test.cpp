// The netfilter guard by itself: what it holds, how it changes, and what it survives.

#include <unistd.h>

#include <catch2/catch_test_macros.hpp>
#include <cstdlib>

#include "fixture.h"
#include "tun/guard.h"
#include "tun/raw_socket.h"
#include "tun/udp_socket.h"

using namespace fixture;
using base::Endpoint;
using base::IpFamily;
using tun::ClearTextGuard;
using tun::GuardPair;
using tun::GuardRule;

namespace {

GuardPair drop(const std::string& from, const std::string& to) { return {false, prefix(from), prefix(to)}; }
GuardPair pass(const std::string& from, const std::string& to) { return {true, prefix(from), prefix(to)}; }
// At a level.
GuardPair bypass(std::int64_t level, const std::string& from, const std::string& to) {
  GuardPair made = pass(from, to);
  made.level = level;
  return made;
}
GuardPair hold(std::int64_t level, const std::string& from, const std::string& to) {
  GuardPair made = drop(from, to);
  made.level = level;
  return made;
}

// What "nft list table" says of a family, as one text.
bool lists(const std::string& family, const std::string& pattern) {
  return std::system(("nft list table " + family + " ikev2d_173 2>&1 | tr -s '\\n\\t ' ' ' | grep -q '" +
                      pattern + "'")
                         .c_str()) == 0;
}

// A host and, on its only link, somebody who sends it packets with any source.
struct Link {
  Link() {
    connect(host, "eth0", other, "eth0");
    {
      const Inside inside(other);
      give_address("eth0", "192.0.2.2", 24);
      spoofer = must(tun::IpSocket::open(IpFamily::v4, 0));
      shell("ip route add default via 192.0.2.1");
    }
    const Inside inside(host);
    give_address("eth0", "192.0.2.1", 24);
    give_address("lo", "10.1.0.1", 32);
    write_setting("/proc/sys/net/ipv4/conf/all/rp_filter", "0");
    write_setting("/proc/sys/net/ipv4/conf/eth0/rp_filter", "0");
    guard = must(ClearTextGuard::open({}));
    tun::UdpOptions options;
    options.bind = {address("10.1.0.1"), 9000};
    own = must(tun::UdpSocket::open(options));
  }
  void send_from(const std::string& source, const std::string& payload) {
    CHECK(send(*spoofer, pool, udp_packet({address(source), 1000}, own->bound(), payload)) == 0);
  }
  std::string next() {
    base::PacketBatch batch;
    receive(*own, pool, batch);
    std::string all;
    for (const base::Frame& got : batch) all += text(got) + ";";
    return all;
  }

  // All that comes until one is `last`, which was sent behind the others.
  std::string until(const std::string& last) {
    std::string all;
    while (all.find(last + ";") == std::string::npos) all += next();
    return all;
  }

  Namespace host, other;
  base::PacketPool pool{80};
  std::unique_ptr<tun::IpSocket> spoofer;
  std::unique_ptr<ClearTextGuard> guard;
  std::unique_ptr<tun::UdpSocket> own;
};

}  // namespace

TEST_CASE("pairs of any lengths drop what is in them and count it, and what may pass is asked first") {
  Link link;
  const Inside inside(link.host);
  must(link.guard->change({{},
                           {drop("10.2.0.0/16", "10.1.0.0/24"), drop("10.0.0.0/8", "10.1.0.1/32"),
                            drop("10.9.0.0/16", "10.7.0.0/16"), pass("10.3.0.0/16", "0.0.0.0/0")},
                           {}}));
  link.send_from("10.2.0.5", "dropped");
  link.send_from("10.9.0.5", "dropped by the shorter prefix");
  link.send_from("10.3.0.5", "passed");
  CHECK(link.next() == "passed;");
  CHECK(lists("ip", "counter packets 2 "));
  link.send_from("198.51.100.1", "in no pair");
  CHECK(link.next() == "in no pair;");
  must(link.guard->change({{}, {}, {drop("10.2.0.0/16", "10.1.0.0/24"), drop("10.0.0.0/8", "10.1.0.1/32")}}));
  link.send_from("10.2.0.5", "free again");
  CHECK(link.next() == "free again;");
}

TEST_CASE("levels are asked before the drops, the highest first, and what holds is not dropped for that") {
  Link link;
  const Inside inside(link.host);
  must(link.guard->change({{},
                           {drop("10.2.0.0/16", "10.1.0.0/24"), bypass(-5, "10.0.0.0/8", "10.1.0.1/32"),
                            hold(-5, "10.2.3.0/24", "10.1.0.0/16"), hold(-5, "10.5.0.0/16", "10.1.0.0/16")},
                           {}}));
  link.send_from("10.2.3.5", "held, and dropped");
  link.send_from("10.5.0.5", "held, and not dropped");
  link.send_from("10.2.4.5", "let in");
  CHECK(link.until("let in") == "held, and not dropped;let in;");
  CHECK(lists("ip", "counter packets 1 "));
  CHECK(lists("ip", "bypass_-5_8_32"));
  must(link.guard->change({{}, {bypass(100, "10.2.3.5/32", "10.1.0.1/32")}, {}}));
  link.send_from("10.2.3.6", "still held");
  link.send_from("10.2.3.5", "let in before that");
  CHECK(link.next() == "let in before that;");
  must(
      link.guard->change({{},
                          {},
                          {bypass(100, "10.2.3.5/32", "10.1.0.1/32"), bypass(-5, "10.0.0.0/8", "10.1.0.1/32"),
                           hold(-5, "10.2.3.0/24", "10.1.0.0/16"), hold(-5, "10.5.0.0/16", "10.1.0.0/16")}}));
  CHECK_FALSE(lists("ip", "bypass_"));
  CHECK_FALSE(lists("ip", "hold_"));
  link.send_from("10.2.3.5", "dropped as before");
  link.send_from("198.51.100.1", "other");
  CHECK(link.next() == "other;");
}

TEST_CASE("a level may ask for a protocol, for blocks of ports, and for the interface") {
  Link link;
  const Inside inside(link.host);
  GuardPair port = bypass(7, "10.2.0.0/16", "10.1.0.0/24");
  port.ip_protocol = base::ip_protocol::kUdp;
  port.to_ports = {9000 & 0xfff0, 12};
  must(link.guard->change({{}, {drop("10.2.0.0/16", "10.1.0.0/24"), port}, {}}));
  link.send_from("10.2.0.5", "to a port of that block");
  CHECK(link.next() == "to a port of that block;");
  CHECK(lists("ip", "bypass_7_16_24_protocol_ports_0_12 .*10.2.0.0 . 10.1.0.0 . \\(udp\\|17\\) . 0 . 8992"));

  const auto lets_in = [&](const GuardPair& with) {
    must(link.guard->change({{}, {with}, {port}}));
    port = with;
    link.send_from("10.2.0.5", "let in");
    link.send_from("198.51.100.1", "other");
    return link.until("other") == "let in;other;";
  };
  GuardPair with = port;
  with.to_ports = {9008, 12};
  CHECK_FALSE(lets_in(with));
  with.to_ports = {};
  with.from_ports = {1000, 16};
  CHECK(lets_in(with));
  with.from_ports = {1001, 16};
  CHECK_FALSE(lets_in(with));
  with.from_ports = {};
  CHECK(lets_in(with));
  with.ip_protocol = base::ip_protocol::kTcp;
  CHECK_FALSE(lets_in(with));
  with.ip_protocol = 0;
  with.in_interface = "eth0";
  CHECK(lets_in(with));
  with.in_interface = "eth1";
  CHECK_FALSE(lets_in(with));
}

TEST_CASE("the longest key and the longest name of a set fit into what goes to the kernel") {
  const Namespace space;
  const Inside inside(space);
  const auto guard = must(ClearTextGuard::open({}));
  GuardPair all = bypass(-2147483648LL, "2001:db8:2::5/128", "2001:db8:1::1/128");
  all.ip_protocol = base::ip_protocol::kIcmpv6;
  all.from_ports = {129 << 8, 15};
  all.to_ports = {65535, 16};
  all.in_interface = "long-interface.";
  must(guard->change({{}, {all, drop("2001:db8:2::/48", "2001:db8:1::/64")}, {}}));
  CHECK(lists("ip6", "set bypass_-2147483648_128_128_protocol_ports_15_16_long-interface. "));
  must(guard->clear());
  CHECK_FALSE(lists("ip6", "prerouting"));
}

TEST_CASE("rules in front let pass what the pairs would drop") {
  Link link;
  const Inside inside(link.host);
  GuardRule port;
  port.to = prefix("10.1.0.1/32");
  port.ip_protocol = base::ip_protocol::kUdp;
  port.destination_port = 9000;
  must(link.guard->change({{port}, {drop("10.2.0.0/16", "10.1.0.0/24")}, {}}));
  link.send_from("10.2.0.5", "to that port");
  CHECK(link.next() == "to that port;");
  port.destination_port = 9001;
  must(link.guard->change({{port}, {}, {}}));
  link.send_from("10.2.0.5", "dropped");
  link.send_from("198.51.100.1", "other");
  CHECK(link.next() == "other;");
}

TEST_CASE("a rule in front may say whose packets pass") {
  Link link;
  const Inside inside(link.host);
  GuardRule peer;
  peer.from = prefix("10.2.0.5/32");
  peer.to = prefix("10.1.0.1/32");
  peer.ip_protocol = base::ip_protocol::kUdp;
  must(link.guard->change({{peer}, {drop("10.2.0.0/16", "10.1.0.0/24")}, {}}));
  link.send_from("10.2.0.6", "dropped");
  link.send_from("10.2.0.5", "from that peer");
  CHECK(link.next() == "from that peer;");
}

TEST_CASE("sets, rules and tables come with the first use and go with the last, the count stays") {
  Link link;
  const Inside inside(link.host);
  must(link.guard->change({{}, {drop("10.2.0.0/16", "10.1.0.0/24")}, {}}));
  link.send_from("10.2.0.5", "dropped");
  must(
      link.guard->change({{}, {drop("10.3.0.0/16", "10.1.0.0/24"), drop("10.4.0.0/24", "10.1.0.1/32")}, {}}));
  CHECK(lists("ip", "drop_16_24 .*10.2.0.0 . 10.1.0.0, 10.3.0.0 . 10.1.0.0"));
  CHECK(lists("ip", "drop_24_32 .*10.4.0.0 . 10.1.0.1"));
  CHECK(lists("ip", "counter packets 1 "));
  CHECK_FALSE(lists("ip6", "prerouting"));
  must(link.guard->change(
      {{}, {drop("2001:db8:2::/48", "2001:db8:1::/64")}, {drop("10.4.0.0/24", "10.1.0.1/32")}}));
  CHECK_FALSE(lists("ip", "drop_24_32"));
  CHECK(lists("ip6", "drop_48_64 .*2001:db8:2:: . 2001:db8:1::"));
  must(link.guard->clear());
  CHECK_FALSE(lists("ip", "prerouting"));
  CHECK_FALSE(lists("ip6", "prerouting"));
}

TEST_CASE("a guard that a predecessor left is taken over and taken away") {
  Link link;
  const Inside inside(link.host);
  must(link.guard->change({{}, {drop("10.2.0.0/16", "10.1.0.0/24")}, {}}));
  link.send_from("10.2.0.5", "dropped");
  const auto successor = must(ClearTextGuard::open({}));
  must(successor->clear());
  link.send_from("10.2.0.5", "passed");
  CHECK(link.next() == "passed;");
}

TEST_CASE("a guard whose tables somebody took away is whole again with the next change") {
  const Namespace space;
  const Inside inside(space);
  const auto guard = must(ClearTextGuard::open({}));
  must(guard->change({{}, {drop("10.2.0.0/16", "10.1.0.0/16")}, {}}));
  shell("nft flush ruleset");
  must(guard->change({{}, {drop("10.3.0.0/16", "10.1.0.0/16")}, {}}));
  CHECK(lists("ip", "10.2.0.0 . 10.1.0.0, 10.3.0.0 . 10.1.0.0"));
  shell("nft flush ruleset");
  must(guard->change({{}, {}, {drop("10.3.0.0/16", "10.1.0.0/16")}}));
  CHECK(lists("ip", "10.2.0.0 . 10.1.0.0"));
  CHECK_FALSE(lists("ip", "10.3.0.0"));
}

TEST_CASE("a guard of thousands of pairs goes in and out in one step, and one more is one more") {
  const Namespace space;
  const Inside inside(space);
  const auto guard = must(ClearTextGuard::open({}));
  std::vector<GuardPair> pairs;
  for (std::uint32_t i = 0; i < 20000; ++i) {
    pairs.push_back({false, {base::IpAddress::v4((10u << 24) | (i << 8)), 24}, prefix("172.16.0.0/16")});
  }
  must(guard->change({{}, pairs, {}}));
  must(guard->change({{}, {drop("11.0.0.0/24", "172.16.0.0/16")}, {}}));
  must(guard->change({{}, {drop("11.0.0.0/24", "172.16.0.0/16")}, {}}));  // is there
  must(guard->change({{}, {}, {drop("12.0.0.0/24", "172.16.0.0/16")}}));  // is not
  must(guard->change({{}, {}, {drop("11.0.0.0/24", "172.16.0.0/16")}}));
  must(guard->change({{}, {}, pairs}));
  CHECK_FALSE(lists("ip", "prerouting"));
}

TEST_CASE("what mixes the families is refused before the kernel could take it for something else") {
  Link link;
  const Inside inside(link.host);
  must(link.guard->change({{}, {drop("10.2.0.0/16", "10.1.0.0/24")}, {}}));
  CHECK(link.guard->change({{}, {drop("2001:db8::/32", "10.1.0.0/24")}, {}}).has_error());
  GuardRule odd;
  odd.to = prefix("2001:db8::/32");
  CHECK(link.guard->change({{odd}, {}, {}}).has_error());
  link.send_from("10.2.0.5", "dropped");
  link.send_from("198.51.100.1", "passed");
  CHECK(link.next() == "passed;");
}

TEST_CASE("a change that the kernel refuses leaves everything as it was, and what we know of it") {
  Link link;
  const Inside inside(link.host);
  must(link.guard->change({{}, {drop("10.2.0.0/16", "10.1.0.0/24")}, {}}));
  const tun::GuardChange change{
      {}, {drop("10.3.0.0/24", "10.1.0.0/24")}, {drop("10.2.0.0/16", "10.1.0.0/24")}};
  REQUIRE(seteuid(65534) == 0);  // without capabilities
  const base::Status refused = link.guard->change(change);
  REQUIRE(seteuid(0) == 0);
  REQUIRE(refused.has_error());
  CHECK(refused.error().reason.find("CAP_NET_ADMIN") != std::string::npos);
  CHECK(lists("ip", "10.2.0.0 . 10.1.0.0"));
  CHECK_FALSE(lists("ip", "10.3.0.0"));
  must(link.guard->change({{}, {drop("10.4.0.0/24", "10.1.0.0/24")}, {}}));
  CHECK(lists("ip", "10.2.0.0 . 10.1.0.0"));
  CHECK(lists("ip", "10.4.0.0 . 10.1.0.0"));
  CHECK_FALSE(lists("ip", "10.3.0.0"));
}
