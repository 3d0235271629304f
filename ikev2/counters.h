// What the engine has counted: every message that is dropped or refused has a reason here.
#pragma once

#include <array>
#include <cstdint>

#include "base/enum_names.h"

namespace ikev2 {

#define IKEV2_COUNTERS(X)                               \
  X(processed, 0, "processed")                          \
  X(malformed_header, 1, "malformed-header")            \
  X(malformed_packet, 2, "malformed-packet")            \
  X(not_ikev2, 3, "not-ikev2")                          \
  X(unknown_spi, 4, "unknown-ike-spi")                  \
  X(bad_flags, 5, "bad-flags")                          \
  X(bad_message_id, 6, "bad-message-id")                \
  X(bad_integrity, 7, "bad-integrity")                  \
  X(retransmitted_request, 8, "retransmitted-request")  \
  X(unexpected_response, 9, "unexpected-response")      \
  X(unexpected_exchange, 10, "unexpected-exchange")     \
  X(busy, 11, "request-in-progress")                    \
  X(half_open_limit, 12, "half-open-limit")             \
  X(cookie_sent, 13, "cookie-sent")                     \
  X(no_peer, 14, "no-profile-for-address")              \
  X(refused, 15, "refused")                             \
  X(reply_limited, 16, "reply-rate-limited")            \
  X(retransmits, 17, "retransmits")                     \
  X(gave_up, 18, "gave-up")                             \
  X(fragments_in, 19, "fragments-received")             \
  X(fragments_out, 20, "fragments-sent")                \
  X(reassembled, 21, "messages-reassembled")            \
  X(fragment_unexpected, 22, "fragment-not-negotiated") \
  X(fragment_invalid, 23, "fragment-invalid")           \
  X(fragment_duplicate, 24, "fragment-duplicate")       \
  X(fragment_shrunk, 25, "fragment-total-shrunk")       \
  X(fragment_limit, 26, "fragment-limit")               \
  X(fragment_late, 27, "fragment-of-answered-request")  \
  X(reassembly_timeout, 28, "reassembly-timeout")       \
  X(moved, 29, "address-changes")                       \
  X(move_refused, 30, "address-changes-refused")        \
  X(too_long, 31, "message-too-long")                   \
  X(cookie_wrong, 32, "cookie-wrong")                   \
  X(half_open_source, 33, "half-open-limit-of-source")  \
  X(sa_limit, 34, "sa-limit")                           \
  X(invalid_spi_hint, 35, "invalid-spi-hints")          \
  X(count_, 36, "")
IKEV2D_ENUM(IkeCounter, std::uint8_t, IKEV2_COUNTERS)

class IkeCounters {
 public:
  void add(IkeCounter c) { ++values_[static_cast<std::size_t>(c)]; }
  std::uint64_t get(IkeCounter c) const { return values_[static_cast<std::size_t>(c)]; }

 private:
  std::array<std::uint64_t, static_cast<std::size_t>(IkeCounter::count_)> values_{};
};

}  // namespace ikev2
