#include "esp/hold.h"

namespace esp {

// Not zeroed: a trap that nothing meets costs no memory but addresses.
HoldQueue::HoldQueue(HoldLimits limits)
    : limits_(limits), octets_(std::make_unique_for_overwrite<std::uint8_t[]>(limits.octets)) {
  lengths_.reserve(limits.packets);
}

bool HoldQueue::push(base::ByteSpan packet) noexcept {
  if (lengths_.size() == limits_.packets || packet.size() > limits_.octets - used_) return false;
  std::copy(packet.begin(), packet.end(), octets_.get() + used_);
  used_ += static_cast<std::uint32_t>(packet.size());
  lengths_.push_back(static_cast<std::uint32_t>(packet.size()));
  return true;
}

std::uint64_t HoldQueue::clear() {
  const std::uint64_t waited = lengths_.size();
  lengths_.clear();
  used_ = 0;
  return waited;
}

std::uint64_t Holds::follow(const spd::Snapshot& policies) {
  std::vector<Hold> next;
  for (const auto& policy : policies.waiting()) {
    if (policy->direction != spd::Direction::outbound) continue;
    Hold* const known = find(policy->id);
    next.push_back(known == nullptr ? Hold(policy->id, limits_) : std::move(*known));
  }
  std::uint64_t dropped = 0;
  for (Hold& gone : holds_) dropped += gone.queue.clear();
  holds_ = std::move(next);
  std::sort(holds_.begin(), holds_.end(), [](const Hold& a, const Hold& b) { return a.policy < b.policy; });
  return dropped;
}

Hold* Holds::find(std::uint64_t policy) {
  const auto found = std::lower_bound(holds_.begin(), holds_.end(), policy,
                                      [](const Hold& hold, std::uint64_t id) { return hold.policy < id; });
  return found == holds_.end() || found->policy != policy ? nullptr : &*found;
}

}  // namespace esp
