// Policies in their order, with an index over their addresses. Immutable.
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <memory>
#include <vector>

#include "spd/policy.h"
#include "spd/range_index.h"

namespace spd {

// The order of policies in one table: those that compare less come first. No two have the same.
struct Rank {
  std::int64_t priority = 0;  // negated: a higher one comes first
  std::int32_t kind = 0;      // bypass and discard before protect and reject before traps and holds
  std::int64_t place = 0;     // as they were added
  auto operator<=>(const Rank&) const = default;
  static Rank of(const Policy& policy, std::int64_t place);
};

struct RankedPolicy {
  Rank rank;
  std::shared_ptr<const Policy> policy;
};

class Compiled {
 public:
  static constexpr std::uint32_t kNone = ~std::uint32_t{0};

  Compiled() = default;
  // In the order of their ranks.
  explicit Compiled(std::vector<RankedPolicy> policies);

  // The index of the first policy of that direction that matches and is not in `gone`, which is in order;
  // kNone where there is none. Allocates nothing.
  std::uint32_t find(Direction direction, const PacketKey& key, const std::vector<std::uint32_t>& gone) const;
  // The index of the policy with that rank, or kNone.
  std::uint32_t index_of(const Rank& rank) const;
  const std::vector<RankedPolicy>& policies() const { return policies_; }

 private:
  std::vector<RankedPolicy> policies_;
  std::array<RangeIndex, 2> index_;  // by direction; of remote addresses, then local ones
};

}  // namespace spd
