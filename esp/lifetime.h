// Limits of an SA by octets, packets and sequence numbers, RFC 4301 4.4.2.1.
#pragma once

#include "esp/sa.h"
#include "esp/sequence.h"

namespace esp {

// Whether the SA must carry no more. Limits count inner packets and their octets; 0 is no limit. The packet
// that reaches an octet limit still passes, the one after it does not.
inline bool past_hard_lifetime(const SaParams& params, const SaTraffic& traffic) {
  const auto reached = [](std::uint64_t limit, const std::atomic<std::uint64_t>& value) {
    return limit != 0 && value.load(std::memory_order_relaxed) >= limit;
  };
  return reached(params.lifetime_packets, traffic.packets) || reached(params.lifetime_bytes, traffic.bytes);
}

// "the sender's counter ... a new SA" has to be there before the numbers are used up (RFC 4303 3.3.3): asked
// for when 15 of 16 are.
constexpr std::uint64_t kSoftSequence = std::uint64_t{15} << 28, kSoftSequenceEsn = std::uint64_t{15} << 60;

// Where the SA stands; `sequence` is the highest number that it has sent or received.
inline LifeStage life_stage(const SaParams& params, const SaTraffic& traffic, std::uint64_t sequence) {
  if (past_hard_lifetime(params, traffic)) return LifeStage::hard;
  const auto reached = [](std::uint64_t limit, const std::atomic<std::uint64_t>& value) {
    return limit != 0 && value.load(std::memory_order_relaxed) >= limit;
  };
  const bool soft = sequence >= (params.suite.esn ? kSoftSequenceEsn : kSoftSequence) ||
                    reached(params.soft_packets, traffic.packets) ||
                    reached(params.soft_bytes, traffic.bytes);
  return soft ? LifeStage::soft : LifeStage::fresh;
}
inline LifeStage life_stage(const InboundSa& sa) {
  return life_stage(sa.params, sa.traffic, sa.window.highest());
}
// The numbers of an outbound SA end (esp/sequence.h); those that come in are the peer's business.
inline LifeStage life_stage(const OutboundSa& sa) {
  if (sequence_used_up(sa.next_sequence, sa.params.suite.esn)) return LifeStage::hard;
  return life_stage(sa.params, sa.traffic, sa.next_sequence - 1);
}

// Sets `alarm` where the SA has reached a stage that none was raised for.
template <class Sa>
void raise_alarm(Sa& sa, bool& alarm) {
  const LifeStage stage = life_stage(sa);
  if (stage <= sa.watched.raised) return;
  sa.watched.raised = stage;
  alarm = true;
}

}  // namespace esp
