// ESP encapsulation (RFC 4303 3.3) of a run of packets by one SA, in place.
//
//   |<- SPI 4 ->|<- sequence 4 ->|<- IV ->|<- inner packet, padding, pad length, next header ->|<- ICV ->|
//   |<-- written into headroom ----------->|               encrypted                            |
//
// In transport mode the frame holds the payload of the inner packet alone (esp/transport.h).
#pragma once

#include <cstdint>
#include <optional>
#include <span>

#include "base/packet.h"
#include "base/rng.h"
#include "esp/counters.h"
#include "esp/sa.h"
#include "esp/transport.h"

namespace esp {

// One packet on its way out.
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

}  // namespace esp
