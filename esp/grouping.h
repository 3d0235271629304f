// Groups the packets of one round by SA without allocating.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <functional>
#include <span>

#include "base/packet.h"

namespace esp {

// Calls run(sa, indexes) once for each SA among the items, indexes in the order of the items. At most
// base::PacketBatch::kCapacity items; Item has a member `sa`, a pointer that is not null.
template <class Item, class Run>
void for_each_sa(std::span<Item> items, const Run& run) {
  std::array<std::uint8_t, base::PacketBatch::kCapacity> order;
  for (std::size_t i = 0; i < items.size(); ++i) order[i] = static_cast<std::uint8_t>(i);
  const std::span<std::uint8_t> used(order.data(), items.size());
  const auto same_sa = [&](std::uint8_t a, std::uint8_t b) { return items[a].sa == items[b].sa; };
  // Mostly all packets have one SA, and are in order as they are.
  const bool one = std::adjacent_find(used.begin(), used.end(), std::not_fn(same_sa)) == used.end();
  if (!one) {
    std::sort(used.begin(), used.end(), [&](std::uint8_t a, std::uint8_t b) {
      if (items[a].sa != items[b].sa) return std::less<>{}(items[a].sa, items[b].sa);
      return a < b;
    });
  }
  for (std::size_t begin = 0; begin < used.size();) {
    std::size_t end = begin + 1;
    while (end < used.size() && same_sa(used[begin], used[end])) ++end;
    run(*items[used[begin]].sa, std::span<const std::uint8_t>(used.subspan(begin, end - begin)));
    begin = end;
  }
}

}  // namespace esp
