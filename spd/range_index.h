// Which of many pairs of address ranges hold two addresses: a segment tree over the boundaries of the first
// range, in whose nodes many that share it are told apart by the second.
//
// Each range stands at the few nodes that together cover it; an address walks from its leaf to the root and
// sees all that hold it. A look-up costs the logarithm of the number of ranges, and what it finds.
#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

#include "base/ip.h"

namespace spd {

struct RangeItem {
  base::AddressRange first, second;
  std::uint32_t value = 0;  // lower ones come first
};

class RangeIndex {
 public:
  RangeIndex() = default;
  explicit RangeIndex(const std::vector<RangeItem>& items) : RangeIndex(items, true) {}

  // The lowest value below `best` that `accepts`, of those whose ranges hold the addresses; `best` where
  // there is none. Of many values at one node the second address is not looked at: `accepts` has to.
  template <class Accepts>
  std::uint32_t find(const base::IpAddress& first, const base::IpAddress& second, std::uint32_t best,
                     const Accepts& accepts) const;

 private:
  // Values values_[begin] to values_[begin + count - 1], in order; or nested_[begin].
  struct Node {
    std::uint32_t begin = 0, count = 0;
  };
  static constexpr std::uint32_t kNested = ~std::uint32_t{0};
  // An item at a node.
  struct Placed {
    std::uint32_t node = 0, value = 0, item = 0;
  };

  RangeIndex(const std::vector<RangeItem>& items, bool nests);
  void collect_starts(const std::vector<RangeItem>& items);
  std::vector<Placed> place(const std::vector<RangeItem>& items) const;
  std::size_t leaf_of(const base::IpAddress& start) const;
  void fill(const std::vector<RangeItem>& items, const Placed* begin, const Placed* end, bool nests);

  std::vector<base::IpAddress> starts_;  // of the leaves: each ends where the next one starts
  std::size_t leaves_ = 0;               // their number, rounded up to a power of two
  std::vector<Node> nodes_;              // as a heap: the root is 1, the leaves begin at leaves_
  std::vector<std::uint32_t> values_;
  std::vector<RangeIndex> nested_;
};

template <class Accepts>
std::uint32_t RangeIndex::find(const base::IpAddress& first, const base::IpAddress& second,
                               std::uint32_t best, const Accepts& accepts) const {
  const auto next = std::upper_bound(starts_.begin(), starts_.end(), first);
  if (next == starts_.begin()) return best;
  const auto leaf = static_cast<std::size_t>(next - starts_.begin()) - 1;
  for (std::size_t at = leaves_ + leaf; at != 0; at /= 2) {
    const Node& node = nodes_[at];
    if (node.count == kNested) {
      best = nested_[node.begin].find(second, first, best, accepts);
      continue;
    }
    for (std::uint32_t i = node.begin; i < node.begin + node.count && values_[i] < best; ++i) {
      if (accepts(values_[i])) best = values_[i];
    }
  }
  return best;
}

}  // namespace spd
