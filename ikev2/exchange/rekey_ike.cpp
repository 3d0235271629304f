#include "ikev2/exchange/rekey_ike.h"

#include "ikev2/exchange/children.h"
#include "ikev2/exchange/ike_ciphers.h"
#include "ikev2/exchange/lifecycle.h"
#include "ikev2/exchange/report.h"
#include "ikev2/exchange/tasks.h"

namespace ikev2 {
namespace {

// How long an IKE SA that was replaced waits for the peer's DELETE.
constexpr base::Duration kReplacedLife = std::chrono::seconds(20);

}  // namespace

void retire(Context& context, IkeSa& sa) {
  sa.replaced = true;
  sa.lifecycle = Lifecycle::rekeyed;
  context.core.deadlines.cancel(owner_of(sa), DeadlineKind::rekey);
  context.core.deadlines.cancel(owner_of(sa), DeadlineKind::liveness);
  context.core.deadlines.set(owner_of(sa), DeadlineKind::expiry, context.now + kReplacedLife);
}

IkePlan* rekey_plan_of(IkeSa& sa) {
  if (auto* generating = std::get_if<RekeyGenerating>(&sa.ours.state)) return generating->plan.get();
  if (auto* sent = std::get_if<RekeySent>(&sa.ours.state)) return sent->plan.get();
  if (auto* agreeing = std::get_if<RekeyAgreeing>(&sa.ours.state)) return agreeing->plan.get();
  return nullptr;
}

base::Result<IkeSa*> make_successor(Context& context, const RekeyedIke& agreed, base::ByteSpan secret) {
  const IkeSa& old = context.sa;
  auto fresh = successor_of(old);
  fresh->initiator = agreed.we_initiated;
  fresh->spi_i = agreed.spi_i;
  fresh->spi_r = agreed.spi_r;
  fresh->suite = agreed.suite;
  fresh->nonce_i = agreed.nonce_i;
  fresh->nonce_r = agreed.nonce_r;
  ASSIGN_OR_RETURN(fresh->prf, context.core.provider.prf(agreed.suite.prf));
  // RFC 7296 2.18: SKEYSEED comes from the PRF of the old IKE SA, the keys from that of the new one.
  fresh->keys = derive_rekeyed_ike_keys(agreed.suite, *old.prf, old.keys.sk_d, *fresh->prf, secret,
                                        agreed.nonce_i, agreed.nonce_r, agreed.spi_i, agreed.spi_r);
  RETURN_IF_ERROR(make_message_ciphers(context.core, *fresh));
  fresh->created_at = context.now;
  fresh->lifecycle = Lifecycle::established;
  IkeSa& sa = context.core.sas.add(std::move(fresh));
  context.core.sas.authenticated(sa);  // as the old one is
  Context successor{context.core, sa, context.now, context.out};
  begin_life(successor);
  return &sa;
}

void hand_over(Context& context, IkeSa& successor, bool we_delete) {
  IkeSa& old = context.sa;
  move_children(context, successor);
  retire(context, old);
  Context fresh{context.core, successor, context.now, context.out};
  report(fresh, Report::Kind::ike_rekeyed, base::LogLevel::info, "ike-rekeyed",
         "IKE SA rekeyed with " + successor.remote_id.text() + " at " + successor.remote.text());
  if (we_delete) old.delete_pending = "rekeyed";
  run_tasks(fresh);
}

void discard(Context& context, IkeSa& redundant) {
  retire(context, redundant);
  redundant.delete_pending = "the peer rekeyed at the same moment, and its IKE SA stays";
  Context own{context.core, redundant, context.now, context.out};
  run_tasks(own);
}

void follow_rekey(Context& context) {
  IkePlan* plan = rekey_plan_of(context.sa);
  IkeSa* theirs =
      plan != nullptr && plan->collision ? context.core.sas.find(plan->collision->made_by_peer) : nullptr;
  if (theirs == nullptr) return;
  for (const RequestId request : plan->requests) context.out.push_back(RequestDone{request, {}});
  plan->requests.clear();
  hand_over(context, *theirs, false);
}

}  // namespace ikev2
