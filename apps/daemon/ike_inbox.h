// From one shard to the IKE thread: IKE messages that landed on the shard's socket, and events of children.
#pragma once

#include <atomic>
#include <functional>
#include <variant>

#include "base/ip.h"
#include "base/result.h"
#include "base/spsc_ring.h"
#include "esp/drop_note.h"
#include "esp/path_probe.h"
#include "ikev2/event.h"

namespace daemon_app {

// An IKE message from a shard's NAT-T socket, without the marker.
struct StrayIke {
  base::Endpoint local, remote;
  base::Bytes message;
};
// A packet waits at a trap, the first one since the trap was answered.
struct TrapHit {
  base::ChildId trap;
  spd::PacketKey packet;
};
using FromShard =
    std::variant<std::monostate, StrayIke, TrapHit, esp::ProbeNote, esp::DropNote, ikev2::ChildEvent>;

class IkeInbox {
 public:
  static constexpr std::size_t kCapacity = 1024;

  static base::Result<std::unique_ptr<IkeInbox>> open();
  ~IkeInbox();

  // The shard's thread only. False when full: the element is dropped, and counted as lost.
  bool push(FromShard element);
  // How many were dropped so far; any thread.
  std::uint64_t lost() const { return lost_.load(std::memory_order_relaxed); }
  // Readable when something waits.
  int descriptor() const { return event_; }
  // The IKE thread only: takes everything.
  void drain(const std::function<void(FromShard&&)>& take);

 private:
  explicit IkeInbox(int event) : event_(event), ring_(kCapacity) {}
  const int event_;  // an eventfd
  base::SpscRing<FromShard> ring_;
  std::atomic<std::uint64_t> lost_{0};
};

}  // namespace daemon_app
