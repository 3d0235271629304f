// The configured peers, and what runs for each: what is wanted, what went wrong last, when to try again.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/ip.h"
#include "base/time.h"
#include "ikev2/config.h"
#include "ikev2/status.h"

namespace ikev2 {

struct PeerRuntime {
  PeerConfigPtr config;
  std::uint64_t id = 0;  // for deadlines
  bool wanted = false;   // a child has start: up, and nobody has terminated it
  int failures = 0;      // in a row, for the backoff
  std::set<std::string>
      stopped;  // children that a command has terminated: not wanted until one initiates them
  std::map<std::string, spd::SelectorPair> traps;  // children whose traps stand, and for which packets
  // Children that a packet has asked for and that are not answered yet, with that packet's selectors.
  std::map<std::string, spd::SelectorPair> acquires;
  std::optional<LastError> last_error;
};

class PeerTable {
 public:
  PeerRuntime& put(PeerConfigPtr config);  // adds or replaces
  void remove(const std::string& name) { peers_.erase(name); }
  PeerRuntime* find(const std::string& name);
  PeerRuntime* find(std::uint64_t id);
  const std::map<std::string, PeerRuntime>& all() const { return peers_; }

  // Profiles that may be meant by a message between these addresses, the most specific first.
  std::vector<PeerConfigPtr> candidates(const base::IpAddress& local, const base::IpAddress& remote) const;

 private:
  std::map<std::string, PeerRuntime> peers_;
  std::uint64_t next_id_ = 1;
};

// Whether a child of the profile wants to be up from the start.
bool starts_up(const PeerConfig& peer);

}  // namespace ikev2
