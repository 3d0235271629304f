// The ordered policy list, as an immutable snapshot that data-path threads look up in without locks.
//
// Most policies of a snapshot are compiled, and shared with the snapshots before and after it; the few that
// came or went since then stand beside them. So a change costs little, and a look-up grows with the logarithm
// of the number of policies.
#pragma once

#include <map>
#include <memory>
#include <unordered_map>
#include <vector>

#include "spd/compiled.h"
#include "spd/policy.h"

namespace spd {

class Snapshot {
 public:
  Snapshot() = default;
  // By descending priority; at equal priority bypass and discard first, traps and holds last, then the order
  // given.
  explicit Snapshot(std::vector<Policy> policies);

  // The first policy of that direction that matches, or nullptr. Allocates nothing.
  const Policy* find(Direction direction, const PacketKey& key) const;
  // All of them, in their order.
  std::vector<std::shared_ptr<const Policy>> policies() const;
  // Whether an inbound policy discards or rejects.
  bool discards_inbound() const { return discards_inbound_; }
  // The traps and holds, in no order.
  const std::vector<std::shared_ptr<const Policy>>& waiting() const { return *waiting_; }

 private:
  friend class Spd;
  std::shared_ptr<const Compiled> compiled_ = std::make_shared<const Compiled>();
  std::vector<RankedPolicy> recent_;  // not among the compiled ones, in their order
  std::vector<std::uint32_t> gone_;   // of the compiled ones, in order
  bool discards_inbound_ = false;
  std::shared_ptr<const std::vector<std::shared_ptr<const Policy>>> waiting_ =
      std::make_shared<const std::vector<std::shared_ptr<const Policy>>>();
};

// The one writer's table; each change yields a new snapshot.
class Spd {
 public:
  void add(Policy policy) { insert(std::move(policy), ++last_place_); }
  // Before every other of its priority.
  void add_first(Policy policy) { insert(std::move(policy), --first_place_); }
  // Removes all policies of that bundle; how many there were.
  std::size_t remove(BundleId bundle);
  // Removes those of them that have this id.
  std::size_t remove(BundleId bundle, std::uint64_t id);
  std::shared_ptr<const Snapshot> snapshot();
  std::size_t size() const { return policies_.size(); }

 private:
  void insert(Policy policy, std::int64_t place);
  void erase(const Rank& rank);
  void compile();

  std::map<Rank, std::shared_ptr<const Policy>> policies_;
  std::unordered_multimap<BundleId, Rank> by_bundle_;
  std::int64_t first_place_ = 0, last_place_ = 0;
  Snapshot current_;
  std::map<Rank, std::shared_ptr<const Policy>> recent_, waiting_;
  bool waiting_changed_ = false;
  std::size_t inbound_discards_ = 0;
};

}  // namespace spd
