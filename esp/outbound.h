// The outbound pipeline of one shard: inner packets in, outer packets out.
//
//   parse -> policy -> sequence numbers -> trailer -> seal -> outer addresses -> send
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <memory>
#include <utility>

#include "base/packet.h"
#include "base/rng.h"
#include "esp/counters.h"
#include "esp/esp_encap.h"
#include "esp/hold.h"
#include "esp/ip_header.h"
#include "esp/mss_clamp.h"
#include "esp/path_options.h"
#include "esp/path_probe.h"
#include "esp/refusal.h"
#include "esp/sad.h"
#include "esp/wrap.h"
#include "spd/flow_cache.h"
#include "spd/spd.h"

namespace esp {

// The first packet that waits at a trap.
struct AcquireNote {
  std::uint64_t policy = 0;
  spd::PacketKey packet;
};

// What leaves. Each frame has local and remote set.
struct OutboundResult {
  base::PacketBatch udp;  // payload for the NAT-T socket: ESP, in trains
  base::PacketBatch raw;  // payload for IP protocol 50: ESP, in trains of packets that are sent one by one
  base::PacketBatch tun;  // bypass: whole inner packets, untouched, that apps puts back on their way in clear
  base::PacketBatch whole;  // whole IP packets with their outer header: AH, tun and comp, and ESP in
                            // transport mode where more than a fixed header stands in front
  base::PacketBatch icmp;   // whole inner packets that apps answers with ICMP
  std::array<Refusal, base::PacketBatch::kCapacity> icmp_why{};  // of icmp[i]
  std::array<std::uint32_t, base::PacketBatch::kCapacity>
      icmp_mtu{};                          // of those that are too big: the MTU to tell, in octets
  std::array<AcquireNote, 16> acquires{};  // for the IKE thread: the first `acquired` of them
  std::size_t acquired = 0;
  void clear() {
    acquired = 0;
    udp.clear();
    raw.clear();
    tun.clear();
    whole.clear();
    icmp.clear();
  }
};

class Outbound {
 public:
  // All belong to the thread of this object. `rng` gives IVs of CBC.
  Outbound(Sad& sad, Counters& counters, base::Rng& rng, HoldLimits limits = {})
      : sad_(sad), counters_(counters), rng_(rng), wrapper_(counters, rng), holds_(limits) {}

  // Swapped between batches. Traps that are new begin idle; what waits at one that is gone is dropped.
  // Packets that wait and find another policy now are for take_released().
  void set_policies(std::shared_ptr<const spd::Snapshot> policies);
  // Where buffers for outer packets come from; without, tunnels drop and count all. The pool belongs to the
  // same thread and outlives this object.
  void set_pool(base::PacketPool* pool) {
    pool_ = pool;
    yard_.builder.set_pool(pool);
  }
  // Who makes packets of frames that have a Gso; without, those are dropped and counted. Outlives this
  // object.
  void set_segmenter(const base::Segmenter* segmenter) { yard_.segmenter = segmenter; }
  // Of `lanes` threads, a power of two, this one owns the SAs and traps whose id modulo `lanes` is `lane`.
  // What belongs to others is handed over whole; where `hand_over` answers false, it is dropped and counted.
  using HandOver = std::function<bool(std::uint32_t lane, base::Frame& packet)>;
  void set_lane(std::uint32_t lane, std::uint32_t lanes, HandOver hand_over) {
    lane_ = lane;
    lane_mask_ = lanes - 1;
    hand_over_ = std::move(hand_over);
  }

  // Called when a queue of the result is full, from within process(): empties it. Without, what does not fit
  // is dropped and counted.
  void set_full_handler(std::function<void(OutboundResult&)> handler) { on_full_ = std::move(handler); }

  void set_path_options(const PathOptions& options) { path_ = options; }

  // Takes all frames of `in`; everything not sent is dropped and counted. Afterwards `in` is empty. Packets
  // of one SA leave in the order they came. Allocates nothing, throws nothing.
  //
  // Hop limits stay as they are: the kernel has routed the packet to the TUN device and has decremented it.
  // Outer headers of tunnels are the sockets' business but for AH; DSCP and ECN are told to them.
  //
  // What meets a trap waits there as a copy, up to a bound, and the first is noted in `out.acquires`. `now`
  // tells traps when their pause is over.
  void process(base::PacketBatch& in, OutboundResult& out, base::Instant now = {}) noexcept;

  // Moves packets that wait at traps and that a policy takes by now to `batch`, in the order they came, for
  // process(). False where there are none. To be called until then, before anything else is processed.
  bool take_released(base::PacketBatch& batch) noexcept;
  // What the trap has asked for is done or has failed: what still waits is dropped, and until `pause_ends`
  // the trap asks no more.
  void answer(std::uint64_t policy, base::Instant pause_ends) noexcept;
  // The note did not reach the IKE thread: the next packet asks again.
  void forget_acquire(std::uint64_t policy) noexcept;

  // Sends a dummy packet (RFC 4303 2.6) by that child: as long as the SA can make it within `outer_size`
  // octets on the path, not to be fragmented; or, with 0, as short as it can be. Counted neither in the SA's
  // traffic nor in out-packets. Nothing where the child has no single SA of ESP.
  void send_probe(base::ChildId child, PathProbe probe, std::uint32_t outer_size,
                  OutboundResult& out) noexcept;

  // Whether an SA has reached a limit of its life since the last call: time for ChildWatch to look.
  bool take_alarm() {
    const bool of_bundles = wrapper_.take_alarm();
    return std::exchange(alarm_, false) || of_bundles;
  }

 private:
  // Up to one batch of packets that have an SA, of each kind: tunnels, and what is sealed in place.
  struct Round {
    std::array<TunnelItem, kMaxRun> tunnels;
    std::size_t tunnel_count = 0;
    std::array<EncapItem, kMaxRun> items;
    std::size_t size = 0;
  };

  void split(const base::Frame& train, OutboundResult& out) noexcept;
  void take(base::Frame&& packet, OutboundResult& out) noexcept;
  bool is_of_other(const spd::Policy& policy, base::Frame& packet) noexcept;
  void count(const spd::Policy& policy, const base::Frame& packet) noexcept;
  void hold(const spd::Policy& policy, const IpPacket& inner, base::Frame&& packet,
            OutboundResult& out) noexcept;
  bool still_waits(const Hold& hold, base::ByteSpan packet) const noexcept;
  void protect(const spd::Policy& policy, const IpPacket& inner, base::Frame&& packet,
               OutboundResult& out) noexcept;
  void protect_by_bundle(const Bundle& bundle, const IpPacket& inner, base::Frame&& packet,
                         OutboundResult& out) noexcept;
  void send_dummy(const Bundle& bundle, std::uint32_t size, OutboundResult& out) noexcept;
  void refuse_too_big(std::uint32_t mtu, base::Frame&& packet, OutboundResult& out) noexcept;
  void refuse(Refusal why, std::uint32_t mtu, base::Frame&& packet, OutboundResult& out) noexcept;
  bool cuts(const OutboundSa& sa, const IpPacket& inner) const noexcept;
  void cut(const spd::Policy& policy, const IpPacket& inner, const base::Frame& packet, std::uint32_t mtu,
           OutboundResult& out) noexcept;
  bool keeps_whole(const IpPacket& inner) const {
    return path_.dont_fragment != DontFragment::clear &&
           (path_.dont_fragment == DontFragment::set || !inner.may_fragment);
  }
  // Of a TCP packet that opens a connection, to what fits into inner packets of `mtu` octets.
  void lower_mss(const IpPacket& inner, base::Frame& packet, std::uint32_t mtu) const noexcept {
    if (path_.clamp_mss && inner.protocol == base::ip_protocol::kTcp && is_tcp(packet.bytes()))
      clamp_mss(packet.bytes(), mtu);
  }
  void enter_tunnel(OutboundSa& sa, const IpPacket& inner, base::Frame&& packet, bool whole,
                    OutboundResult& out) noexcept;
  void finish(OutboundResult& out) noexcept;
  void finish_tunnels(OutboundResult& out) noexcept;
  void emit(base::PacketBatch& queue, base::Frame&& frame, OutboundResult& out) noexcept;
  void emit_train(base::Frame&& train, OutboundResult& out) noexcept;

  Sad& sad_;
  Counters& counters_;
  base::Rng& rng_;
  std::shared_ptr<const spd::Snapshot> policies_ = std::make_shared<spd::Snapshot>();
  spd::FlowCache flows_;  // in front of policies_
  base::PacketPool* pool_ = nullptr;
  PathOptions path_;
  TrainYard yard_;
  Wrapper wrapper_;
  Round round_;  // empty between batches
  std::function<void(OutboundResult&)> on_full_;
  std::uint32_t lane_ = 0, lane_mask_ = 0;
  HandOver hand_over_;
  Holds holds_;
  base::Instant now_{};  // of the batch
  bool alarm_ = false;
};

}  // namespace esp
