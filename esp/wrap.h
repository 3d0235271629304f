// Outbound through a bundle (esp/bundle.h) that is more than one SA of ESP or AH: one packet at a time, each
// SA in turn, from inside to outside. In between the packet is always a whole IP packet:
//
//   tunnel mode    | new IP header | the packet |              then, unless it is tun, as transport mode:
//   transport mode | its IP header | comp, esp or ah | what followed that |
//
// Slower than the pipeline of single SAs, but it allocates, locks and throws as little.
#pragma once

#include <cstdint>
#include <optional>
#include <utility>

#include "base/packet.h"
#include "base/rng.h"
#include "esp/bundle.h"
#include "esp/counters.h"
#include "esp/ip_header.h"
#include "esp/ipcomp.h"

namespace esp {

// How a packet leaves.
enum class Exit : std::uint8_t {
  udp,    // payload of a UDP datagram
  raw,    // payload of protocol 50
  whole,  // a whole IP packet
};

class Wrapper {
 public:
  // Both belong to the same thread as this object, and outlive it.
  Wrapper(Counters& counters, base::Rng& rng) : counters_(counters), rng_(rng) {}

  // Turns the frame, a whole packet that `inner` describes, into what leaves, with its outer addresses. Else
  // the reason to drop it; the caller counts that, and what was sent.
  std::optional<Counter> wrap(const Bundle& bundle, const IpPacket& inner, base::Frame& packet,
                              Exit& exit) noexcept;

  // Whether a dummy is due behind the packet that wrap() has just taken, and of how many octets.
  std::optional<std::uint32_t> dummy_due(const Bundle& bundle) noexcept;
  // Turns an empty frame that has a buffer into a dummy packet of the bundle, with `size` octets of text.
  std::optional<Counter> wrap_dummy(const Bundle& bundle, std::uint32_t size, base::Frame& packet,
                                    Exit& exit) noexcept;

  // Whether an SA has reached a limit of its life since the last call.
  bool take_alarm() { return std::exchange(alarm_, false); }

 private:
  std::optional<Counter> wrap_from(const Bundle& bundle, std::size_t first, base::Frame& packet,
                                   Exit& exit) noexcept;
  std::optional<Counter> compress(OutboundSa& sa, base::Frame& packet) noexcept;
  std::optional<Counter> encrypt(const Bundle& bundle, std::size_t place, base::Frame& packet) noexcept;
  std::optional<Counter> authenticate(OutboundSa& sa, base::Frame& packet) noexcept;

  Counters& counters_;
  base::Rng& rng_;
  Deflater deflater_;
  std::uint32_t inner_length_ = 0;  // octets of the packet under way, for the traffic of its SAs
  std::uint32_t text_length_ = 0;   // octets that ESP had to seal at last, TFC padding included
  bool alarm_ = false;
};

}  // namespace esp
