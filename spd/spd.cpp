#include "spd/spd.h"

#include <algorithm>
#include <utility>

namespace spd {
namespace {

bool waits(const Policy& policy) { return policy.action == Action::trap || policy.action == Action::hold; }

bool discards_inbound(const Policy& policy) {
  return policy.direction == Direction::inbound &&
         (policy.action == Action::discard || policy.action == Action::reject);
}

std::vector<std::shared_ptr<const Policy>> values_of(
    const std::map<Rank, std::shared_ptr<const Policy>>& ranked) {
  std::vector<std::shared_ptr<const Policy>> out;
  out.reserve(ranked.size());
  for (const auto& [rank, policy] : ranked) out.push_back(policy);
  return out;
}

std::vector<RankedPolicy> in_order(const std::map<Rank, std::shared_ptr<const Policy>>& ranked) {
  std::vector<RankedPolicy> out;
  out.reserve(ranked.size());
  for (const auto& [rank, policy] : ranked) out.push_back({rank, policy});
  return out;
}

// How many changes stand beside the compiled policies: few, since look-ups walk through them, and more where
// compiling takes longer.
std::size_t most_changes(std::size_t policies) {
  return std::min<std::size_t>(4 + policies / 16, 64 + policies / 512);
}

}  // namespace

Snapshot::Snapshot(std::vector<Policy> policies) {
  Spd table;
  for (Policy& policy : policies) table.add(std::move(policy));
  *this = *table.snapshot();
}

const Policy* Snapshot::find(Direction direction, const PacketKey& key) const {
  const std::uint32_t found = compiled_->find(direction, key, gone_);
  const RankedPolicy* const best = found == Compiled::kNone ? nullptr : &compiled_->policies()[found];
  for (const RankedPolicy& recent : recent_) {
    if (best != nullptr && best->rank < recent.rank) break;
    if (recent.policy->direction == direction && recent.policy->selectors.matches(key))
      return recent.policy.get();
  }
  return best == nullptr ? nullptr : best->policy.get();
}

std::vector<std::shared_ptr<const Policy>> Snapshot::policies() const {
  std::map<Rank, std::shared_ptr<const Policy>> all;
  for (std::uint32_t i = 0; i < compiled_->policies().size(); ++i) {
    if (std::binary_search(gone_.begin(), gone_.end(), i)) continue;
    all.emplace(compiled_->policies()[i].rank, compiled_->policies()[i].policy);
  }
  for (const RankedPolicy& recent : recent_) all.emplace(recent.rank, recent.policy);
  return values_of(all);
}

void Spd::insert(Policy policy, std::int64_t place) {
  const Rank rank = Rank::of(policy, place);
  const auto shared = std::make_shared<const Policy>(std::move(policy));
  policies_.emplace(rank, shared);
  recent_.emplace(rank, shared);
  by_bundle_.emplace(shared->bundle, rank);
  if (discards_inbound(*shared)) ++inbound_discards_;
  if (!waits(*shared)) return;
  waiting_.emplace(rank, shared);
  waiting_changed_ = true;
}

void Spd::erase(const Rank& rank) {
  const auto found = policies_.find(rank);
  if (discards_inbound(*found->second)) --inbound_discards_;
  policies_.erase(found);
  if (waiting_.erase(rank) != 0) waiting_changed_ = true;
  if (recent_.erase(rank) != 0) return;
  const std::uint32_t index = current_.compiled_->index_of(rank);
  auto& gone = current_.gone_;
  gone.insert(std::lower_bound(gone.begin(), gone.end(), index), index);
}

std::size_t Spd::remove(BundleId bundle) {
  const auto [begin, end] = by_bundle_.equal_range(bundle);
  for (auto it = begin; it != end; ++it) erase(it->second);
  return by_bundle_.erase(bundle);
}

std::size_t Spd::remove(BundleId bundle, std::uint64_t id) {
  std::size_t removed = 0;
  const auto [begin, end] = by_bundle_.equal_range(bundle);
  for (auto it = begin; it != end;) {
    if (policies_.at(it->second)->id != id) {
      ++it;
      continue;
    }
    erase(it->second);
    it = by_bundle_.erase(it);
    ++removed;
  }
  return removed;
}

void Spd::compile() {
  current_.compiled_ = std::make_shared<const Compiled>(in_order(policies_));
  current_.gone_.clear();
  recent_.clear();
}

std::shared_ptr<const Snapshot> Spd::snapshot() {
  if (recent_.size() + current_.gone_.size() > most_changes(policies_.size())) compile();
  current_.recent_ = in_order(recent_);
  current_.discards_inbound_ = inbound_discards_ != 0;
  if (std::exchange(waiting_changed_, false)) {
    current_.waiting_ =
        std::make_shared<const std::vector<std::shared_ptr<const Policy>>>(values_of(waiting_));
  }
  return std::make_shared<const Snapshot>(current_);
}

}  // namespace spd
