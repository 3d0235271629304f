#include "ikev2/exchange/lifecycle.h"

#include <algorithm>

#include "ikev2/exchange/report.h"
#include "ikev2/exchange/send.h"
#include "ikev2/sa/lifetime.h"

namespace ikev2 {
namespace {

std::string host_of(const PeerConfig& peer) {
  if (const auto* address = std::get_if<base::IpAddress>(&peer.remote_address)) return address->text();
  if (const auto* name = std::get_if<HostName>(&peer.remote_address)) return name->name;
  return {};
}

// When the next attempt starts: doubling from `initial` up to `max`, plus up to a fifth of jitter.
base::Duration retry_wait(Core& core, const RetryConfig& retry, int failures) {
  const int doublings = std::min(failures > 0 ? failures - 1 : 0, 20);
  const auto wait = std::min(base::to_seconds(retry.initial) * static_cast<double>(1 << doublings),
                             base::to_seconds(retry.max));
  return scaled(std::chrono::duration_cast<base::Duration>(std::chrono::duration<double>(wait)),
                1.0 + 0.2 * fraction(core.rng));
}

void plan_retry(Core& core, PeerRuntime& peer, const IkeSa& sa, bool failure, base::Instant now) {
  const bool restart = peer.config->liveness_action == LivenessAction::restart;
  if (core.shutting_down || sa.user_terminated ||
      !(peer.wanted || (failure && restart && !sa.children.empty()))) {
    return;
  }
  const RetryConfig& retry = peer.config->retry;
  if (!peer.config->can_initiate()) return;
  if (retry.tries != 0 && peer.failures >= static_cast<int>(retry.tries)) return;
  core.deadlines.set(owner_of(peer), DeadlineKind::retry, now + retry_wait(core, retry, peer.failures));
}

void tell_waiting(IkeSa& sa, const std::string& reason, Actions& out) {
  for (const RequestId request : sa.waiting) out.push_back(RequestDone{request, base::local_error(reason)});
  for (const RequestId request : sa.waiting_deletion) out.push_back(RequestDone{request, {}});
  sa.waiting.clear();
  sa.waiting_deletion.clear();
}

}  // namespace

void initiate(Core& core, PeerRuntime& peer, std::optional<std::string> child,
              std::optional<RequestId> request, base::Instant now, Actions& out) {
  auto fresh = std::make_unique<IkeSa>();
  fresh->initiator = true;
  fresh->peer = peer.config;
  fresh->spi_i = draw_ike_spi(core);
  fresh->created_at = now;
  fresh->handshake = std::make_unique<Handshake>();
  fresh->handshake->host = host_of(*peer.config);
  fresh->handshake->wanted_child = std::move(child);
  if (request) fresh->waiting.push_back(*request);
  core.deadlines.cancel(owner_of(peer), DeadlineKind::retry);

  IkeSa& sa = core.sas.add(std::move(fresh));
  Context context{core, sa, now, out};
  const JobId job = new_job(context);
  out.push_back(StartResolve{job, sa.handshake->host});
  sa.ours.state = Resolving{job};
  step(context, "finding " + sa.handshake->host);
}

void establish(Context& context) {
  IkeSa& sa = context.sa;
  Core& core = context.core;
  sa.lifecycle = Lifecycle::established;
  sa.established_at = context.now;
  sa.last_heard = context.now;
  sa.nonce_i = sa.handshake->nonce_i;
  sa.nonce_r = sa.handshake->nonce_r;
  core.deadlines.cancel(owner_of(sa), DeadlineKind::half_open);

  sa.expires_at = context.now + sa.peer->lifetime;
  sa.rekey_at = renewal_of(context.now, sa.peer->lifetime, {}, core.rng);
  core.deadlines.set(owner_of(sa), DeadlineKind::expiry, sa.expires_at);
  core.deadlines.set(owner_of(sa), DeadlineKind::liveness, context.now + sa.peer->liveness_delay);

  if (PeerRuntime* peer = core.peers.find(sa.peer->name)) {
    peer->last_error.reset();
  }
  report(context, Report::Kind::ike_up, base::LogLevel::info, "ike-up",
         "IKE SA established with " + sa.remote_id.text() + " at " + sa.remote.text() + ", we are " +
             sa.local_id.text() + " (" + (sa.initiator ? "initiator" : "responder") + ")");
}

void remove_child(Context& context, base::ChildId child, const std::string& reason) {
  IkeSa& sa = context.sa;
  ChildSa* found = sa.find_child(child);
  if (found == nullptr) return;
  context.out.push_back(RemoveChild{child});
  context.core.spis.release(found->spi_in);
  report(context, Report::Kind::child_down, base::LogLevel::info, "child-down",
         "child " + found->config.name + " is down: " + reason);
  sa.children.erase(sa.children.begin() + (found - sa.children.data()));
}

void close_sa(Core& core, IkeSa& sa, const std::string& reason, bool failure, base::Instant now,
              Actions& out) {
  Context context{core, sa, now, out};
  PeerRuntime* peer = sa.peer ? core.peers.find(sa.peer->name) : nullptr;
  // A stranger who never proved who he is starts no new attempt of ours.
  const bool ours = sa.initiator || sa.lifecycle != Lifecycle::connecting;
  if (peer != nullptr && failure) {
    peer->last_error = LastError{now, reason};
    if (ours) peer->failures += 1;
  }
  if (peer != nullptr && ours) plan_retry(core, *peer, sa, failure, now);
  report(context, failure ? Report::Kind::failure : Report::Kind::ike_down,
         failure ? base::LogLevel::warning : base::LogLevel::info, failure ? "ike-failed" : "ike-down",
         reason);
  while (!sa.children.empty()) remove_child(context, sa.children.back().id, reason);
  if (sa.handshake && sa.handshake->child_spi.value != 0) core.spis.release(sa.handshake->child_spi);
  tell_waiting(sa, reason, out);

  core.deadlines.cancel_all(owner_of(sa));
  std::erase_if(core.jobs, [&](const auto& job) { return job.second == sa.id; });
  core.sas.remove(sa.id);
  if (core.shutting_down && core.sas.size() == 0) out.push_back(AllClosed{});
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
  Context context{core, sa, now, out};
  send_pending(context);
}

void send_pending(Context& context) {
  IkeSa& sa = context.sa;
  if (!std::holds_alternative<Idle>(sa.ours.state) || sa.lifecycle == Lifecycle::connecting) return;
  if (sa.delete_pending) {
    // RFC 7296 1.4.1: deleting the IKE SA closes its children with it.
    if (send_request(context, ExchangeType::informational, {DeletePayload{}}).has_error()) return;
    sa.ours.give_up_at = context.now + std::chrono::seconds(4);
    sa.ours.state = DeletingIke{};
    return;
  }
  if (sa.child_deletes_pending.empty()) return;
  const base::ChildId id = sa.child_deletes_pending.front();
  sa.child_deletes_pending.erase(sa.child_deletes_pending.begin());
  ChildSa* child = sa.find_child(id);
  if (child == nullptr) return;
  child->state = ChildState::deleting;
  // RFC 7296 1.4.1: "the SPI is the SPI the sending endpoint would expect in inbound packets".
  const auto protocol = static_cast<ProtocolId>(child->suite.protocol);
  if (send_request(context, ExchangeType::informational, {DeletePayload{protocol, {child->spi_in.value}}})
          .has_error()) {
    return;
  }
  sa.ours.state = DeletingChild{id};
}

}  // namespace ikev2
