// What the policies said of the flows that were seen last, of one thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "spd/spd.h"

namespace spd {

// One slot for each value of a hash: a flow that comes to the slot of another takes it over.
class FlowCache {
 public:
  static constexpr std::size_t kSlots = 1024;

  // What the snapshot finds, which is the same one, and alive, from one forget() to the next. Allocates
  // nothing.
  const Policy* find(const Snapshot& policies, Direction direction, const PacketKey& key);
  // The policies have changed: all flows ask anew.
  void forget() { ++generation_; }

  std::uint64_t hits() const { return hits_; }

 private:
  struct Slot {
    PacketKey key;
    Direction direction = Direction::outbound;
    std::uint64_t generation = 0;
    const Policy* policy = nullptr;
  };
  std::vector<Slot> slots_ = std::vector<Slot>(kSlots);
  std::uint64_t generation_ = 1;
  std::uint64_t hits_ = 0;
};

}  // namespace spd
