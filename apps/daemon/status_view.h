// From the engine's status and the data path's counters to the one model that every view is made of.
#pragma once

#include <unordered_map>
#include <vector>

#include "apps/daemon/clock.h"
#include "control/model.h"
#include "ikev2/status.h"

namespace daemon_app {

// What the data path knows of one child. Bytes and packets are of inner packets.
struct ChildTraffic {
  std::uint64_t bytes_in = 0, packets_in = 0, bytes_out = 0, packets_out = 0;
  std::uint64_t sequence_in = 0, sequence_out = 0;  // highest authenticated, last sent
  std::uint64_t replay_bits = 0, replay_window = 0;
  control::SaErrorView errors;      // of the inbound SA
  std::uint64_t errors_out = 0;     // packets that the outbound SA did not send
  base::Instant last_in, last_out;  // of the last packet, some tenths of a second fine; unset: none yet
  base::Endpoint outer_local, outer_remote;
};

// Of the SAs of one child, or of one that is keyed by hand.
struct SaSequences {
  std::uint64_t in = 0, out = 0;  // highest authenticated, last sent
  std::uint64_t replay_bits = 0, replay_window = 0;
  std::uint64_t late = 0, lost = 0, widest_gap = 0;  // esp::ReplayWindow
};

struct DataplaneStatus {
  std::unordered_map<base::ChildId, ChildTraffic> children;
  std::unordered_map<base::ChildId, SaSequences> sequences;  // of all that shards have
  std::vector<control::CounterView> counters;
  control::DataPathView data_path;
};

// The moment of the picture, on both clocks.
struct StatusTimes {
  base::Instant started, now;
  WallTime wall_now;
};

// Keys are in the view exactly where they are in `engine`.
control::StatusView make_status_view(const ikev2::EngineStatus& engine, const DataplaneStatus& dataplane,
                                     const StatusTimes& times);
control::ChildView make_child_view(const ikev2::ChildStatus& child, const DataplaneStatus& dataplane,
                                   base::Instant now);
control::IkeSaView make_ike_sa_view(const ikev2::IkeSaStatus& sa, const DataplaneStatus& dataplane,
                                    base::Instant now);

}  // namespace daemon_app
