// Where one thread records packets for a capture. It is there only while a capture runs: a thread without one
// looks at a null pointer once a batch.
#pragma once

#include <atomic>
#include <memory>
#include <vector>

#include "apps/daemon/capture_ring.h"
#include "base/packet.h"
#include "base/strong.h"
#include "base/time.h"
#include "spd/selector.h"

namespace daemon_app {

// Which packets are wanted. Immutable.
struct CaptureFilter {
  bool plain = false;                        // inner packets, else outer ones
  bool everything = false;                   // else those that the rest names
  std::vector<base::Spi> spis_in, spis_out;  // in order
  std::vector<spd::SelectorPair> selectors;
  std::vector<base::IpAddress> peers;  // for IKE
};

// What a frame of outer packets holds.
enum class OuterForm : std::uint8_t { udp_payload, esp_payload, packet };

class CapturePoint {
 public:
  static constexpr std::size_t kOctets = std::size_t{8} << 20;

  // `wall_offset`: nanoseconds from base::Instant to the time since 1970.
  CapturePoint(std::int64_t wall_offset, std::shared_ptr<const CaptureFilter> filter,
               std::size_t octets = kOctets)
      : wall_offset_(wall_offset), filter_(std::move(filter)), ring_(octets) {}

  // The recording thread. Nothing here waits or allocates; what the ring has no room for is lost and counted.
  void set_filter(std::shared_ptr<const CaptureFilter> filter) { filter_ = std::move(filter); }
  // Of several lanes that hand packets on, each records what comes in for its own SPIs.
  void set_lane(std::uint32_t lane, std::uint32_t lane_mask) {
    lane_ = lane;
    lane_mask_ = lane_mask;
  }
  // IKE that comes in by UDP is left to whoever takes it.
  void record_outer(const base::PacketBatch& batch, OuterForm form, bool inbound, base::Instant now) noexcept;
  void record_inner(const base::PacketBatch& batch, bool inbound, base::Instant now) noexcept;
  // One IKE message; `marked`: by the port where a marker stands in front of it (RFC 3948 2.2).
  void record_ike(const base::Endpoint& local, const base::Endpoint& remote, bool marked,
                  base::ByteSpan message, bool inbound, base::Instant now) noexcept;

  // The reading thread.
  CaptureRing& ring() { return ring_; }
  std::uint64_t lost() const { return lost_.load(std::memory_order_relaxed); }

 private:
  bool wants(base::ByteSpan segment, OuterForm form, bool inbound) const noexcept;
  void push(base::Instant now, bool inbound, base::ByteSpan front, base::ByteSpan rest) noexcept;

  const std::int64_t wall_offset_;
  std::shared_ptr<const CaptureFilter> filter_;
  CaptureRing ring_;
  std::uint32_t lane_ = 0, lane_mask_ = 0;
  std::atomic<std::uint64_t> lost_{0};
};

}  // namespace daemon_app
