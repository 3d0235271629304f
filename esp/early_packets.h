// Packets that are here before their SA. Who answers a CREATE_CHILD_SA or IKE_AUTH request may send on the
// new SA at once (RFC 7296 2.8), and its packets overtake the answer, or our thread that reads it: they wait
// for the SA, so that none is lost over a rekey.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "base/packet.h"
#include "base/strong.h"
#include "esp/arrival.h"
#include "esp/hold.h"

namespace esp {

// Of one data thread. Bounded in packets and octets. Its memory is taken when it is made, and touched as it
// fills.
class EarlyPackets {
 public:
  explicit EarlyPackets(HoldLimits limits = {128, 256 * 1024});

  // Keeps a copy of `packet`, which is what `frame` has of it: the same octets that process() would take as
  // one segment. False where it is full; then nothing has changed. Allocates nothing.
  bool push(Arrival arrival, base::Spi spi, const base::Frame& frame, base::ByteSpan packet) noexcept;

  // Puts the packets with this SPI into `out`, in the order they came: the first of them and those behind it
  // that arrived in the same way. Which way that is; none where no packet is left. Those for which `pool` has
  // no buffer are counted in `lost`.
  std::optional<Arrival> take(base::Spi spi, base::PacketPool& pool, base::PacketBatch& out,
                              std::uint64_t& lost);

  // Drops what has been here for kPatience calls; how many. Called from time to time.
  static constexpr std::uint8_t kPatience = 4;
  std::uint64_t age();

  bool empty() const { return about_.empty(); }

 private:
  struct About {
    base::Spi spi;
    Arrival arrival = Arrival::udp;
    std::uint8_t traffic_class = 0;
    std::uint8_t age = 0;  // in calls of age()
    base::Endpoint local, remote;
  };

  // Shows each packet; those for which `leaves` answers true are taken out.
  template <class F>
  void take_if(F&& leaves);

  HoldQueue octets_;
  std::vector<About> about_;  // each packet of octets_, in the same order
};

}  // namespace esp
