#include "ikev2/exchange/lifecycle.h"

#include <algorithm>

#include "ikev2/exchange/children.h"
#include "ikev2/exchange/report.h"
#include "ikev2/exchange/send.h"
#include "ikev2/exchange/tasks.h"
#include "ikev2/exchange/traps.h"
#include "ikev2/sa/lifetime.h"

namespace ikev2 {
namespace {

std::string host_of(const PeerConfig& peer) {
  if (const auto* address = std::get_if<base::IpAddress>(&peer.remote_address)) return address->text();
  if (const auto* name = std::get_if<HostName>(&peer.remote_address)) return name->name;
  return {};
}

// Whether the end of this SA calls for a new one.
bool wants_another(const PeerRuntime& peer, const IkeSa& sa, bool failure) {
  const bool restart = peer.config->liveness_action == LivenessAction::restart;
  return !sa.user_terminated && !sa.replaced && (peer.wanted || (failure && restart && !sa.children.empty()));
}

void tell_waiting(IkeSa& sa, const std::string& reason, Actions& out) {
  for (const RequestId request : sa.waiting) out.push_back(RequestDone{request, base::local_error(reason)});
  for (const RequestId request : sa.waiting_deletion) out.push_back(RequestDone{request, {}});
  sa.waiting.clear();
  sa.waiting_deletion.clear();
}

// What an exchange that will not be finished holds: SPIs, and commands that wait.
struct ReleasePlan {
  Core& core;
  const std::string& reason;
  Actions& out;

  void tell(const ExchangePlan& plan) const {
    for (const RequestId request : plan.requests)
      out.push_back(RequestDone{request, base::local_error(reason)});
  }
  template <class S>
  void operator()(const S& state) const {
    if constexpr (requires { state.plan->offer; }) core.spis.release(state.plan->offer.spi_in);
    if constexpr (requires { state.plan; }) tell(*state.plan);
    if constexpr (std::is_same_v<S, ChildResponding>) core.spis.release(state.agreed.spi_in);
  }
};

void release_plans(Core& core, const IkeSa& sa, const std::string& reason, Actions& out) {
  const ReleasePlan release{core, reason, out};
  std::visit(release, sa.ours.state);
  std::visit(release, sa.theirs.state);
  if (sa.handshake && sa.handshake->child_offer) core.spis.release(sa.handshake->child_offer->spi_in);
  for (const std::deque<Task>* tasks : {&sa.tasks, &sa.deferred}) {
    for (const Task& task : *tasks) {
      std::visit(
          [&](const auto& one) {
            if constexpr (requires { one.request; }) {
              if (one.request) out.push_back(RequestDone{*one.request, base::local_error(reason)});
            }
          },
          task);
    }
  }
}

// Children that another IKE SA with the peer has as well: it was made to take over from this one.
void mark_covered_children(Context& context) {
  const IkeSa& sa = context.sa;
  for (const IkeSa* other : context.core.sas.of_peer(sa.peer->name, sa.remote_id)) {
    if (other == &sa) continue;
    for (ChildSa& child : context.sa.children) {
      if (other->find_installed(child.config.name) != nullptr) mark_replaced(context, child);
    }
  }
}

// What the end of an SA means for its profile: a failure is remembered, another attempt planned.
void note_end(Context& context, const std::string& reason, bool failure) {
  IkeSa& sa = context.sa;
  PeerRuntime* peer = sa.peer ? context.core.peers.find(sa.peer->name) : nullptr;
  // A stranger who never proved who he is starts no new attempt of ours.
  const bool ours = sa.initiator || sa.lifecycle != Lifecycle::connecting;
  if (peer != nullptr && failure) {
    peer->last_error = LastError{context.now, reason};
    if (ours) peer->failures += 1;
  }
  if (peer != nullptr && ours && wants_another(*peer, sa, failure))
    plan_retry(context.core, *peer, context.now);
  report(context, failure ? Report::Kind::failure : Report::Kind::ike_down,
         failure ? base::LogLevel::warning : base::LogLevel::info, failure ? "ike-failed" : "ike-down",
         reason);
  if (sa.peer) mark_covered_children(context);
  // Before the children go: between them and the trap nothing leaves in clear.
  if (peer != nullptr && failure) trap_children_of(context, *peer);
}

// The responder of an IKE_AUTH exchange that we cannot finish believes that the IKE SA stands. It is told
// once, and nobody waits for its answer (RFC 7296 2.21.2).
void say_farewell(Context& context) {
  const State& state = context.sa.ours.state;
  const bool answered =
      std::holds_alternative<AuthSent>(state) || std::holds_alternative<AuthVerifying>(state);
  if (context.sa.lifecycle != Lifecycle::connecting || !answered) return;
  if (!context.sa.ours.wire.empty()) request_answered(context);
  (void)send_request(context, ExchangeType::informational, {DeletePayload{}});
}

}  // namespace

base::Duration retry_wait(Core& core, const PeerRuntime& peer) {
  const RetryConfig& retry = peer.config->retry;
  const int doublings = std::min(peer.failures > 0 ? peer.failures - 1 : 0, 20);
  const auto wait = std::min(base::to_seconds(retry.initial) * static_cast<double>(1 << doublings),
                             base::to_seconds(retry.max));
  return scaled(std::chrono::duration_cast<base::Duration>(std::chrono::duration<double>(wait)),
                1.0 + 0.2 * fraction(core.rng));
}

void plan_retry(Core& core, PeerRuntime& peer, base::Instant now) {
  const RetryConfig& retry = peer.config->retry;
  if (core.shutting_down || !peer.config->can_initiate()) return;
  if (retry.tries != 0 && peer.failures >= static_cast<int>(retry.tries)) return;
  core.deadlines.set(owner_of(peer), DeadlineKind::retry, now + retry_wait(core, peer));
}

IkeSa& initiate(Core& core, PeerRuntime& peer, const std::vector<std::string>& children,
                std::optional<RequestId> request, base::Instant now, Actions& out) {
  auto fresh = std::make_unique<IkeSa>();
  fresh->initiator = true;
  fresh->peer = peer.config;
  fresh->spi_i = draw_ike_spi(core);
  fresh->created_at = now;
  fresh->handshake = std::make_unique<Handshake>();
  fresh->handshake->host = host_of(*peer.config);
  fresh->coming_up.insert(children.begin(), children.end());
  if (request) fresh->waiting.push_back(*request);
  core.deadlines.cancel(owner_of(peer), DeadlineKind::retry);

  IkeSa& sa = core.sas.add(std::move(fresh));
  Context context{core, sa, now, out};
  const JobId job = new_job(context);
  out.push_back(StartResolve{job, sa.handshake->host});
  sa.ours.state = Resolving{job};
  step(context, "finding " + sa.handshake->host);
  return sa;
}

void reauthenticate(Core& core, PeerRuntime& peer, IkeSa& old, std::optional<RequestId> request,
                    base::Instant now, Actions& out) {
  std::vector<std::string> names;
  for (const ChildSa& child : old.children) {
    if (child.state == ChildState::installed) names.push_back(child.config.name);
  }
  initiate(core, peer, names, request, now, out).reauthenticates = old.id;
}

void begin_life(Context& context) {
  IkeSa& sa = context.sa;
  Core& core = context.core;
  sa.established_at = context.now;
  sa.last_heard = context.now;
  sa.expires_at = std::min(context.now + sa.peer->lifetime, sa.auth_ends.value_or(base::Instant::max()));
  if (sa.reauth_at) core.deadlines.set(owner_of(sa), DeadlineKind::reauth, *sa.reauth_at);
  sa.rekey_at = renewal_of(context.now, sa.peer->lifetime, {}, core.rng);
  core.deadlines.set(owner_of(sa), DeadlineKind::rekey, sa.rekey_at);
  core.deadlines.set(owner_of(sa), DeadlineKind::expiry, sa.expires_at);
  core.deadlines.set(owner_of(sa), DeadlineKind::liveness, context.now + sa.peer->liveness_delay);
}

void limit_authentication(Context& context, base::Duration lifetime) {
  IkeSa& sa = context.sa;
  const base::Instant end = context.now + lifetime;
  if (sa.auth_ends && *sa.auth_ends <= end) return;
  sa.auth_ends = end;
  sa.expires_at = std::min(sa.expires_at, end);
  context.core.deadlines.set(owner_of(sa), DeadlineKind::expiry, sa.expires_at);
  // RFC 4478 3: the original initiator begins anew, in time. A responder that could leaves it to that until
  // the very end: two new IKE SAs in the place of one would both stay.
  if (!sa.peer->can_initiate()) return;
  sa.reauth_at = sa.initiator ? renewal_of(context.now, lifetime, {}, context.core.rng) : end - lifetime / 50;
  context.core.deadlines.set(owner_of(sa), DeadlineKind::reauth, *sa.reauth_at);
}

void establish(Context& context) {
  IkeSa& sa = context.sa;
  Core& core = context.core;
  sa.lifecycle = Lifecycle::established;
  core.sas.authenticated(sa);
  sa.nonce_i = sa.handshake->nonce_i;
  sa.nonce_r = sa.handshake->nonce_r;
  core.deadlines.cancel(owner_of(sa), DeadlineKind::half_open);
  if (sa.peer->reauth > base::Duration::zero()) limit_authentication(context, sa.peer->reauth);
  begin_life(context);

  if (PeerRuntime* peer = core.peers.find(sa.peer->name)) {
    peer->last_error.reset();
  }
  report(context, Report::Kind::ike_up, base::LogLevel::info, "ike-up",
         "IKE SA established with " + sa.remote_id.text() + " at " + sa.remote.text() + ", we are " +
             sa.local_id.text() + " (" + (sa.initiator ? "initiator" : "responder") + ")");
}

void close_sa(Core& core, IkeSa& sa, const std::string& reason, bool failure, base::Instant now,
              Actions& out) {
  Context context{core, sa, now, out};
  PeerRuntime* peer = sa.peer ? core.peers.find(sa.peer->name) : nullptr;
  note_end(context, reason, failure);
  while (!sa.children.empty()) remove_child(context, sa.children.back().id, reason);
  release_plans(core, sa, reason, out);
  tell_waiting(sa, reason, out);

  core.deadlines.cancel_all(owner_of(sa));
  std::erase_if(core.jobs, [&](const auto& job) { return job.second == sa.id; });
  core.sas.remove(sa.id);
  if (peer != nullptr) answer_acquires(core, *peer, out);
  if (core.shutting_down && core.sas.size() == 0) out.push_back(AllClosed{});
}

void fail_ike_sa(Context& context, const std::string& reason) {
  IkeSa& sa = context.sa;
  if (sa.lifecycle != Lifecycle::established) {
    say_farewell(context);
    return close_sa(context.core, sa, reason, sa.lifecycle == Lifecycle::connecting, context.now,
                    context.out);
  }
  note_end(context, reason, true);
  sa.replaced = true;  // what comes next is planned already
  while (!sa.children.empty()) remove_child(context, sa.children.back().id, reason);
  if (PeerRuntime* peer = context.core.peers.find(sa.peer->name))
    answer_acquires(context.core, *peer, context.out);
  delete_ike_sa(context.core, sa, reason, context.now, context.out);
}

void drop_exchange(Context& context, const std::string& reason) {
  IkeSa& sa = context.sa;
  std::visit(ReleasePlan{context.core, reason, context.out}, sa.ours.state);
  sa.ours.state = Idle{};
  if (!sa.ours.wire.empty()) request_answered(context);
}

void heard_from_peer(Context& context) {
  context.sa.last_heard = context.now;
  if (context.sa.lifecycle != Lifecycle::established) return;
  context.core.deadlines.set(owner_of(context.sa), DeadlineKind::liveness,
                             context.now + context.sa.peer->liveness_delay);
}

void delete_ike_sa(Core& core, IkeSa& sa, const std::string& reason, base::Instant now, Actions& out) {
  if (sa.lifecycle == Lifecycle::connecting) {
    close_sa(core, sa, reason, false, now, out);
    return;
  }
  if (sa.lifecycle == Lifecycle::deleting) return;
  sa.lifecycle = Lifecycle::deleting;
  sa.delete_pending = reason;
  core.deadlines.cancel(owner_of(sa), DeadlineKind::liveness);
  core.deadlines.cancel(owner_of(sa), DeadlineKind::expiry);
  core.deadlines.cancel(owner_of(sa), DeadlineKind::rekey);
  Context context{core, sa, now, out};
  run_tasks(context);
  // A request under way to a peer that is gone holds the end up no longer than a DELETE without an answer.
  const bool waits = !std::holds_alternative<DeletingIke>(sa.ours.state) && !sa.ours.wire.empty();
  if (waits) give_up_within(context, kDeletionPatience);
}

}  // namespace ikev2
