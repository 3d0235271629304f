// CREATE_CHILD_SA for a child, as initiator: RFC 7296 1.3.1 and 1.3.3, collisions 2.8.1 and 2.25.1.
//
//   HDR, SK {[N(REKEY_SA),] [N(USE_TRANSPORT_MODE),] SA, Ni, [KEi,] TSi, TSr}   -->
//                                    <--   HDR, SK {[N(USE_TRANSPORT_MODE),] SA, Nr, [KEr,] TSi, TSr}

#include <algorithm>

#include "ikev2/exchange/child_setup.h"
#include "ikev2/exchange/children.h"
#include "ikev2/exchange/collision.h"
#include "ikev2/exchange/handlers.h"
#include "ikev2/exchange/key_exchange.h"
#include "ikev2/exchange/lifecycle.h"
#include "ikev2/exchange/report.h"
#include "ikev2/exchange/send.h"
#include "ikev2/exchange/tasks.h"
#include "ikev2/sa/lifetime.h"

namespace ikev2 {
namespace {

using ChildPlanPtr = std::unique_ptr<ChildPlan>;

ChildPlanPtr make_plan(Context& context, const ChildConfig& config) {
  auto plan = std::make_unique<ChildPlan>();
  plan->offer = make_child_offer(context, config, later_child_proposals(context.sa, config));
  plan->nonce_i = context.core.rng.bytes(32);  // RFC 7296 2.10
  return plan;
}

// RFC 7296 1.3.3: the SPI that the initiator of the exchange expects in inbound packets.
NotifyPayload rekey_notify(const ChildSa& old) {
  NotifyPayload notify = make_notify(NotifyType::rekey_sa);
  notify.protocol = static_cast<ProtocolId>(old.suite.protocol);
  notify.spi.resize(4);
  base::store_be32(notify.spi.data(), old.spi_in.value);
  return notify;
}

base::Status send_child_request(Context& context, const ChildPlan& plan, const crypto::KeyExchange* own) {
  std::vector<Payload> payloads, between;
  if (plan.rekeys) {
    const ChildSa* old = context.sa.find_child(*plan.rekeys);
    if (old == nullptr) return base::local_error("the child to rekey is gone");
    payloads.emplace_back(rekey_notify(*old));
  }
  between.emplace_back(NoncePayload{plan.nonce_i});
  if (own != nullptr) between.emplace_back(KePayload{own->method(), own->public_value()});
  write_child_offer(plan.offer, std::move(between), payloads);
  RETURN_IF_ERROR(send_request(context, ExchangeType::create_child_sa, payloads));
  step(context, "CREATE_CHILD_SA sent for child " + plan.offer.config.name);
  return {};
}

JobId generate(Context& context, ExchangePlan& plan, crypto::Ke method) {
  plan.method = method;
  plan.tried.push_back(method);
  return start_generating(context, method);
}

void tell(Context& context, const ChildPlan& plan, const base::Status& outcome) {
  for (const RequestId request : plan.requests) context.out.push_back(RequestDone{request, outcome});
}

// The peer has rekeyed the same child meanwhile, and nothing of ours stands against its new one.
void leave_to_peer(Context& context, ChildPlan& plan) {
  context.core.spis.release(plan.offer.spi_in);
  if (ChildSa* old = context.sa.find_child(*plan.rekeys)) mark_replaced(context, *old);
  tell(context, plan, {});
}

// The exchange has come to nothing.
void abandon(Context& context, ChildPlan& plan, const base::Error& error) {
  if (plan.collision) return leave_to_peer(context, plan);
  context.core.spis.release(plan.offer.spi_in);
  if (!plan.rekeys) {
    child_failed(context, plan.offer.config.name, error);
    tell(context, plan, error);
    return;
  }
  const ChildSa* old = context.sa.find_child(*plan.rekeys);
  report_failure(context, plan.offer.config.name, "child-rekey-failed",
                 "child " + plan.offer.config.name + " is not rekeyed: " + error.reason);
  tell(context, plan, error);
  if (old == nullptr || old->state != ChildState::installed) return;
  // Once more before the lifetime is over: after a tenth of what is left, at least five seconds.
  const auto left = old->expires_at - context.now;
  const auto pause = std::max(scaled(left, 0.1), base::Duration(std::chrono::seconds(5)));
  context.core.deadlines.set(owner_of(old->id), DeadlineKind::rekey, context.now + pause);
}

// Begins the exchange of a plan. False where it cannot begin.
bool begin_plan(Context& context, ChildPlanPtr plan) {
  const auto groups = key_exchanges(plan->offer.proposals);
  if (!groups.empty()) {
    const JobId job = generate(context, *plan, groups.front());
    context.sa.ours.state = ChildGenerating{job, std::move(plan)};
    return true;
  }
  if (const auto status = send_child_request(context, *plan, nullptr); status.has_error()) {
    abandon(context, *plan, status.error());
    return false;
  }
  context.sa.ours.state = ChildSent{std::move(plan), nullptr};
  return true;
}

// What an error notify means for a plan.
void refused(Context& context, ChildPlan& plan, const NotifyPayload& notify) {
  if (plan.collision) return leave_to_peer(context, plan);
  if (notify.type == NotifyType::temporary_failure) {
    context.core.spis.release(plan.offer.spi_in);
    if (plan.rekeys) {
      const std::optional<RequestId> request =
          plan.requests.empty() ? std::nullopt : std::optional(plan.requests.front());
      defer(context, RekeyChild{*plan.rekeys, request});
    } else {
      defer(context, CreateChild{plan.offer.config.name});
    }
    return;
  }
  std::string reason = "the peer refuses child " + plan.offer.config.name + " with " + name(notify.type);
  if (notify.type == NotifyType::no_additional_sas) reason += ": it allows one child for each IKE SA";
  auto checked = check_child_answer(context.sa, plan.offer, Message{{}, {notify}});
  const bool said = notify.type != NotifyType::no_additional_sas && checked.has_error();
  const base::Error error = said ? checked.error() : base::incompatible(reason);
  const bool gone = notify.type == NotifyType::child_sa_not_found && plan.rekeys;
  abandon(context, plan, error);
  // RFC 7296 2.25.1: the peer has no such child any more. It is closed here too, and made anew where wanted.
  if (gone) {
    remove_child(context, *plan.rekeys, "the peer has it no more (CHILD_SA_NOT_FOUND)");
    context.sa.tasks.push_back(CreateChild{plan.offer.config.name});
  }
  // A peer that does not rekey children gets a new IKE SA in time.
  if (notify.type == NotifyType::no_additional_sas && plan.rekeys) {
    if (PeerRuntime* peer = context.core.peers.find(context.sa.peer->name))
      reauthenticate(context.core, *peer, context.sa, {}, context.now, context.out);
  }
}

// What the peer has chosen, and whether its KE payload goes with that.
base::Result<AgreedChild> check_choice(Context& context, const ChildPlan& plan, const Message& message) {
  ASSIGN_OR_RETURN(AgreedChild agreed, check_child_answer(context.sa, plan.offer, message));
  const ChildSa* old = plan.rekeys ? context.sa.find_child(*plan.rekeys) : nullptr;
  if (old != nullptr) RETURN_IF_ERROR(check_not_narrower(*old, agreed.selectors));
  if (agreed.chosen.ke == crypto::Ke::none) return agreed;
  const auto* ke = message.find<KePayload>();
  // RFC 7296 1.3.1: the responder chooses the group of the KE payload that it was sent, and answers with one.
  if (ke == nullptr || agreed.chosen.ke != plan.method || ke->method != plan.method) {
    return base::misbehaved("the peer's choice needs a key exchange that its answer does not hold");
  }
  return agreed;
}

// The peer has installed what we cannot take: it is told that nothing comes of it (RFC 7296 1.3.1).
void refuse_made(Context& context, const ChildPlan& plan) {
  context.sa.tasks.push_back(RefuseChild{plan.offer.proposals.front().protocol, plan.offer.spi_in});
}

// Keys are there: the new child takes over, or is found redundant.
void complete(Context& context, ChildPlan& plan, AgreedChild agreed, base::ByteSpan nonce_r,
              base::ByteSpan secret) {
  context.sa.refused_since.reset();
  const base::Bytes lowest = lowest_nonce(plan.nonce_i, base::to_bytes(nonce_r));
  const bool lost = plan.collision && is_redundant(lowest, plan.collision->lowest_nonce);
  ChildMaking making{plan.nonce_i, nonce_r, secret, true, lost, plan.rekeys};
  const std::string child_name = agreed.config.name;
  const base::ChildId id = install_child(context, std::move(agreed), making);
  if (lost) {
    mark_replaced(context, *context.sa.find_child(id));
    enqueue(context, DeleteChild{id});
  }
  ChildSa* old = plan.rekeys ? context.sa.find_child(*plan.rekeys) : nullptr;
  if (old != nullptr) {
    mark_replaced(context, *old);
    const auto handover = old->config.handover.value_or(std::chrono::seconds(1));
    if (!lost) {
      context.core.deadlines.set(owner_of(old->id), DeadlineKind::handover, context.now + handover);
    }
  }
  ChildSa* theirs = plan.collision ? context.sa.find_child(plan.collision->made_by_peer) : nullptr;
  if (theirs != nullptr && !lost) mark_replaced(context, *theirs);  // the peer deletes it
  child_came_up(context, child_name);
  tell(context, plan, {});
}

}  // namespace

bool begin(Context& context, CreateChild& task) {
  const ChildConfig* config = context.sa.peer->find_child(task.name);
  if (config == nullptr) {
    child_failed(context, task.name, base::local_error("the profile has no child " + task.name));
    return false;
  }
  if (context.sa.find_installed(task.name) != nullptr) {
    child_came_up(context, task.name);
    return false;
  }
  if (auto fits = passes_nat(context.sa, *config); fits.has_error()) {
    child_failed(context, task.name, fits.error());
    return false;
  }
  return begin_plan(context, make_plan(context, *config));
}

bool begin(Context& context, RekeyChild& task) {
  const ChildSa* old = context.sa.find_child(task.child);
  if (old == nullptr || old->state != ChildState::installed) {
    if (task.request) context.out.push_back(RequestDone{*task.request, {}});  // replaced in the meantime
    return false;
  }
  // The peer, which made it by a rekey of its own, is not known to have it yet.
  if (old->outbound_waits) {
    defer(context, task);
    return false;
  }
  auto plan = make_plan(context, with_selectors_of(*old));
  plan->rekeys = task.child;
  if (task.request) plan->requests.push_back(*task.request);
  return begin_plan(context, std::move(plan));
}

NextResult<ChildSent, Idle> on_child_public_value(ChildGenerating& state, KeDone& done, Context& context) {
  if (state.plan->collision) {
    leave_to_peer(context, *state.plan);
    return Idle{};
  }
  const base::Status sent =
      done.status.has_error() ? done.status : send_child_request(context, *state.plan, done.own.get());
  if (sent.has_error()) {
    abandon(context, *state.plan, sent.error());
    return Idle{};
  }
  return ChildSent{std::move(state.plan), std::move(done.own)};
}

NextResult<ChildGenerating, ChildAgreeing, Idle, Closed> on_child_response(ChildSent& state, Message& message,
                                                                           Context& context) {
  request_answered(context);
  const ChildPlanPtr& plan = state.plan;
  if (const auto* invalid = message.find_notify(NotifyType::invalid_ke_payload)) {
    const auto wanted = group_wanted(*invalid, plan->offer.proposals, plan->tried);
    if (wanted.has_error()) {
      abandon(context, *plan, wanted.error());
      return Idle{};
    }
    // RFC 7296 3.9: the repetition is an exchange of its own, and nonces are not used again.
    plan->nonce_i = context.core.rng.bytes(32);
    const JobId job = generate(context, *plan, *wanted);
    return ChildGenerating{job, std::move(state.plan)};
  }
  if (const auto* error = message.first_error()) {
    refused(context, *plan, *error);
    if (refused_too_long(context, error->type)) {
      context.sa.ours.state = Idle{};  // what the plan held is given back already
      return give_up_refused();
    }
    return Idle{};
  }
  auto agreed = check_choice(context, *plan, message);
  // RFC 7296 2.21.3: nothing is certain of what the peer has made of it.
  if (agreed.has_error() && agreed.error().family == base::ErrorFamily::malformed) return agreed.error();
  if (agreed.has_error()) {
    refuse_made(context, *plan);
    abandon(context, *plan, agreed.error());
    return Idle{};
  }
  base::Bytes nonce_r = message.find<NoncePayload>()->nonce;
  if (agreed->chosen.ke == crypto::Ke::none) {
    complete(context, *plan, std::move(*agreed), nonce_r, {});
    return Idle{};
  }
  const JobId job =
      start_agreeing(context, plan->method, std::move(state.own), message.find<KePayload>()->data);
  return ChildAgreeing{job, std::move(state.plan), std::move(*agreed), std::move(nonce_r)};
}

NextResult<Idle> on_child_secret(ChildAgreeing& state, KeDone& done, Context& context) {
  if (done.status.has_error()) {
    // RFC 6989 2.5: a public value that fails its checks ends the IKE SA; the peer gets a DELETE.
    if (done.status.error().family == base::ErrorFamily::crypto)
      return base::crypto_error("the peer's public value is refused: " + done.status.error().reason);
    // The peer has installed what we cannot compute.
    refuse_made(context, *state.plan);
    abandon(context, *state.plan, done.status.error());
    return Idle{};
  }
  complete(context, *state.plan, std::move(state.agreed), state.nonce_r, done.shared_secret.span());
  return Idle{};
}

}  // namespace ikev2
