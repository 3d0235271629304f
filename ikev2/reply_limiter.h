// How often strangers are answered: "a node MUST limit the rate at which it will send messages in response to
// unprotected messages" (RFC 7296 2.21.4).
#pragma once

#include <array>
#include <cstdint>

#include "base/ip.h"
#include "base/time.h"

namespace ikev2 {

class ReplyLimiter {
 public:
  static constexpr int kAll = 64;        // replies a second to those who have proved nothing
  static constexpr int kOneSource = 16;  // replies a second to one address (IPv6: /64), proved or not

  // Counts one reply; false where it must not be sent. `proved`: a COOKIE has shown that the initiator
  // receives at its address, so that it does not share the allowance of whoever forges theirs.
  bool allow(const base::IpAddress& source, bool proved, base::Instant now);

 private:
  // Sources share a field where their hashes meet: that only makes the limit stricter.
  static constexpr std::size_t kFields = 1024;
  base::Instant window_{};
  int all_ = 0;
  std::array<std::uint8_t, kFields> by_source_{};
};

}  // namespace ikev2
