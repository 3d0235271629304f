// Packets that wait at a trap until its SA is up, and the traps' state on the data thread.
//
//   idle -- packet --> asked (packets wait, bounded) -- answer --> idle, or pausing (packets are dropped)
#pragma once

#include <algorithm>
#include <cstdint>
#include <memory>
#include <vector>

#include "base/bytes.h"
#include "base/time.h"
#include "spd/spd.h"

namespace esp {

// How much waits at one policy, at most.
struct HoldLimits {
  std::uint32_t packets = 128;
  std::uint32_t octets = 128 * 1024;
};

// A queue of copies, in the order they came. Its memory is taken when it is made, and touched as it fills.
class HoldQueue {
 public:
  explicit HoldQueue(HoldLimits limits);

  // False where it is full; then nothing has changed.
  bool push(base::ByteSpan packet) noexcept;
  // Shows each packet in order; those for which `leaves` answers true are taken out.
  template <class F>
  void take_if(F&& leaves);
  // Empties it; how many packets there were.
  std::uint64_t clear();
  std::size_t size() const { return lengths_.size(); }

 private:
  HoldLimits limits_;
  std::unique_ptr<std::uint8_t[]> octets_;  // the packets, one behind the other
  std::uint32_t used_ = 0;
  std::vector<std::uint32_t> lengths_;
};

// A policy whose packets wait.
struct Hold {
  explicit Hold(std::uint64_t policy_id, HoldLimits limits) : policy(policy_id), queue(limits) {}
  std::uint64_t policy;
  HoldQueue queue;
  bool asked = false;  // an acquire is on its way, and not answered
  base::Instant pause_ends{};
};

// Those of one shard.
class Holds {
 public:
  explicit Holds(HoldLimits limits = {}) : limits_(limits) {}

  // Makes room for each outbound trap of the snapshot, and takes away the others; how many packets waited at
  // those.
  std::uint64_t follow(const spd::Snapshot& policies);
  Hold* find(std::uint64_t policy);
  std::vector<Hold>& all() { return holds_; }

 private:
  HoldLimits limits_;
  std::vector<Hold> holds_;  // by policy
};

template <class F>
void HoldQueue::take_if(F&& leaves) {
  std::uint32_t from = 0, to = 0;
  std::size_t kept = 0;
  for (const std::uint32_t length : lengths_) {
    std::uint8_t* const packet = octets_.get() + from;
    if (!leaves(base::ByteSpan(packet, length))) {
      std::copy(packet, packet + length, octets_.get() + to);
      lengths_[kept++] = length;
      to += length;
    }
    from += length;
  }
  lengths_.resize(kept);
  used_ = to;
}

}  // namespace esp
