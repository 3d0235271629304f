#include "spd/spd.h"

#include <catch2/catch_test_macros.hpp>

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
