#include "ikev2/exchange/nat_selectors.h"

#include <algorithm>

namespace ikev2 {

std::optional<spd::TrafficSelectors> with_address(const spd::TrafficSelectors& selectors,
                                                  const base::IpAddress& address) {
  if (selectors.empty()) return {};
  const base::IpAddress one = selectors.front().range.first;
  const bool fits = one.family() == address.family() &&
                    std::all_of(selectors.begin(), selectors.end(), [&](const auto& ts) {
                      return ts.range.first == one && ts.range.last == one;
                    });
  if (!fits) return {};
  spd::TrafficSelectors out = selectors;
  for (spd::TrafficSelector& ts : out) ts.range = {address, address};
  return out;
}

std::optional<spd::SelectorPair> as_seen_here(const IkeSa& sa, const spd::SelectorPair& asked) {
  if (!sa.local_behind_nat && !sa.remote_behind_nat) return {};
  // RFC 7296 2.23.1: both "MUST have exactly one IP address".
  const auto local = with_address(asked.local, sa.local.address);
  const auto remote = with_address(asked.remote, sa.remote.address);
  if (!local || !remote) return {};
  return spd::SelectorPair{sa.local_behind_nat ? *local : asked.local,
                           sa.remote_behind_nat ? *remote : asked.remote};
}

spd::SelectorPair as_asked(const spd::SelectorPair& agreed, const spd::SelectorPair& asked) {
  const auto back = [](const spd::TrafficSelectors& side, const spd::TrafficSelectors& original) {
    return with_address(side, original.front().range.first).value_or(side);
  };
  return {back(agreed.local, asked.local), back(agreed.remote, asked.remote)};
}

}  // namespace ikev2
