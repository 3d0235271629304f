// Which child of which profile is for a packet.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "ikev2/config.h"
#include "spd/selector.h"

namespace daemon_app {

struct ChildName {
  std::string profile, child;
  bool operator==(const ChildName&) const = default;
};

// Is shown profiles, and remembers the child with the narrowest selectors of those that hold the packet; of
// equal ones the first. Profiles that cannot initiate have none.
class ChildFinder {
 public:
  explicit ChildFinder(const spd::PacketKey& packet) : packet_(packet) {}
  void look_at(const ikev2::PeerConfig& profile);
  const std::optional<ChildName>& best() const { return best_; }

 private:
  spd::PacketKey packet_;
  std::optional<ChildName> best_;
  std::int32_t priority_ = 0;  // of the best one's selectors
};

}  // namespace daemon_app
