// ESP decapsulation (RFC 4303 3.4) of a run of packets by one SA, in place.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>

#include "base/packet.h"
#include "esp/ah_header.h"
#include "esp/counters.h"
#include "esp/sa.h"
#include "esp/transport.h"
#include "esp/unwrap.h"

namespace esp {

// One ESP or AH packet on its way in.
struct DecapItem {
  base::MutableByteSpan packet;  // SPI to ICV, at least 8 octets; with AH the whole IP packet
  AhPlace ah;                    // with AH
  base::Frame* frame = nullptr;  // the frame that the packet lies in
  InboundSa* sa = nullptr;       // out, with `drop`: the SA to count it; null: done
  base::MutableByteSpan inner;   // out: the inner packet, in ESP transport mode what follows its IP header;
                                 // of a dummy packet its text
  std::array<std::uint8_t, kMaxFixedHeader> header;  // out: that header
  std::uint32_t header_size = 0;                     // its octets; 0: it is in `inner`
  std::optional<Counter> drop;                       // out: set where there is none
  Unwrapper* unwrapper = nullptr;                    // for SAs that are members of a bundle
  base::MutableByteSpan front;  // of ESP inside AH: what stands in front of it, and `ah` names its octet
};

// Decapsulates items[i] for every i of `run`, which all have this SA; at most base::PacketBatch::kCapacity.
// Counts in the SA's traffic; the caller counts `drop`.
void decapsulate(InboundSa& sa, std::span<DecapItem> items, std::span<const std::uint8_t> run) noexcept;

}  // namespace esp
