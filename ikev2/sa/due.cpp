// What happens when a deadline is due.

#include "ikev2/exchange/children.h"
#include "ikev2/exchange/lifecycle.h"
#include "ikev2/exchange/report.h"
#include "ikev2/exchange/send.h"
#include "ikev2/exchange/tasks.h"
#include "ikev2/sa/commands.h"

namespace ikev2 {
namespace {

void give_up(Context& context) {
  IkeSa& sa = context.sa;
  context.core.counters.add(IkeCounter::gave_up);
  const bool deleting = sa.delete_pending || std::holds_alternative<DeletingIke>(sa.ours.state);
  std::string reason = "no answer from " + sa.remote.text() + " to " + name(sa.ours.exchange) + " after " +
                       std::to_string(sa.ours.sends) + " tries";
  if (deleting) reason = sa.delete_pending.value_or("deleted") + " (the peer did not answer)";
  if (const auto* sent = std::get_if<InitSent>(&sa.ours.state); sent != nullptr && sent->refusal) {
    reason = sent->refusal->reason;
  }
  if (!deleting && std::holds_alternative<Probing>(sa.ours.state)) {
    reason = "the peer is dead: nothing heard for " +
             std::to_string(base::whole_seconds(context.now - sa.last_heard)) + " s";
  }
  close_sa(context.core, sa, reason, !deleting, context.now, context.out);
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
      return enqueue(context, Probe{});
    case DeadlineKind::rekey:
      return enqueue(context, RekeyIke{});
    case DeadlineKind::reauth:
      if (PeerRuntime* peer = core.peers.find(sa.peer->name))
        reauthenticate(core, *peer, sa, {}, context.now, context.out);
      return;
    case DeadlineKind::deferred:
      return resume_deferred(context);
    case DeadlineKind::expiry:
      return delete_ike_sa(core, sa, "its lifetime is over", context.now, context.out);
    case DeadlineKind::reassembly:
      core.counters.add(IkeCounter::reassembly_timeout);
      return sa.theirs.fragments.clear();
    case DeadlineKind::handover:
      return delete_ike_sa(core, sa, "reauthenticated", context.now, context.out);
    case DeadlineKind::switch_over:
    case DeadlineKind::linger:
    case DeadlineKind::retry:
      return;  // of children and peers
  }
}

void child_due(Core& core, base::ChildId id, DeadlineKind kind, base::Instant now, Actions& out) {
  if (kind == DeadlineKind::linger) return end_lingering(core, id, out);
  const auto owner = core.child_owner.find(id);
  IkeSa* sa = owner == core.child_owner.end() ? nullptr : core.sas.find(owner->second);
  ChildSa* child = sa == nullptr ? nullptr : sa->find_child(id);
  if (child == nullptr) return;
  Context context{core, *sa, now, out};
  if (kind == DeadlineKind::rekey) return enqueue(context, RekeyChild{id, {}});
  if (kind == DeadlineKind::switch_over) return use_child(context, *child);
  if (kind == DeadlineKind::expiry) {
    report(context, Report::Kind::log, base::LogLevel::warning, "child-expired",
           "the lifetime of child " + child->config.name + " is over");
  }
  enqueue(context, DeleteChild{id});  // expiry, handover
}

void retry(Core& core, PeerRuntime& peer, base::Instant now, Actions& out) {
  if (core.shutting_down) return;
  const auto wanted = wanted_children(peer);
  for (IkeSa* sa : core.sas.all()) {
    if (!sa->peer || sa->peer->name != peer.config->name || sa->replaced) continue;
    if (sa->lifecycle == Lifecycle::deleting) continue;
    Context context{core, *sa, now, out};
    if (sa->lifecycle == Lifecycle::established) bring_up_children(context, wanted);
    return;
  }
  initiate(core, peer, wanted.empty() ? all_children(*peer.config) : wanted, {}, now, out);
}

}  // namespace

void run_deadlines(Core& core, base::Instant now, Actions& out) {
  while (const auto next = core.deadlines.pop(now)) {
    if (next->owner.kind == OwnerKind::child) {
      child_due(core, base::ChildId{next->owner.id}, next->kind, now, out);
      continue;
    }
    if (next->owner.kind == OwnerKind::peer) {
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
