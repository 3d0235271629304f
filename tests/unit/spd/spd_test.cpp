#include "spd/spd.h"

#include <algorithm>
#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>
#include <catch2/generators/catch_generators_range.hpp>
#include <random>

#include "spd/flow_cache.h"

namespace {

spd::SelectorPair pair(std::string_view local, std::string_view remote) {
  return {{spd::TrafficSelector::parse(local).value()}, {spd::TrafficSelector::parse(remote).value()}};
}

spd::Policy policy(std::uint64_t id, std::int32_t priority, spd::Action action, std::string_view remote,
                   spd::Direction direction = spd::Direction::outbound) {
  spd::Policy p;
  p.id = id;
  p.priority = priority;
  p.action = action;
  p.direction = direction;
  p.selectors = pair("10.1.0.0/16", remote);
  p.bundle = base::ChildId(id);
  return p;
}

spd::PacketKey key(std::string_view remote) {
  return {*base::IpAddress::parse("10.1.0.1"), *base::IpAddress::parse(remote), 0, 0, 1, true};
}

std::uint64_t found(const spd::Snapshot& s, std::string_view remote,
                    spd::Direction direction = spd::Direction::outbound) {
  const auto* p = s.find(direction, key(remote));
  return p == nullptr ? 0 : p->id;
}

}  // namespace

TEST_CASE("the policy of the highest priority that matches decides") {
  const spd::Snapshot s({policy(1, -5, spd::Action::discard, "0.0.0.0/0"),
                         policy(2, 10, spd::Action::protect, "10.2.0.0/16"),
                         policy(3, 100, spd::Action::protect, "10.2.3.0/24")});
  CHECK(found(s, "10.2.3.1") == 3);
  CHECK(found(s, "10.2.4.1") == 2);
  CHECK(found(s, "192.0.2.1") == 1);
}

TEST_CASE("at equal priority bypass and discard come before protect, else the order given holds") {
  const spd::Snapshot s(
      {policy(1, 7, spd::Action::protect, "10.2.0.0/16"), policy(2, 7, spd::Action::protect, "10.2.0.0/16"),
       policy(3, 7, spd::Action::bypass, "10.2.0.0/24"), policy(4, 7, spd::Action::discard, "10.2.1.0/24")});
  CHECK(found(s, "10.2.0.1") == 3);
  CHECK(found(s, "10.2.1.1") == 4);
  CHECK(found(s, "10.2.2.1") == 1);
}

TEST_CASE("a policy of the other direction is not found") {
  const spd::Snapshot s({policy(1, 1, spd::Action::protect, "10.2.0.0/16", spd::Direction::inbound)});
  CHECK(found(s, "10.2.0.1") == 0);
  CHECK(found(s, "10.2.0.1", spd::Direction::inbound) == 1);
  CHECK(found(spd::Snapshot{}, "10.2.0.1") == 0);
}

TEST_CASE("a snapshot does not change with the table it was taken from") {
  spd::Spd table;
  table.add(policy(1, 1, spd::Action::protect, "10.2.0.0/16"));
  table.add(policy(2, 2, spd::Action::protect, "10.3.0.0/16"));
  const auto before = table.snapshot();
  CHECK(table.remove(base::ChildId(2)) == 1);
  CHECK(table.remove(base::ChildId(2)) == 0);
  const auto after = table.snapshot();
  CHECK(found(*before, "10.3.0.1") == 2);
  CHECK(found(*after, "10.3.0.1") == 0);
  CHECK(found(*after, "10.2.0.1") == 1);
}

TEST_CASE("at equal priority a trap comes behind the SAs, whichever was there first") {
  const spd::Snapshot snapshot({policy(1, 1, spd::Action::trap, "10.2.0.0/16"),
                                policy(2, 1, spd::Action::protect, "10.2.0.0/16"),
                                policy(3, 1, spd::Action::discard, "10.2.9.0/24")});
  CHECK(found(snapshot, "10.2.0.1") == 2);
  CHECK(found(snapshot, "10.2.9.1") == 3);
}

TEST_CASE("a child that is narrower than its trap comes before it") {
  auto trap = pair("10.1.0.0/16", "10.2.0.0/16");
  trap.remote.push_back(spd::TrafficSelector::parse("10.9.9.0/24").value());
  CHECK(spd::priority_of(pair("10.1.0.0/16", "10.9.9.0/24")) > spd::priority_of(trap));
  CHECK(spd::priority_of(pair("10.1.0.0/16", "10.2.0.0/16")) == spd::priority_of(trap));
}

TEST_CASE("a more specific rule gets a higher priority") {
  const auto net = spd::priority_of(pair("10.1.0.0/16", "10.2.0.0/16"));
  const auto host = spd::priority_of(pair("10.1.0.0/16", "10.2.0.1/32"));
  const auto tcp = spd::priority_of(pair("10.1.0.0/16", "10.2.0.0/16|tcp"));
  const auto web = spd::priority_of(pair("10.1.0.0/16", "10.2.0.0/16|tcp/80"));
  const auto all = spd::priority_of(pair("0.0.0.0/0", "0.0.0.0/0"));
  CHECK(all == 0);
  CHECK(net > all);
  CHECK(tcp > net);
  CHECK(web > tcp);
  CHECK(spd::priority_of(pair("10.1.0.0/16", "10.2.0.0/17")) > web);
  CHECK(host > web);
  CHECK(spd::priority_of(pair("::/0", "2001:db8::/33")) > spd::priority_of(pair("::/0", "2001:db8::/32")));
  CHECK(spd::priority_of(pair("::/0", "2001:db8::1/128")) > spd::priority_of(pair("::/0", "2001:db8::/64")));
}

TEST_CASE("the widest of several selectors gives a side its weight") {
  auto both = pair("10.1.0.0/16", "10.2.0.1/32");
  both.remote.push_back(spd::TrafficSelector::parse("10.0.0.0/8").value());
  CHECK(spd::priority_of(both) == spd::priority_of(pair("10.1.0.0/16", "10.0.0.0/8")));
}

TEST_CASE("every action has a name of its own") {
  CHECK(spd::name(spd::Action::bypass) == "bypass");
  CHECK(spd::name(spd::Action::discard) == "discard");
  CHECK(spd::name(spd::Action::protect) == "protect");
  CHECK(spd::name(spd::Action::reject) == "reject");
  CHECK(spd::name(spd::Action::trap) == "trap");
  CHECK(spd::name(spd::Action::hold) == "hold");
}

namespace {

// Networks, hosts and ranges of a small space, so that much overlaps; some of IPv6, some with ports.
spd::TrafficSelector random_selector(std::mt19937& rng, bool v6) {
  const auto pick = [&](std::uint32_t n) { return static_cast<std::uint32_t>(rng() % n); };
  const std::uint32_t from = pick(4) == 0 ? 0 : pick(64), to = pick(3) == 0 ? from : from + pick(64);
  const auto at = [&](std::uint32_t host) {
    return v6 ? base::IpAddress::v6(0x20010db800000000, host) : base::IpAddress::v4(0x0a000000 + host);
  };
  spd::TrafficSelector ts = spd::TrafficSelector::of(base::AddressRange{at(from), at(to)});
  if (pick(20) == 0) ts.range = base::AddressRange::all(v6 ? base::IpFamily::v6 : base::IpFamily::v4);
  if (pick(4) == 0) ts.protocol = pick(2) == 0 ? 6 : 17;
  if (ts.protocol != 0 && pick(2) == 0) {
    ts.first_port = static_cast<std::uint16_t>(pick(4));
    ts.last_port = static_cast<std::uint16_t>(ts.first_port + pick(3));
  }
  return ts;
}

spd::Policy random_policy(std::mt19937& rng, std::uint64_t id) {
  const auto pick = [&](std::uint32_t n) { return static_cast<std::uint32_t>(rng() % n); };
  spd::Policy p = policy(id, static_cast<std::int32_t>(pick(8)) - 4, static_cast<spd::Action>(pick(6)),
                         "10.0.0.0/8", pick(4) == 0 ? spd::Direction::inbound : spd::Direction::outbound);
  const bool v6 = pick(3) == 0;
  p.selectors = {};
  for (std::uint32_t i = pick(2) + 1; i > 0; --i) p.selectors.local.push_back(random_selector(rng, v6));
  for (std::uint32_t i = pick(3) + 1; i > 0; --i) p.selectors.remote.push_back(random_selector(rng, v6));
  return p;
}

spd::PacketKey random_key(std::mt19937& rng) {
  spd::PacketKey k;
  const bool v6 = rng() % 3 == 0;
  k.local = random_selector(rng, v6).range.first;
  k.remote = random_selector(rng, v6).range.last;
  k.protocol = rng() % 2 == 0 ? 6 : 17;
  k.local_port = static_cast<std::uint16_t>(rng() % 6);
  k.remote_port = static_cast<std::uint16_t>(rng() % 6);
  k.ports_known = rng() % 8 != 0;
  return k;
}

// The list as RFC 4301 describes it: sorted, searched from the front.
struct ObviousTable {
  std::vector<spd::Policy> policies;
  const spd::Policy* find(spd::Direction direction, const spd::PacketKey& key) const {
    const spd::Policy* best = nullptr;
    spd::Rank best_rank;
    for (std::size_t i = 0; i < policies.size(); ++i) {
      const spd::Rank rank = spd::Rank::of(policies[i], static_cast<std::int64_t>(i));
      if (policies[i].direction != direction || !policies[i].selectors.matches(key)) continue;
      if (best == nullptr || rank < best_rank) {
        best = &policies[i];
        best_rank = rank;
      }
    }
    return best;
  }
};

}  // namespace

TEST_CASE("a look-up finds what a search through the whole list finds, while policies come and go") {
  std::mt19937 rng(GENERATE(range(1u, 9u)));
  spd::Spd table;
  ObviousTable obvious;
  spd::FlowCache cache;
  std::uint64_t next_id = 1;
  for (int round = 0; round < 60; ++round) {
    for (auto i = rng() % 30; i > 0; --i) {
      const spd::Policy made = random_policy(rng, next_id++);
      const bool first = rng() % 3 == 0;
      obvious.policies.insert(first ? obvious.policies.begin() : obvious.policies.end(), made);
      first ? table.add_first(made) : table.add(made);
    }
    for (auto i = rng() % 25; i > 0 && !obvious.policies.empty(); --i) {
      const auto gone =
          obvious.policies.begin() + static_cast<std::ptrdiff_t>(rng() % obvious.policies.size());
      REQUIRE(table.remove(gone->bundle) == 1);
      obvious.policies.erase(gone);
    }
    const auto snapshot = table.snapshot();
    cache.forget();
    REQUIRE(table.size() == obvious.policies.size());
    REQUIRE(snapshot->policies().size() == obvious.policies.size());
    const auto waiting = std::count_if(obvious.policies.begin(), obvious.policies.end(), [](const auto& p) {
      return p.action == spd::Action::trap || p.action == spd::Action::hold;
    });
    REQUIRE(snapshot->waiting().size() == static_cast<std::size_t>(waiting));
    for (int i = 0; i < 300; ++i) {
      const spd::PacketKey key = random_key(rng);
      for (const auto direction : {spd::Direction::outbound, spd::Direction::inbound}) {
        const spd::Policy* const expected = obvious.find(direction, key);
        const spd::Policy* const got = snapshot->find(direction, key);
        REQUIRE((expected == nullptr) == (got == nullptr));
        if (got != nullptr) REQUIRE(got->id == expected->id);
        REQUIRE(cache.find(*snapshot, direction, key) == got);
        REQUIRE(cache.find(*snapshot, direction, key) == got);
      }
    }
    REQUIRE(cache.hits() >= static_cast<std::uint64_t>(300 * (round + 1)));
  }
}

TEST_CASE("the first and the last address of each family are found") {
  const spd::Snapshot s({policy(1, 1, spd::Action::protect, "0.0.0.0/0")});
  CHECK(found(s, "0.0.0.0") == 1);
  CHECK(found(s, "255.255.255.255") == 1);
  spd::Policy v6 = policy(2, 1, spd::Action::protect, "0.0.0.0/0");
  v6.selectors = pair("::/0", "::/0");
  const spd::Snapshot both({policy(1, 1, spd::Action::protect, "0.0.0.0/0"), v6});
  for (const char* address : {"::", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"}) {
    spd::PacketKey k = key("0.0.0.0");
    k.local = k.remote = *base::IpAddress::parse(address);
    REQUIRE(both.find(spd::Direction::outbound, k) != nullptr);
    CHECK(both.find(spd::Direction::outbound, k)->id == 2);
  }
  CHECK(found(both, "255.255.255.255") == 1);
}

TEST_CASE("a snapshot knows whether an inbound policy discards, before and after it is compiled") {
  spd::Spd table;
  CHECK_FALSE(table.snapshot()->discards_inbound());
  table.add(policy(1, 1, spd::Action::discard, "10.0.0.0/8"));  // outbound
  CHECK_FALSE(table.snapshot()->discards_inbound());
  for (const spd::Action action : {spd::Action::discard, spd::Action::reject}) {
    spd::Policy in = policy(2, 1, action, "10.0.0.0/8");
    in.direction = spd::Direction::inbound;
    in.bundle = spd::BundleId(2);
    table.add(in);
    for (std::uint64_t i = 100; i < 400; ++i) {
      CHECK(table.snapshot()->discards_inbound());
      table.add(policy(i, 1, spd::Action::protect, "10.0.0.0/8"));
    }
    table.remove(spd::BundleId(2));
    CHECK_FALSE(table.snapshot()->discards_inbound());
  }
}
