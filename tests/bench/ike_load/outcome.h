// What a run of handshakes came to.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "base/time.h"

namespace ike_load {

struct Outcome {
  std::vector<base::Duration> latencies;        // of each handshake that was established
  std::map<std::string, std::size_t> failures;  // by reason
  std::uint64_t retransmits = 0;                // requests that were sent again
  base::Duration elapsed{};                     // from the first request until all have ended
  base::Duration processor{};                   // user and system time of this process meanwhile
  std::size_t gone = 0;                         // established, then taken down by the responder

  // Reasons beyond the first few are counted together: some name what differs from handshake to handshake.
  void count_failure(const std::string& reason);
  std::size_t failed() const;
  // One line of JSON: counts, rates in handshakes per second, latencies in milliseconds.
  std::string json() const;
  std::string text() const;  // for people
};

}  // namespace ike_load
