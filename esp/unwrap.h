// Inbound through a bundle (esp/bundle.h): what is inside its outermost SA, one packet at a time.
//
// RFC 4301 5.2: the SAs that were applied are compared with those that the policy asks for. Each SA of the
// bundle must be there, in its order, with its own SPI; anything else is dropped ("in-bundle").
#pragma once

#include <array>
#include <cstdint>
#include <optional>

#include "base/packet.h"
#include "esp/bundle.h"
#include "esp/counters.h"
#include "esp/ipcomp.h"

namespace esp {

struct DecapItem;

// What is left of a packet once some SAs have been taken off.
struct Unwrapped {
  base::MutableByteSpan text;    // behind the header of the SA that was taken off last
  std::uint8_t next_header = 0;  // what it begins with
  base::MutableByteSpan front;   // the IP header with what else stood in front; empty: the kernel has kept it
  std::uint32_t next_at = 0;     // in `front`: the octet that names what follows
};

class Unwrapper {
 public:
  // Where buffers come from for what is decompressed; without, those are dropped and counted. The pool
  // belongs to the same thread and outlives this object.
  void set_pool(base::PacketPool* pool) { pool_ = pool; }

  // Goes on with the bundle of item.sa, whose own header is off: fills what the item says of the inner
  // packet, or gives the reason to drop it; item.sa then is the SA that found it.
  std::optional<Counter> unwrap(DecapItem& item, const Unwrapped& outer) noexcept;

  // The same where the header of item.sa is still there: tun, or IPComp.
  std::optional<Counter> unwrap_plain(DecapItem& item, const Unwrapped& outer) noexcept;

  // To be called once the items of a round are done with: their buffers are used again.
  void rest() noexcept {
    while (used_ > 0) fresh_[--used_].buffer.reset();
  }
  // Whether an inner SA has reached a limit of its life since the last call.
  bool take_alarm() { return std::exchange(alarm_, false); }

 private:
  std::optional<Counter> go_on(DecapItem& item, Unwrapped rest, std::size_t place) noexcept;
  std::optional<Counter> open_member(InboundSa& member, DecapItem& item, const Unwrapped& outer) noexcept;
  std::optional<Counter> inflate(InboundSa& member, DecapItem& item, Unwrapped& rest) noexcept;
  std::optional<Counter> finish(DecapItem& item, const Unwrapped& rest) noexcept;

  base::PacketPool* pool_ = nullptr;
  Inflater inflater_;
  std::array<base::Frame, base::PacketBatch::kCapacity> fresh_;  // what items of this round lie in
  std::size_t used_ = 0;
  bool alarm_ = false;
};

}  // namespace esp
