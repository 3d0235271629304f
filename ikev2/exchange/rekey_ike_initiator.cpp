// CREATE_CHILD_SA for a new IKE SA, as initiator: RFC 7296 1.3.2, collisions 2.25.2.
//
//   HDR, SK {SA, Ni, KEi}   -->
//                                    <--   HDR, SK {SA, Nr, KEr}

#include <algorithm>

#include "ikev2/exchange/collision.h"
#include "ikev2/exchange/key_exchange.h"
#include "ikev2/exchange/lifecycle.h"
#include "ikev2/exchange/rekey_ike.h"
#include "ikev2/exchange/report.h"
#include "ikev2/exchange/send.h"
#include "ikev2/exchange/tasks.h"
#include "ikev2/sa/lifetime.h"

namespace ikev2 {
namespace {

base::Bytes spi_bytes(base::IkeSpi spi) {
  base::Bytes bytes(8);
  base::store_be64(bytes.data(), spi.value);
  return bytes;
}

JobId generate(Context& context, ExchangePlan& plan, crypto::Ke method) {
  plan.method = method;
  plan.tried.push_back(method);
  return start_generating(context, method);
}

// The group in use first: the peer takes it for sure.
crypto::Ke first_group(const IkeSa& sa, const Proposals& proposals) {
  const auto groups = key_exchanges(proposals);
  const bool known = std::find(groups.begin(), groups.end(), sa.suite.ke) != groups.end();
  return known || groups.empty() ? sa.suite.ke : groups.front();
}

void tell(Context& context, const IkePlan& plan, const base::Status& outcome) {
  for (const RequestId request : plan.requests) context.out.push_back(RequestDone{request, outcome});
}

// The exchange has come to nothing. Where the peer has rekeyed at the same moment, its new SA takes over.
void abandon(Context& context, IkePlan& plan, const base::Error& error) {
  IkeSa& sa = context.sa;
  if (plan.collision) {
    tell(context, plan, {});
    if (IkeSa* theirs = context.core.sas.find(plan.collision->made_by_peer))
      hand_over(context, *theirs, false);
    return;
  }
  report(context, Report::Kind::failure, base::LogLevel::warning, "ike-rekey-failed",
         "the IKE SA is not rekeyed: " + error.reason);
  tell(context, plan, error);
  const auto pause =
      std::max(scaled(sa.expires_at - context.now, 0.1), base::Duration(std::chrono::seconds(5)));
  context.core.deadlines.set(owner_of(sa), DeadlineKind::rekey, context.now + pause);
}

void refused(Context& context, IkePlan& plan, const NotifyPayload& notify) {
  if (notify.type == NotifyType::temporary_failure && !plan.collision) {
    defer(context, RekeyIke{plan.requests.empty() ? std::nullopt : std::optional(plan.requests.front())});
    return;
  }
  std::string reason = "the peer refuses with " + name(notify.type);
  if (notify.type == NotifyType::no_proposal_chosen) reason += "; we offered " + text(plan.proposals);
  abandon(context, plan, base::incompatible(reason));
  // A peer that does not rekey at all gets a new IKE SA before this one ends.
  if (notify.type == NotifyType::no_additional_sas && !plan.collision) {
    if (PeerRuntime* peer = context.core.peers.find(context.sa.peer->name))
      reauthenticate(context.core, *peer, context.sa, {}, context.now, context.out);
  }
}

base::Result<ChosenProposal> check_response(const IkePlan& plan, const Message& message) {
  const auto* ke = message.find<KePayload>();
  ASSIGN_OR_RETURN(ChosenProposal chosen, check_answer(message.find<SaPayload>()->proposals, plan.proposals));
  // RFC 7296 1.3.2: the KE payload is mandatory here, and its group the one that was chosen.
  if (ke == nullptr || ke->method != plan.method || chosen.ke != plan.method) {
    return base::misbehaved("the peer answers with another key exchange than it was sent");
  }
  if (chosen.proposal.spi.size() != 8 || base::load_be64(chosen.proposal.spi.data()) == 0) {
    return base::malformed("the responder's SPI is zero");
  }
  return chosen;
}

}  // namespace

bool begin(Context& context, RekeyIke& task) {
  auto plan = std::make_unique<IkePlan>();
  plan->nonce_i = context.core.rng.bytes(32);
  plan->spi = draw_ike_spi(context.core);
  plan->proposals = to_offer(context.sa.peer->proposals, spi_bytes(plan->spi));
  if (task.request) plan->requests.push_back(*task.request);
  const JobId job = generate(context, *plan, first_group(context.sa, plan->proposals));
  context.sa.ours.state = RekeyGenerating{job, std::move(plan)};
  return true;
}

NextResult<RekeySent, Idle> on_rekey_public_value(RekeyGenerating& state, KeDone& done, Context& context) {
  base::Status sent = done.status;
  // The peer was faster: nothing of ours stands against its new IKE SA.
  if (state.plan->collision) sent = base::incompatible("the peer has rekeyed the IKE SA");
  if (sent.has_value()) {
    const IkePlan& plan = *state.plan;
    sent = send_request(context, ExchangeType::create_child_sa,
                        {SaPayload{plan.proposals}, NoncePayload{plan.nonce_i},
                         KePayload{plan.method, done.own->public_value()}});
  }
  if (sent.has_error()) {
    abandon(context, *state.plan, sent.error());
    return Idle{};
  }
  return RekeySent{std::move(state.plan), std::move(done.own)};
}

NextResult<RekeyGenerating, RekeyAgreeing, Idle, Closed> on_rekey_response(RekeySent& state, Message& message,
                                                                           Context& context) {
  request_answered(context);
  if (const auto* invalid = message.find_notify(NotifyType::invalid_ke_payload)) {
    const auto wanted = group_wanted(*invalid, state.plan->proposals, state.plan->tried);
    if (wanted.has_error()) {
      abandon(context, *state.plan, wanted.error());
      return Idle{};
    }
    // RFC 7296 3.9: the repetition is an exchange of its own, and nonces are not used again.
    state.plan->nonce_i = context.core.rng.bytes(32);
    const JobId job = generate(context, *state.plan, *wanted);
    return RekeyGenerating{job, std::move(state.plan)};
  }
  if (const auto* error = message.first_error()) {
    refused(context, *state.plan, *error);
    if (refused_too_long(context, error->type)) {
      context.sa.ours.state = Idle{};  // what the plan held is given back already
      return give_up_refused();
    }
    return Idle{};
  }
  // The peer has moved on to an IKE SA that we cannot have: the old one ends with its children (RFC
  // 7296 2.21.3).
  ASSIGN_OR_RETURN(ChosenProposal chosen, check_response(*state.plan, message));
  const JobId job =
      start_agreeing(context, state.plan->method, std::move(state.own), message.find<KePayload>()->data);
  const base::IkeSpi spi_r{base::load_be64(chosen.proposal.spi.data())};
  return RekeyAgreeing{job, std::move(state.plan), std::move(chosen), spi_r,
                       message.find<NoncePayload>()->nonce};
}

NextResult<Idle> on_rekey_secret(RekeyAgreeing& state, KeDone& done, Context& context) {
  IkePlan& plan = *state.plan;
  // RFC 6989 2.5: a public value that fails its checks ends the IKE SA. So does anything else that keeps us
  // from the one that the peer has moved on to.
  if (done.status.has_error())
    return base::crypto_error("no keys for the new IKE SA: " + done.status.error().reason);
  const RekeyedIke agreed{true,          plan.spi,
                          state.spi_r,   plan.nonce_i,
                          state.nonce_r, {state.chosen.cipher, state.chosen.prf, state.chosen.ke}};
  ASSIGN_OR_RETURN(IkeSa* const fresh, make_successor(context, agreed, done.shared_secret.span()));
  tell(context, plan, {});
  IkeSa* theirs = plan.collision ? context.core.sas.find(plan.collision->made_by_peer) : nullptr;
  const bool lost = theirs != nullptr &&
                    is_redundant(lowest_nonce(plan.nonce_i, state.nonce_r), plan.collision->lowest_nonce);
  if (lost) {
    hand_over(context, *theirs, false);
    discard(context, *fresh);
  } else {
    if (theirs != nullptr) retire(context, *theirs);  // the peer, who made it, deletes it
    hand_over(context, *fresh, true);
  }
  return Idle{};
}

}  // namespace ikev2
