// Groups the packets of one round by SA without allocating.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <functional>
#include <span>

#include "base/packet.h"
#include "base/prefetch.h"
#include "esp/sa.h"

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

inline void prefetch_rest(const InboundSa& sa) { sa.window.prefetch(); }
inline void prefetch_rest(const OutboundSa&) {}

// Has the SAs of a round, and their keys, on their way from memory before the first of them is worked on:
// among thousands that of each packet has left the caches since its last one. Step by step, since where the
// next part is stands in the one before.
template <class Item>
void prefetch_sas(std::span<const Item> items) {
  if (items.empty() || items.front().sa == items.back().sa) return;  // mostly all packets have one SA
  const auto for_each_change = [items](const auto& fetch) {
    for (std::size_t i = 0; i < items.size(); ++i) {
      if (i == 0 || items[i].sa != items[i - 1].sa) fetch(*items[i].sa);
    }
  };
  for_each_change([](const auto& sa) { base::prefetch(&sa, sizeof sa); });
  for_each_change([](const auto& sa) { base::prefetch(sa.cipher.get(), sizeof(crypto::Cipher)); });
  for_each_change([](const auto& sa) {
    if (sa.cipher != nullptr) sa.cipher->prefetch();
    prefetch_rest(sa);
  });
}

}  // namespace esp
