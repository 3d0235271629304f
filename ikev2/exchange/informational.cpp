// INFORMATIONAL: DELETE, liveness, and notifies. RFC 7296 1.4.

#include <algorithm>

#include "ikev2/exchange/children.h"
#include "ikev2/exchange/handlers.h"
#include "ikev2/exchange/lifecycle.h"
#include "ikev2/exchange/mobike.h"
#include "ikev2/exchange/rekey_ike.h"
#include "ikev2/exchange/report.h"
#include "ikev2/exchange/send.h"
#include "ikev2/exchange/tasks.h"

namespace ikev2 {
namespace {

// Closes the children that the peer names by its inbound SPIs; returns ours for the answer, each once.
std::vector<std::uint32_t> delete_children(Context& context, const DeletePayload& request) {
  std::vector<std::uint32_t> ours;
  for (const std::uint32_t spi : request.spis) {
    const ChildSa* child = context.sa.find_child_by_spi_out(base::Spi{spi});
    if (child == nullptr || static_cast<ProtocolId>(child->suite.protocol) != request.protocol) continue;
    // RFC 7296 1.4.1: children that we are deleting ourselves at this moment are left out of the answer.
    if (child->state != ChildState::deleting) ours.push_back(child->spi_in.value);
    remove_child(context, child->id, "deleted by the peer");
  }
  return ours;
}

// The peer has deleted the IKE SA that both of us were rekeying: its new one has won (RFC 7296 2.25.2).
void follow_rekey(Context& context) {
  IkePlan* plan = rekey_plan_of(context.sa);
  IkeSa* theirs =
      plan != nullptr && plan->collision ? context.core.sas.find(plan->collision->made_by_peer) : nullptr;
  if (theirs == nullptr) return;
  for (const RequestId request : plan->requests) context.out.push_back(RequestDone{request, {}});
  plan->requests.clear();
  hand_over(context, *theirs, false);
}

bool deletes_ike_sa(const Message& message) {
  for (const Payload& payload : message.payloads) {
    const auto* del = std::get_if<DeletePayload>(&payload);
    if (del != nullptr && del->protocol == ProtocolId::ike) return true;
  }
  return false;
}

}  // namespace

NextResult<Idle, Closed> on_informational_request(Idle&, Message& message, Context& context) {
  if (deletes_ike_sa(message)) {
    RETURN_IF_ERROR(send_response(context, ExchangeType::informational, {}));
    follow_rekey(context);
    return Closed{context.sa.replaced ? "its successor has taken over" : "deleted by the peer", false};
  }
  if (message.find_notify(NotifyType::authentication_failed) != nullptr) {
    RETURN_IF_ERROR(send_response(context, ExchangeType::informational, {}));
    return Closed{
        "the peer refuses our authentication (AUTHENTICATION_FAILED): it holds a different secret for " +
        context.sa.local_id.text() + ", or expects another identity"};
  }
  if (const auto lifetime = auth_lifetime(message)) limit_authentication(context, *lifetime);
  std::vector<Payload> answer;
  for (const Payload& payload : message.payloads) {
    const auto* del = std::get_if<DeletePayload>(&payload);
    if (del == nullptr) continue;
    auto ours = delete_children(context, *del);
    if (!ours.empty()) answer.emplace_back(DeletePayload{del->protocol, std::move(ours)});
  }
  answer_mobility(context, message, answer);
  RETURN_IF_ERROR(send_response(context, ExchangeType::informational, answer));
  return Idle{};
}

NextResult<Idle> on_probe_answer(Probing&, Message& message, Context& context) {
  request_answered(context);
  take_probe_answer(context, message);
  return Idle{};
}

NextResult<Closed> on_ike_delete_answer(DeletingIke&, Message&, Context& context) {
  request_answered(context);
  return Closed{context.sa.delete_pending.value_or("deleted"), false};
}

NextResult<Idle> on_child_delete_answer(DeletingChild& state, Message&, Context& context) {
  IkeSa& sa = context.sa;
  request_answered(context);
  remove_child(context, state.child, "deleted");
  const bool more = std::any_of(sa.tasks.begin(), sa.tasks.end(),
                                [](const Task& task) { return std::holds_alternative<DeleteChild>(task); });
  if (more) return Idle{};
  for (const RequestId request : sa.waiting_deletion) context.out.push_back(RequestDone{request, {}});
  sa.waiting_deletion.clear();
  return Idle{};
}

bool begin_ike_deletion(Context& context) {
  IkeSa& sa = context.sa;
  // RFC 7296 1.4.1: deleting the IKE SA closes its children with it.
  if (send_request(context, ExchangeType::informational, {DeletePayload{}}).has_error()) return false;
  sa.ours.give_up_at = context.now + kDeletionPatience;
  sa.ours.state = DeletingIke{};
  return true;
}

bool begin(Context& context, DeleteChild& task) {
  ChildSa* child = context.sa.find_child(task.child);
  if (child == nullptr) return false;
  child->state = ChildState::deleting;
  // RFC 7296 1.4.1: "the SPI is the SPI the sending endpoint would expect in inbound packets".
  const auto protocol = static_cast<ProtocolId>(child->suite.protocol);
  if (send_request(context, ExchangeType::informational, {DeletePayload{protocol, {child->spi_in.value}}})
          .has_error()) {
    return false;
  }
  context.sa.ours.state = DeletingChild{task.child};
  return true;
}

bool begin(Context& context, RefuseChild& task) {
  if (send_request(context, ExchangeType::informational, {DeletePayload{task.protocol, {task.spi_in.value}}})
          .has_error()) {
    return false;
  }
  context.sa.ours.state = DeletingChild{};
  return true;
}

// RFC 7296 2.4: after a silence, an empty INFORMATIONAL asks whether the peer is alive.
bool begin(Context& context, Probe&) {
  IkeSa& sa = context.sa;
  if (send_request(context, ExchangeType::informational, probe_payloads(context)).has_error()) return false;
  sa.ours.give_up_at = sa.last_heard + sa.peer->liveness_timeout;
  sa.ours.state = Probing{};
  return true;
}

}  // namespace ikev2
