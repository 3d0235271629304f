// What the policies would do with a packet, and why.
#include "apps/daemon/packet_verdict.h"

#include <catch2/catch_test_macros.hpp>

namespace {

using namespace daemon_app;

spd::Policy policy(const char* name, spd::Action action, const char* local, const char* remote,
                   std::int32_t priority) {
  spd::Policy out;
  out.name = name;
  out.action = action;
  out.priority = priority;
  out.selectors = {{*spd::TrafficSelector::parse(local)}, {*spd::TrafficSelector::parse(remote)}};
  return out;
}

spd::PacketKey packet(const char* source, const char* destination, const char* protocol = "tcp",
                      std::uint32_t port = 443) {
  return *read_packet(source, destination, protocol, 40000, port);
}

}  // namespace

TEST_CASE("The first policy that matches is the one, and each other is told why it is not") {
  const spd::Snapshot policies({policy("ssh", spd::Action::bypass, "10.1.0.0/16", "10.2.0.0/16|tcp/22", 90),
                                policy("icmp", spd::Action::discard, "10.1.0.0/16", "10.2.0.0/16|icmp", 80),
                                policy("elsewhere", spd::Action::protect, "10.1.0.0/16", "10.3.0.0/16", 70),
                                policy("other-site", spd::Action::protect, "10.9.0.0/16", "10.2.0.0/16", 60),
                                policy("net", spd::Action::protect, "10.1.0.0/16", "10.2.0.0/16", 50),
                                policy("rest", spd::Action::discard, "0.0.0.0/0", "0.0.0.0/0", 1)});
  const auto verdict = judge(policies, packet("10.1.0.5", "10.2.0.6"), 20);
  REQUIRE(verdict.policy != nullptr);
  CHECK(verdict.policy->name == "net");
  REQUIRE(verdict.others.size() == 5);
  CHECK(verdict.others[0].why == "the ports are not in 10.1.0.0/16 and 10.2.0.0/16|tcp/22");
  CHECK(verdict.others[1].why == "the protocol is not that of 10.2.0.0/16|icmp");
  CHECK(verdict.others[2].why == "destination 10.2.0.6 is not in 10.3.0.0/16");
  CHECK(verdict.others[3].why == "source 10.1.0.5 is not in 10.9.0.0/16");
  CHECK(verdict.others[4].why == "it matches too, but comes later");
  CHECK(verdict.left_out == 0);
}

TEST_CASE("A packet that no policy takes is told the policy of the other direction") {
  const spd::Snapshot policies({policy("net", spd::Action::protect, "10.1.0.0/16", "10.2.0.0/16", 50)});
  const auto verdict = judge(policies, packet("10.2.0.6", "10.1.0.5"), 20);
  CHECK(verdict.policy == nullptr);
  REQUIRE(verdict.reverse != nullptr);
  CHECK(verdict.reverse->name == "net");
  CHECK(judge(policies, packet("10.1.0.5", "10.2.0.6"), 20).reverse == nullptr);
}

TEST_CASE("Of many policies that do not match a few are told, the others counted") {
  std::vector<spd::Policy> many;
  for (int i = 0; i < 30; ++i)
    many.push_back(policy("p", spd::Action::protect, "10.1.0.0/16", "10.3.0.0/16", i));
  const auto verdict = judge(spd::Snapshot(many), packet("10.1.0.5", "10.2.0.6"), 20);
  CHECK(verdict.others.size() == 20);
  CHECK(verdict.left_out == 10);
}

TEST_CASE("The words of a packet are read strictly") {
  const auto dns = read_packet("2001:db8::1", "2001:db8::2", "udp", 0, 53);
  REQUIRE(dns.has_value());
  CHECK(dns->protocol == 17);
  CHECK(dns->remote_port == 53);
  CHECK(read_packet("10.0.0.1", "10.0.0.2", "", 0, 0)->protocol == 0);
  CHECK(read_packet("10.0.0.1", "10.0.0.2", "50", 0, 0)->protocol == 50);
  CHECK(read_packet("here", "10.0.0.2", "", 0, 0).error().reason == "'here' is no address");
  CHECK(read_packet("10.0.0.1", "2001:db8::2", "", 0, 0).has_error());
  CHECK(read_packet("10.0.0.1", "10.0.0.2", "carrier-pigeon", 0, 0).has_error());
  CHECK(read_packet("10.0.0.1", "10.0.0.2", "icmp", 0, 53).error().reason ==
        "ports are of protocols like tcp and udp");
  CHECK(read_packet("10.0.0.1", "10.0.0.2", "tcp", 65536, 0).has_error());
}
