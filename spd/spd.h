// The ordered policy list, as an immutable snapshot that data-path threads look up in without locks.
#pragma once

#include <memory>
#include <vector>

#include "spd/policy.h"

namespace spd {

class Snapshot {
 public:
  Snapshot() = default;
  // Sorts by descending priority; at equal priority bypass and discard first, traps and holds last, then the
  // order given.
  explicit Snapshot(std::vector<Policy> policies);

  // The first policy of that direction that matches, or nullptr. Allocates nothing.
  const Policy* find(Direction direction, const PacketKey& key) const;
  const std::vector<Policy>& policies() const { return policies_; }

 private:
  std::vector<Policy> policies_;
};

// The one writer's table; each change yields a new snapshot.
class Spd {
 public:
  void add(Policy policy) { policies_.push_back(std::move(policy)); }
  // Before every other of its priority.
  void add_first(Policy policy) { policies_.insert(policies_.begin(), std::move(policy)); }
  // Removes all policies of that bundle; how many there were.
  std::size_t remove(BundleId bundle);
  std::shared_ptr<const Snapshot> snapshot() const { return std::make_shared<const Snapshot>(policies_); }

 private:
  std::vector<Policy> policies_;
};

}  // namespace spd
