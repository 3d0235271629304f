// What the policies would do with one packet, and why: `ikectl explain packet`. Pure.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "spd/spd.h"

namespace daemon_app {

struct OtherPolicy {
  std::shared_ptr<const spd::Policy> policy;
  std::string why;  // why it is not the one
};

struct PacketVerdict {
  std::shared_ptr<const spd::Policy> policy;  // the one that the packet meets; null: none
  std::vector<OtherPolicy> others;            // outbound ones, in their order
  std::size_t left_out = 0;                   // further ones that do not match
  // Where no outbound policy matches: the one that a packet in the other direction would meet.
  std::shared_ptr<const spd::Policy> reverse;
};

// At most `limit` of the policies that do not match are told; those that match but come later all are.
PacketVerdict judge(const spd::Snapshot& policies, const spd::PacketKey& packet, std::size_t limit);

// A packet in words: addresses of one family, a protocol by name or number ("" for one that no policy names),
// and ports, of protocols that have them.
base::Result<spd::PacketKey> read_packet(const std::string& source, const std::string& destination,
                                         const std::string& protocol, std::uint32_t source_port,
                                         std::uint32_t destination_port);

}  // namespace daemon_app
