// Laying outer packets out one behind the other, so that the socket can send them at once.
#pragma once

#include <cstdint>
#include <utility>

#include "base/packet.h"
#include "esp/sa.h"

namespace esp {

// What of the outer IP header the packets of a train have in common.
struct OuterMarks {
  std::uint8_t traffic_class = 0;  // DSCP and ECN
  bool dont_fragment = false;
  bool operator==(const OuterMarks&) const = default;
};

// One train under construction: packets between the same outer addresses and ports, of any SAs, all of one
// size but the last, which may be shorter, and of the same marks. What UDP_SEGMENT asks for; packets of
// protocol 50 lie so too, and are sent one by one.
class TrainBuilder {
 public:
  // Linux takes no more in one message before 6.9, and no longer ones over IPv4.
  static constexpr std::uint32_t kMostPackets = 64, kMostOctets = 65507;

  void set_pool(base::PacketPool* pool) { pool_ = pool; }

  // Whether a packet of `size` octets, whose outer header has these marks, can be the next.
  bool fits(const OutboundSa& sa, std::uint32_t size, OuterMarks marks) const;
  // Ends the train; an empty frame where there is none. Its addresses are those of its SAs.
  base::Frame take();
  // Room for the next packet, after fits() or take(). Null where the pool is empty.
  std::uint8_t* place(const OutboundSa& sa, std::uint32_t size, OuterMarks marks);
  std::uint32_t count() const { return count_; }
  // Between batches, after take(): the next train begins a buffer anew, which is in the cache.
  void rest() { buffer_.reset(); }

 private:
  base::PacketPool* pool_ = nullptr;
  base::BufferRef buffer_;
  const OutboundSa* sa_ = nullptr;  // of the first packet
  std::uint32_t begin_ = 0, length_ = 0, stride_ = 0, count_ = 0;
  OuterMarks marks_;
  bool ended_ = false;  // by a shorter packet
};

// The outer addresses of what this SA sends; protocol 50 has no ports.
void set_outer_addresses(base::Frame& frame, const SaParams& params);

}  // namespace esp
