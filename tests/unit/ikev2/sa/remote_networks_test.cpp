#include "ikev2/sa/remote_networks.h"

#include <algorithm>
#include <catch2/catch_test_macros.hpp>
#include <random>

namespace {

spd::TrafficSelectors selectors(std::initializer_list<std::string_view> texts) {
  spd::TrafficSelectors out;
  for (const auto text : texts) out.push_back(spd::TrafficSelector::parse(text).value());
  return out;
}

using Children = std::set<base::ChildId>;

}  // namespace

TEST_CASE("children are found by any address that they have in common with what is asked") {
  ikev2::RemoteNetworks networks;
  networks.add(base::ChildId(1), selectors({"10.1.0.0/16", "2001:db8::/32"}));
  networks.add(base::ChildId(2), selectors({"10.2.0.7/32"}));
  networks.add(base::ChildId(3), selectors({"10.2.0.5-10.2.0.9"}));
  CHECK(networks.overlapping(selectors({"10.1.2.3/32"})) == Children{base::ChildId(1)});
  CHECK(networks.overlapping(selectors({"10.0.0.0/8"})) ==
        Children{base::ChildId(1), base::ChildId(2), base::ChildId(3)});
  CHECK(networks.overlapping(selectors({"10.2.0.8-10.2.0.20"})) == Children{base::ChildId(3)});
  CHECK(networks.overlapping(selectors({"2001:db8:1::1/128"})) == Children{base::ChildId(1)});
  CHECK(networks.overlapping(selectors({"::/0"})) == Children{base::ChildId(1)});
  CHECK(networks.overlapping(selectors({"10.3.0.0/16", "192.0.2.1/32"})).empty());
  networks.remove(base::ChildId(3));
  networks.remove(base::ChildId(9));  // was never there
  CHECK(networks.overlapping(selectors({"10.2.0.0/24"})) == Children{base::ChildId(2)});
}

TEST_CASE("what is found are those that overlap, for random ranges that come and go") {
  std::mt19937 rng(7);
  ikev2::RemoteNetworks networks;
  std::map<base::ChildId, base::AddressRange> obvious;
  const auto random_range = [&] {
    const auto first = static_cast<std::uint32_t>(rng() % 500);
    const auto last = first + (rng() % 3 == 0 ? 0 : static_cast<std::uint32_t>(rng() % 40));
    return base::AddressRange{base::IpAddress::v4(first), base::IpAddress::v4(last)};
  };
  for (std::uint64_t i = 1; i < 2000; ++i) {
    const base::ChildId id(i);
    const base::AddressRange range = random_range();
    networks.add(id, {spd::TrafficSelector::of(range)});
    obvious.emplace(id, range);
    if (obvious.size() > 30) {
      const auto gone = std::next(obvious.begin(), static_cast<std::ptrdiff_t>(rng() % obvious.size()));
      networks.remove(gone->first);
      obvious.erase(gone);
    }
    const base::AddressRange asked = random_range();
    Children expected;
    for (const auto& [child, has] : obvious) {
      if (has.first <= asked.last && asked.first <= has.last) expected.insert(child);
    }
    REQUIRE(networks.overlapping({spd::TrafficSelector::of(asked)}) == expected);
  }
}
