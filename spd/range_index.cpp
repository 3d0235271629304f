#include "spd/range_index.h"

#include <bit>
#include <optional>

namespace spd {
namespace {

// From so many values at one node on they are told apart by their second range.
constexpr std::ptrdiff_t kMany = 16;

// The address behind this one; :: follows the last one of IPv4.
std::optional<base::IpAddress> next_of(const base::IpAddress& address) {
  if (address.is_v4()) {
    if (address == base::IpAddress::last(base::IpFamily::v4)) return base::IpAddress::any(base::IpFamily::v6);
    return base::IpAddress::v4(address.v4_value() + 1);
  }
  if (address == base::IpAddress::last(base::IpFamily::v6)) return {};
  const std::uint64_t low = address.low() + 1;
  return base::IpAddress::v6(address.high() + (low == 0 ? 1 : 0), low);
}

}  // namespace

RangeIndex::RangeIndex(const std::vector<RangeItem>& items, bool nests) {
  if (items.empty()) return;
  collect_starts(items);
  leaves_ = std::bit_ceil(starts_.size());
  nodes_.resize(2 * leaves_);
  const std::vector<Placed> placed = place(items);
  for (auto begin = placed.begin(); begin != placed.end();) {
    const auto end =
        std::find_if(begin, placed.end(), [&](const Placed& p) { return p.node != begin->node; });
    fill(items, &*begin, &*begin + (end - begin), nests);
    begin = end;
  }
}

void RangeIndex::collect_starts(const std::vector<RangeItem>& items) {
  starts_.reserve(2 * items.size());
  for (const RangeItem& item : items) {
    starts_.push_back(item.first.first);
    if (const auto behind = next_of(item.first.last)) starts_.push_back(*behind);
  }
  std::sort(starts_.begin(), starts_.end());
  starts_.erase(std::unique(starts_.begin(), starts_.end()), starts_.end());
  starts_.shrink_to_fit();
}

std::size_t RangeIndex::leaf_of(const base::IpAddress& start) const {
  return static_cast<std::size_t>(std::lower_bound(starts_.begin(), starts_.end(), start) - starts_.begin());
}

// Each item at the highest nodes that it covers whole; by node, and there in the order of values.
std::vector<RangeIndex::Placed> RangeIndex::place(const std::vector<RangeItem>& items) const {
  std::vector<Placed> placed;
  placed.reserve(items.size());
  for (std::uint32_t i = 0; i < items.size(); ++i) {
    const RangeItem& item = items[i];
    const auto behind = next_of(item.first.last);
    std::size_t left = leaves_ + leaf_of(item.first.first);
    std::size_t right = leaves_ + (behind ? leaf_of(*behind) : leaves_);
    for (; left < right; left /= 2, right /= 2) {
      if (left % 2 == 1) placed.push_back({static_cast<std::uint32_t>(left++), item.value, i});
      if (right % 2 == 1) placed.push_back({static_cast<std::uint32_t>(--right), item.value, i});
    }
  }
  std::sort(placed.begin(), placed.end(), [](const Placed& a, const Placed& b) {
    return a.node != b.node ? a.node < b.node : a.value < b.value;
  });
  return placed;
}

void RangeIndex::fill(const std::vector<RangeItem>& items, const Placed* begin, const Placed* end,
                      bool nests) {
  Node& node = nodes_[begin->node];
  if (nests && end - begin > kMany) {
    std::vector<RangeItem> turned;
    for (const Placed* p = begin; p != end; ++p) {
      turned.push_back({items[p->item].second, items[p->item].first, p->value});
    }
    node = {static_cast<std::uint32_t>(nested_.size()), kNested};
    nested_.push_back(RangeIndex(turned, false));
    return;
  }
  node = {static_cast<std::uint32_t>(values_.size()), static_cast<std::uint32_t>(end - begin)};
  for (const Placed* p = begin; p != end; ++p) values_.push_back(p->value);
}

}  // namespace spd
