#include "tun/ethernet/neighbours.h"

namespace tun {
namespace {

std::uint64_t pack(base::IpFamily family, const MacAddress& mac) {
  std::uint64_t out = static_cast<std::uint64_t>(family) << 48;
  for (std::size_t i = 0; i < mac.size(); ++i) out |= std::uint64_t{mac[i]} << (8 * i);
  return out;
}

MacAddress unpack(std::uint64_t packed) {
  MacAddress out;
  for (std::size_t i = 0; i < out.size(); ++i) out[i] = static_cast<std::uint8_t>(packed >> (8 * i));
  return out;
}

std::size_t hash(const base::IpAddress& address) { return std::hash<base::IpAddress>()(address); }

}  // namespace

std::optional<MacAddress> Neighbours::find(const base::IpAddress& address) const noexcept {
  const std::size_t begin = (hash(address) >> 20) % kPlaces * kWays;
  for (std::size_t i = begin; i < begin + kWays; ++i) {
    const Entry& entry = entries_[i];
    const std::uint32_t version = entry.version.load(std::memory_order_acquire);
    const std::uint64_t high = entry.high.load(std::memory_order_acquire);
    const std::uint64_t low = entry.low.load(std::memory_order_acquire);
    const std::uint64_t mac = entry.mac.load(std::memory_order_acquire);
    // One that changes meanwhile is not found: the packet waits for an answer, as for an unknown one.
    if (version % 2 != 0 || entry.version.load(std::memory_order_relaxed) != version) continue;
    if (high != address.high() || low != address.low()) continue;
    if (mac >> 48 == static_cast<std::uint64_t>(address.family())) return unpack(mac);
  }
  return {};
}

bool Neighbours::learn(const base::IpAddress& address, const MacAddress& mac) noexcept {
  const std::uint64_t packed = pack(address.family(), mac);
  const std::size_t begin = (hash(address) >> 20) % kPlaces * kWays;
  Entry* place = nullptr;
  for (std::size_t i = begin; i < begin + kWays; ++i) {
    Entry& entry = entries_[i];
    const std::uint64_t known = entry.mac.load(std::memory_order_relaxed);
    const bool same = known >> 48 == packed >> 48 &&
                      entry.high.load(std::memory_order_relaxed) == address.high() &&
                      entry.low.load(std::memory_order_relaxed) == address.low();
    if (same && known == packed) return false;
    if (same) {
      place = &entry;
      break;
    }
    if (known == 0 && place == nullptr) place = &entry;
  }
  if (place == nullptr) place = &entries_[begin + victim_++ % kWays];
  const std::uint32_t version = place->version.load(std::memory_order_relaxed);
  place->version.store(version + 1, std::memory_order_relaxed);
  std::atomic_thread_fence(std::memory_order_release);
  place->high.store(address.high(), std::memory_order_release);
  place->low.store(address.low(), std::memory_order_release);
  place->mac.store(packed, std::memory_order_release);
  place->version.store(version + 2, std::memory_order_release);
  return true;
}

}  // namespace tun
