// What happens when a deadline is due.

#include "ikev2/exchange/lifecycle.h"
#include "ikev2/exchange/report.h"
#include "ikev2/exchange/send.h"
#include "ikev2/sa/commands.h"

namespace ikev2 {
namespace {

void give_up(Context& context) {
  IkeSa& sa = context.sa;
  context.core.counters.add(IkeCounter::gave_up);
  const bool deleting = std::holds_alternative<DeletingIke>(sa.ours.state);
  std::string reason = "no answer from " + sa.remote.text() + " to " + name(sa.ours.exchange) + " after " +
                       std::to_string(sa.ours.sends) + " tries";
  if (deleting) reason = sa.delete_pending.value_or("deleted") + " (the peer did not answer)";
  if (const auto* sent = std::get_if<InitSent>(&sa.ours.state); sent != nullptr && sent->refusal) {
    reason = sent->refusal->reason;
  }
  if (std::holds_alternative<Probing>(sa.ours.state)) {
    reason = "the peer is dead: nothing heard for " +
             std::to_string(base::whole_seconds(context.now - sa.last_heard)) + " s";
  }
  close_sa(context.core, sa, reason, !deleting, context.now, context.out);
}

// RFC 7296 2.4: after a silence, an empty INFORMATIONAL asks whether the peer is alive.
void probe(Context& context) {
  IkeSa& sa = context.sa;
  if (sa.lifecycle != Lifecycle::established || !std::holds_alternative<Idle>(sa.ours.state)) return;
  if (send_request(context, ExchangeType::informational, {}).has_error()) return;
  sa.ours.give_up_at = sa.last_heard + sa.peer->liveness_timeout;
  sa.ours.state = Probing{};
}

void due(Context& context, DeadlineKind kind) {
  IkeSa& sa = context.sa;
  Core& core = context.core;
  switch (kind) {
    case DeadlineKind::retransmit:
      if (!retransmit(context)) give_up(context);
      return;
    case DeadlineKind::half_open:
      return close_sa(core, sa, "the initiator never came to IKE_AUTH", false, context.now, context.out);
    case DeadlineKind::refusal: {
      const auto* sent = std::get_if<InitSent>(&sa.ours.state);
      const bool refused = sent != nullptr && sent->refusal;
      return close_sa(core, sa, refused ? sent->refusal->reason : "refused", true, context.now, context.out);
    }
    case DeadlineKind::liveness:
      return probe(context);
    case DeadlineKind::expiry:
      return delete_ike_sa(core, sa, "its lifetime is over", context.now, context.out);
    case DeadlineKind::retry:
      return;
  }
}

void retry(Core& core, PeerRuntime& peer, base::Instant now, Actions& out) {
  for (const IkeSa* sa : core.sas.all()) {
    if (sa->peer && sa->peer->name == peer.config->name && sa->lifecycle != Lifecycle::deleting) return;
  }
  if (!core.shutting_down) initiate(core, peer, {}, {}, now, out);
}

}  // namespace

void run_deadlines(Core& core, base::Instant now, Actions& out) {
  while (const auto next = core.deadlines.pop(now)) {
    if (next->owner.peer) {
      if (PeerRuntime* peer = core.peers.find(next->owner.id)) retry(core, *peer, now, out);
      continue;
    }
    if (IkeSa* sa = core.sas.find(next->owner.id)) {
      Context context{core, *sa, now, out};
      due(context, next->kind);
    }
  }
}

}  // namespace ikev2
