#include "tun/clear_policies.h"

#include <algorithm>
#include <catch2/catch_test_macros.hpp>
#include <random>

#include "fixture.h"

using namespace fixture;
using tun::ClearPolicies;
using tun::ClearPolicy;
using tun::GuardPair;
using tun::PortBlock;

namespace {

ClearPolicy policy(std::int64_t priority, bool bypass, const std::string& from, const std::string& to) {
  ClearPolicy made;
  made.priority = priority;
  made.bypass = bypass;
  made.from = prefix(from);
  made.to = prefix(to);
  return made;
}

// Which pairs the guard has.
struct Pairs {
  void add(const ClearPolicy& policy) { change(policy, 1); }
  void remove(const ClearPolicy& policy) { change(policy, -1); }
  void change(const ClearPolicy& policy, int by) {
    policies.change(policy, by, [this](const GuardPair& pair, int more) {
      ++changes;
      if ((counts[pair] += more) == 0) counts.erase(pair);
    });
  }
  ClearPolicies policies;
  std::map<GuardPair, int> counts;
  int changes = 0;
};

struct Packet {
  base::IpAddress from, to;
  std::uint8_t protocol = 0;
  std::uint16_t from_port = 0, to_port = 0;
};

bool in_block(const PortBlock& block, std::uint16_t port) {
  return block.length == 0 || (port ^ block.first) >> (16 - block.length) == 0;
}

// Of a policy, or of a pair.
bool selects(const auto& one, const Packet& packet) {
  return one.from.contains(packet.from) && one.to.contains(packet.to) &&
         (one.ip_protocol == 0 || one.ip_protocol == packet.protocol) &&
         in_block(one.from_ports, packet.from_port) && in_block(one.to_ports, packet.to_port);
}

// As the policies say, in their order.
bool lets_in(std::vector<ClearPolicy> all, const Packet& packet) {
  std::stable_sort(all.begin(), all.end(), [](const ClearPolicy& a, const ClearPolicy& b) {
    return std::pair(a.priority, a.bypass) > std::pair(b.priority, b.bypass);
  });
  const auto first =
      std::find_if(all.begin(), all.end(), [&](const ClearPolicy& one) { return selects(one, packet); });
  return first != all.end() && first->bypass;
}

// As the guard does: from the highest level down, what holds before what passes.
bool lets_in(const std::map<GuardPair, int>& pairs, const Packet& packet) {
  const GuardPair* first = nullptr;
  for (const auto& [pair, uses] : pairs) {
    if (!selects(pair, packet)) continue;
    const auto place = [](const GuardPair& one) { return std::pair(-*one.level, one.pass); };
    if (first == nullptr || place(pair) < place(*first)) first = &pair;
  }
  return first != nullptr && first->pass;
}

}  // namespace

TEST_CASE("without bypasses, policies need nothing of the guard") {
  Pairs pairs;
  for (int i = 0; i < 100; ++i) pairs.add(policy(i, false, "10.2.0.0/16", "10.1.0.0/16"));
  CHECK(pairs.changes == 0);
}

TEST_CASE("a bypass is a pair that passes, and those before it that overlap hold at its level") {
  Pairs pairs;
  const ClearPolicy before = policy(30, false, "10.2.0.0/16", "10.1.0.0/16"),
                    behind = policy(20, false, "10.2.0.0/16", "10.1.0.0/16"),
                    elsewhere = policy(30, false, "10.2.0.0/16", "10.5.0.0/16");
  ClearPolicy bypass = policy(20, true, "10.2.7.0/24", "10.0.0.0/14");
  bypass.ip_protocol = base::ip_protocol::kUdp;
  bypass.to_ports = {53, 16};
  bypass.in_interface = "eth0";
  for (const auto& one : {before, behind, elsewhere}) pairs.add(one);
  pairs.add(bypass);
  GuardPair pass{true, prefix("10.2.7.0/24"), prefix("10.0.0.0/14")};
  pass.level = 20;
  pass.ip_protocol = base::ip_protocol::kUdp;
  pass.to_ports = {53, 16};
  pass.in_interface = "eth0";
  GuardPair hold{false, prefix("10.2.0.0/16"), prefix("10.1.0.0/16")};
  hold.level = 20;
  CHECK(pairs.counts == std::map<GuardPair, int>{{pass, 1}, {hold, 1}});
  pairs.add(bypass);  // another that says the same
  pairs.remove(bypass);
  CHECK(pairs.changes == 2);
  pairs.remove(bypass);
  CHECK(pairs.counts.empty());
}

TEST_CASE("in whatever order policies come and go, the guard lets in what they let in") {
  std::vector<ClearPolicy> choices;
  for (const char* from : {"10.0.0.0/8", "10.2.0.0/16", "10.2.3.0/24", "10.2.3.4/32", "0.0.0.0/0"}) {
    for (const char* to : {"10.1.0.0/16", "10.1.2.0/24", "0.0.0.0/0"}) {
      for (const int priority : {-5, 0, 7, 100}) {
        choices.push_back(policy(priority, choices.size() % 3 != 0, from, to));
        if (choices.size() % 2 == 0) choices.back().ip_protocol = base::ip_protocol::kUdp;
        if (choices.size() % 4 == 0) choices.back().to_ports = {1024, 6};
      }
    }
  }
  choices.push_back(policy(3, true, "::/0", "2001:db8::/32"));
  choices.push_back(policy(4, false, "2001:db8:2::/48", "::/0"));
  std::vector<Packet> packets;
  for (const char* from : {"10.2.3.4", "10.2.3.5", "10.2.9.9", "10.7.0.1", "192.0.2.1"}) {
    for (const char* to : {"10.1.2.3", "10.1.9.9", "198.51.100.1"}) {
      for (const std::uint8_t protocol : {base::ip_protocol::kUdp, base::ip_protocol::kTcp}) {
        for (const std::uint16_t port : {std::uint16_t{80}, std::uint16_t{1500}}) {
          packets.push_back({address(from), address(to), protocol, 999, port});
        }
      }
    }
  }
  packets.push_back({address("2001:db8:2::1"), address("2001:db8::1"), base::ip_protocol::kUdp, 1, 1});
  packets.push_back({address("2001:db8:3::1"), address("2001:db8::1"), base::ip_protocol::kUdp, 1, 1});
  Pairs pairs;
  std::vector<ClearPolicy> present;
  std::minstd_rand random(7);
  std::size_t let_in = 0;
  for (int step = 0; step < 1000; ++step) {
    if (present.size() > 12 || (!present.empty() && random() % 3 == 0)) {
      const auto gone = present.begin() + static_cast<std::ptrdiff_t>(random() % present.size());
      pairs.remove(*gone);
      present.erase(gone);
    } else {
      present.push_back(choices[random() % choices.size()]);
      pairs.add(present.back());
    }
    for (const Packet& packet : packets) {
      const bool expected = lets_in(present, packet);
      REQUIRE(lets_in(pairs.counts, packet) == expected);
      let_in += expected ? 1 : 0;
    }
  }
  CHECK(let_in > 1000);
  for (const ClearPolicy& one : present) pairs.remove(one);
  CHECK(pairs.counts.empty());
}

TEST_CASE("a change costs what overlaps with it, not what is there") {
  Pairs pairs;
  for (std::uint32_t i = 0; i < 20000; ++i) {
    ClearPolicy one = policy(i % 2 == 0 ? 200 : 100, i % 2 != 0, "10.2.0.0/16", "10.1.0.0/16");
    one.from = {base::IpAddress::v4((10u << 24) | (i << 8)), 24};
    pairs.add(one);
  }
  CHECK(pairs.changes == 10000);  // the bypasses, and nothing beside them
  pairs.add(policy(150, false, "10.0.1.0/24", "10.1.0.0/16"));
  CHECK(pairs.changes == 10003);  // it, and the one that it stands before
}

TEST_CASE("bypasses that nothing stands before are of one level, whatever their priorities") {
  Pairs pairs;
  for (int i = 0; i < 100; ++i) pairs.add(policy(100 + i, true, "10.2.0.0/16", "10.1.0.0/16"));
  REQUIRE(pairs.counts.size() == 1);
  CHECK(pairs.counts.begin()->first.level == tun::kFirstLevel);
  CHECK(pairs.counts.begin()->second == 100);
  const ClearPolicy before = policy(103, false, "10.2.3.0/24", "10.1.0.0/16");
  pairs.add(before);
  CHECK(pairs.counts.size() == 1 + 2 * 3);  // the three before which it stands, and it three times
  pairs.remove(before);
  CHECK(pairs.counts.size() == 1);
}

TEST_CASE("ranges of ports become blocks that cover them and nothing else") {
  CHECK(tun::to_port_blocks(0, 65535) == std::vector<PortBlock>{{0, 0}});
  CHECK(tun::to_port_blocks(80, 80) == std::vector<PortBlock>{{80, 16}});
  CHECK(tun::to_port_blocks(65535, 65535) == std::vector<PortBlock>{{65535, 16}});
  CHECK(tun::to_port_blocks(1024, 65535) ==
        std::vector<PortBlock>{{1024, 6}, {2048, 5}, {4096, 4}, {8192, 3}, {16384, 2}, {32768, 1}});
  CHECK(tun::to_port_blocks(1, 65534).size() == 30);
  for (const auto& [first, last] : {std::pair{1, 65534}, {1000, 2000}, {8 << 8, (8 << 8) + 255}}) {
    const auto blocks =
        tun::to_port_blocks(static_cast<std::uint16_t>(first), static_cast<std::uint16_t>(last));
    for (int port = 0; port < 65536; ++port) {
      const auto in = std::count_if(blocks.begin(), blocks.end(), [&](const PortBlock& block) {
        return in_block(block, static_cast<std::uint16_t>(port));
      });
      if (in != (first <= port && port <= last ? 1 : 0)) FAIL("port " << port << " is in " << in);
    }
  }
}
