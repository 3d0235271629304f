// The inbound pipeline of one shard: outer packets in, inner packets out.
//
//   classify -> group by SA -> replay check -> open -> replay update -> strip trailer -> selector check ->
//   deliver
#pragma once

#include <array>
#include <functional>
#include <memory>
#include <utility>

#include "base/packet.h"
#include "esp/arrival.h"
#include "esp/counters.h"
#include "esp/drop_note.h"
#include "esp/early_packets.h"
#include "esp/esp_decap.h"
#include "esp/expected_spis.h"
#include "esp/path_probe.h"
#include "esp/sa.h"
#include "esp/sad.h"

namespace esp {

class Inbound {
 public:
  // `sad` and `counters` belong to the same thread as this object.
  Inbound(Sad& sad, Counters& counters) : sad_(sad), counters_(counters) {
    for (DecapItem& item : round_.items) item.unwrapper = &unwrapper_;
  }
  Inbound(const Inbound&) = delete;
  Inbound& operator=(const Inbound&) = delete;

  // Where buffers come from for segments of a train that get an IP header in transport mode, and for what is
  // decompressed; without, those are dropped and counted. The pool belongs to the same thread and outlives
  // this object.
  void set_pool(base::PacketPool* pool) {
    pool_ = pool;
    unwrapper_.set_pool(pool);
  }

  // Of `lanes` threads, a power of two, this one owns the SAs whose SPI modulo `lanes` is `lane`. Packets of
  // others are handed over, one by one and sharing the buffer of their frame; those for which `hand_over`
  // answers false are dropped and counted.
  using HandOver = std::function<bool(std::uint32_t lane, Arrival arrival, base::Frame& packet)>;
  void set_lane(std::uint32_t lane, std::uint32_t lanes, HandOver hand_over) {
    lane_ = lane;
    lane_mask_ = lanes - 1;
    hand_over_ = std::move(hand_over);
  }

  // Called when `deliver` is full, from within process(): empties it. Without, what does not fit is dropped
  // and counted.
  void set_full_handler(std::function<void(base::PacketBatch& deliver)> handler) {
    on_full_ = std::move(handler);
  }

  // Packets without an SA wait where their SPI is one of these, until take_early() or the
  // fourth age_early().
  // Without, or without a pool, they are dropped like any other.
  void set_expected(const ExpectedSpis* expected) { expected_ = expected; }
  // Takes what waits for the SA with this SPI, which is there now, as process() does.
  void take_early(base::Spi spi, base::PacketBatch& deliver, base::PacketBatch& ike) noexcept;
  // Drops and counts what has waited for EarlyPackets::kPatience of these calls.
  void age_early() { counters_.add(Counter::in_no_sa, early_.age()); }

  // Takes all frames of `in`: inner packets go to `deliver`, IKE messages (marker still in front) to `ike`,
  // everything else is dropped and counted. Afterwards `in` is empty. A train is demultiplexed segment by
  // segment; frames that come out of one share its buffer, so no more than their own ESP header and ICV
  // around them may be overwritten. Packets are opened in place and delivered in the order they came.
  // What `ike` has no room for is dropped and counted. An SA takes ESP from UDP and from protocol 50 alike
  // (RFC 7296 2.23). Allocates nothing, throws nothing.
  void process(Arrival arrival, base::PacketBatch& in, base::PacketBatch& deliver,
               base::PacketBatch& ike) noexcept;

  // Whether TCP's MSS is lowered in what is delivered (esp/mss_clamp.h).
  void set_clamp_mss(bool on) { clamp_mss_ = on; }
  // Probes of the path that have come since the last call.
  ProbeNotes take_probes() { return std::exchange(probes_, {}); }
  bool has_probes() const { return probes_.size != 0; }

  // The first packet dropped since the notes were cleared whose loss is audited.
  DropNotes& drop_notes() { return drop_notes_; }

  // Whether an SA has reached a limit of its life since the last call: time for ChildWatch to look.
  bool take_alarm() {
    const bool of_bundles = unwrapper_.take_alarm();
    return std::exchange(alarm_, false) || of_bundles;
  }

 private:
  // Up to one batch of ESP or AH packets that have an SA.
  struct Round {
    std::array<DecapItem, base::PacketBatch::kCapacity> items;
    std::size_t size = 0;
  };

  bool is_of_other(Arrival arrival, base::Spi spi, base::Frame& frame, base::MutableByteSpan packet) noexcept;
  void no_sa(Arrival arrival, base::Spi spi, const base::Frame& frame, base::ByteSpan packet) noexcept;
  void take_esp(base::Frame& frame, base::MutableByteSpan segment) noexcept;
  void take_ah(base::Frame& frame, base::MutableByteSpan segment) noexcept;
  void take_plain(base::Frame& frame, base::MutableByteSpan segment) noexcept;
  void process_plain(base::PacketBatch& in, base::PacketBatch& deliver) noexcept;
  void finish(base::PacketBatch& deliver) noexcept;
  void hand_on(base::PacketBatch& deliver) noexcept;
  base::Frame assemble(DecapItem& item) noexcept;
  Counter take_dummy(const DecapItem& item) noexcept;
  static void clamp(const base::Frame& frame, const ChildLife& life) noexcept;

  Sad& sad_;
  Counters& counters_;
  base::PacketPool* pool_ = nullptr;
  std::function<void(base::PacketBatch&)> on_full_;
  std::uint32_t lane_ = 0, lane_mask_ = 0;
  HandOver hand_over_;
  const ExpectedSpis* expected_ = nullptr;
  EarlyPackets early_;
  base::PacketBatch early_batch_;  // empty between calls
  Unwrapper unwrapper_;
  Round round_;  // empty between batches
  ProbeNotes probes_;
  DropNotes drop_notes_;
  bool clamp_mss_ = true;
  bool alarm_ = false;
};

}  // namespace esp
