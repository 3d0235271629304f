// ESP encapsulation (RFC 4303 3.3) of a run of packets by one SA.
//
//   |<- SPI 4 ->|<- sequence 4 ->|<- IV ->|<- inner packet, padding, pad length, next header ->|<- ICV ->|
//                                          |               encrypted                            |
//
// In tunnel mode from the inner packet into a train of outer ones; in transport mode in place, with the
// header in headroom, where the frame holds the payload of the inner packet alone (esp/transport.h).
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>

#include "base/packet.h"
#include "base/rng.h"
#include "esp/counters.h"
#include "esp/sa.h"
#include "esp/train.h"
#include "esp/transport.h"

namespace esp {

// One inner packet on its way into a tunnel.
struct TunnelItem {
  base::Frame frame;                   // the packet, whose tailroom is written to; or none, and it is
  const base::Frame* whole = nullptr;  // packet `index` of this, which has a Gso
  std::uint32_t index = 0;
  OutboundSa* sa = nullptr;
  std::uint32_t length = 0;  // octets
  std::uint8_t next_header = 0;
  OuterMarks marks;
  std::optional<Counter> drop;  // set where it cannot go out
};

// One packet on its way out, in place.
struct EncapItem {
  base::Frame frame;  // in: the inner packet, one segment; out: the ESP packet
  OutboundSa* sa = nullptr;
  std::uint8_t next_header = 0;
  std::uint32_t inner_length = 0;  // octets, for counters
  TransportSplit split;            // in transport mode: what of the inner packet stands in front
  std::optional<Counter> drop;     // set where the packet cannot go out
};

constexpr std::size_t kMaxRun = base::PacketBatch::kCapacity;

// Encapsulates items[i] for every i of `run`, which all have this SA; at most kMaxRun. Those that fail get
// their `drop`. `rng` gives the IVs of ciphers that need unpredictable ones, drawn once for the run.
void encapsulate(OutboundSa& sa, std::span<EncapItem> items, std::span<const std::uint8_t> run,
                 base::Rng& rng) noexcept;

// Where outer packets are put together, and where trains of them go once they are sealed.
struct TrainYard {
  TrainBuilder builder;
  const base::Segmenter* segmenter = nullptr;  // for frames that have a Gso; without, those fail
  std::array<base::Frame, kMaxRun + 1> done;   // sealed trains that have ended, in order
  std::size_t size = 0;                        // of done; whoever takes them sets it to 0
  std::uint64_t lost = 0;                      // sealed packets that went with a train that could not leave
};

// The same for items[i] in tunnel mode, which go to the builder behind what it holds. Trains that come to an
// end are in yard.done; the last one stays in the builder. Where the cipher fails, none of this run leaves,
// nor what shares a train with it.
void encapsulate(OutboundSa& sa, std::span<TunnelItem> items, std::span<const std::uint8_t> run,
                 base::Rng& rng, TrainYard& yard) noexcept;

}  // namespace esp
