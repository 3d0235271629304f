#include "spd/policy.h"

#include <algorithm>

namespace spd {
namespace {

// How many leading bits all addresses of the range share.
int common_bits(const base::AddressRange& range) {
  const std::uint64_t high = range.first.high() ^ range.last.high();
  const std::uint64_t low = range.first.low() ^ range.last.low();
  const auto zeros = [](std::uint64_t v) { return v == 0 ? 64 : __builtin_clzll(v); };
  if (range.first.is_v4()) return zeros(low) - 32;
  return high != 0 ? zeros(high) : 64 + zeros(low);
}

// A side counts as little as its least specific selector: one wide selector makes a rule wide.
std::int32_t score(const TrafficSelectors& side) {
  std::int32_t lowest = 0;
  bool first = true;
  for (const auto& ts : side) {
    const std::int32_t s = common_bits(ts.range) * 4 + (ts.protocol != 0 ? 1 : 0) + (ts.all_ports() ? 0 : 1);
    lowest = first ? s : std::min(lowest, s);
    first = false;
  }
  return lowest;
}

}  // namespace

std::int32_t priority_of(const SelectorPair& selectors) {
  return score(selectors.local) + score(selectors.remote);
}

std::string_view name(Action action) {
  switch (action) {
    case Action::bypass:
      return "bypass";
    case Action::discard:
      return "discard";
    case Action::protect:
      return "protect";
    case Action::reject:
      return "reject";
    case Action::trap:
      return "trap";
    case Action::hold:
      return "hold";
  }
  return "unknown";
}

}  // namespace spd
