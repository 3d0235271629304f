#include "esp/admission.h"

#include "esp/lifetime.h"

namespace esp {

std::optional<Counter> admit_before(const InboundSa& sa, std::uint32_t sequence_low,
                                    std::uint64_t& sequence) {
  if (past_hard_lifetime(sa.params, sa.traffic)) return Counter::in_expired;
  // Duplicates are rejected before the costly check (RFC 4303 3.4.3).
  const auto full = sa.window.check(sequence_low);
  if (!full) return Counter::in_replay;
  sequence = *full;
  return {};
}

std::optional<Counter> admit_after(InboundSa& sa, bool ok, std::uint64_t sequence) {
  if (!ok) return Counter::in_integrity;
  // The window moves only for packets that passed the integrity check (RFC 4303 3.4.3).
  if (!sa.window.update(sequence)) return Counter::in_replay;
  if (past_hard_lifetime(sa.params, sa.traffic)) return Counter::in_expired;
  sa.seen = true;
  return {};
}

void count_drop(SaTraffic& traffic, Counter reason) {
  switch (reason) {
    case Counter::in_integrity:
      return bump(traffic.integrity_errors);
    case Counter::in_replay:
      return bump(traffic.replays);
    case Counter::in_selector:
    case Counter::in_fragment:
      return bump(traffic.selector_errors);
    case Counter::in_padding:
      return bump(traffic.padding_errors);
    case Counter::in_runt:
      return bump(traffic.size_errors);
    case Counter::in_dummy:  // no error
      return;
    default:
      return bump(traffic.other_errors);
  }
}

}  // namespace esp
