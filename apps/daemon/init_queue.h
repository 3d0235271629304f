// First messages of strangers, while more important ones are served: what belongs to a known IKE SA goes
// ahead.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>

#include "base/bytes.h"
#include "base/ip.h"

namespace daemon_app {

// An IKE message that waits, without the non-ESP marker.
struct WaitingMessage {
  base::Endpoint local, remote;
  bool natt = false;
  base::Bytes message;
};

// Bounded in number and in octets. Who comes when it is full is dropped and counted: an honest initiator
// repeats its request (RFC 7296 2.4).
class InitQueue {
 public:
  static constexpr std::size_t kMost = 1024;
  static constexpr std::size_t kMostOctets = 2u << 20;

  // Whether a message is a request of IKE_SA_INIT, which belongs to no SA yet.
  static bool takes(base::ByteSpan message);

  // False where there is no room.
  bool push(WaitingMessage message);
  std::optional<WaitingMessage> pop();
  bool empty() const { return messages_.empty(); }
  std::uint64_t dropped() const { return dropped_; }  // since the beginning

 private:
  std::deque<WaitingMessage> messages_;
  std::size_t octets_ = 0;
  std::uint64_t dropped_ = 0;
};

}  // namespace daemon_app
