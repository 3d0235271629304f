#include "esp/early_packets.h"

#include <algorithm>

namespace esp {

EarlyPackets::EarlyPackets(HoldLimits limits) : octets_(limits) { about_.reserve(limits.packets); }

bool EarlyPackets::push(Arrival arrival, base::Spi spi, const base::Frame& frame,
                        base::ByteSpan packet) noexcept {
  if (!octets_.push(packet)) return false;
  about_.push_back({spi, arrival, frame.traffic_class, 0, frame.local, frame.remote});
  return true;
}

template <class F>
void EarlyPackets::take_if(F&& leaves) {
  std::size_t at = 0, kept = 0;
  octets_.take_if([&](base::ByteSpan packet) {
    About& about = about_[at++];
    if (leaves(about, packet)) return true;
    about_[kept++] = about;
    return false;
  });
  about_.resize(kept);
}

std::optional<Arrival> EarlyPackets::take(base::Spi spi, base::PacketPool& pool, base::PacketBatch& out,
                                          std::uint64_t& lost) {
  std::optional<Arrival> way;
  bool over = false;
  take_if([&](const About& about, base::ByteSpan packet) {
    if (about.spi != spi || over) return false;
    over = out.full() || (way && *way != about.arrival);
    if (over) return false;
    way = about.arrival;
    base::Frame frame;
    frame.buffer = pool.take();
    if (!frame.buffer) {
      ++lost;
      return true;
    }
    frame.set_single(base::kHeadroom, static_cast<std::uint32_t>(packet.size()));
    std::copy(packet.begin(), packet.end(), frame.data());
    frame.local = about.local;
    frame.remote = about.remote;
    frame.traffic_class = about.traffic_class;
    out.push(std::move(frame));
    return true;
  });
  return way;
}

std::uint64_t EarlyPackets::age() {
  std::uint64_t dropped = 0;
  take_if([&](About& about, base::ByteSpan) {
    if (++about.age < kPatience) return false;
    ++dropped;
    return true;
  });
  return dropped;
}

}  // namespace esp
