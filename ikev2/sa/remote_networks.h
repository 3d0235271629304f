// Which children have which addresses behind their peers, so that overlaps are found without a look at all
// children.
#pragma once

#include <map>
#include <set>
#include <unordered_map>
#include <utility>
#include <vector>

#include "base/ip.h"
#include "base/strong.h"
#include "spd/selector.h"

namespace ikev2 {

class RemoteNetworks {
 public:
  void add(base::ChildId child, const spd::TrafficSelectors& remote);
  void remove(base::ChildId child);
  // The children that have an address in common with these; protocols and ports are not looked at.
  std::set<base::ChildId> overlapping(const spd::TrafficSelectors& remote) const;

 private:
  using Entry = std::pair<base::IpAddress, base::ChildId>;
  // By length of the prefix: two of one length are the same or have nothing in common.
  std::map<int, std::set<Entry>> prefixes_;
  std::unordered_map<base::ChildId, std::vector<base::Prefix>> of_child_;
};

}  // namespace ikev2
