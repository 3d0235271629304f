// Which Ethernet address an IP address was last seen at. A table of fixed size without locks: one thread
// learns, others look up.
#pragma once

#include <array>
#include <atomic>
#include <optional>

#include "tun/ethernet/mac.h"

namespace tun {

class Neighbours {
 public:
  // One thread. Whether something changed; an older entry gives way where there is no room.
  bool learn(const base::IpAddress& address, const MacAddress& mac) noexcept;
  // Any thread.
  std::optional<MacAddress> find(const base::IpAddress& address) const noexcept;

 private:
  // Four addresses share a place. `version` is odd while an entry changes.
  struct Entry {
    std::atomic<std::uint32_t> version{0};
    std::atomic<std::uint64_t> high{0}, low{0}, mac{0};  // mac: the family above the six octets; 0: empty
  };
  static constexpr std::size_t kPlaces = 1024, kWays = 4;

  std::array<Entry, kPlaces * kWays> entries_;
  std::uint32_t victim_ = 0;  // the learning thread's
};

}  // namespace tun
