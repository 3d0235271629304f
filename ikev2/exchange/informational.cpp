// INFORMATIONAL: DELETE, liveness, and notifies. RFC 7296 1.4.

#include "ikev2/exchange/handlers.h"
#include "ikev2/exchange/lifecycle.h"
#include "ikev2/exchange/report.h"
#include "ikev2/exchange/send.h"

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
    return Closed{"deleted by the peer", false};
  }
  if (message.find_notify(NotifyType::authentication_failed) != nullptr) {
    RETURN_IF_ERROR(send_response(context, ExchangeType::informational, {}));
    return Closed{
        "the peer refuses our authentication (AUTHENTICATION_FAILED): it holds a different secret for " +
        context.sa.local_id.text() + ", or expects another identity"};
  }
  std::vector<Payload> answer;
  for (const Payload& payload : message.payloads) {
    const auto* del = std::get_if<DeletePayload>(&payload);
    if (del == nullptr) continue;
    auto ours = delete_children(context, *del);
    if (!ours.empty()) answer.emplace_back(DeletePayload{del->protocol, std::move(ours)});
  }
  RETURN_IF_ERROR(send_response(context, ExchangeType::informational, answer));
  return Idle{};
}

NextResult<Idle> on_probe_answer(Probing&, Message&, Context& context) {
  request_answered(context);
  return Idle{};
}

NextResult<Closed> on_ike_delete_answer(DeletingIke&, Message&, Context& context) {
  request_answered(context);
  return Closed{context.sa.delete_pending.value_or("deleted"), false};
}

NextResult<Idle> on_child_delete_answer(DeletingChild& state, Message&, Context& context) {
  request_answered(context);
  remove_child(context, state.child, "deleted");
  if (context.sa.child_deletes_pending.empty()) {
    for (const RequestId request : context.sa.waiting_deletion)
      context.out.push_back(RequestDone{request, {}});
    context.sa.waiting_deletion.clear();
  }
  return Idle{};
}

}  // namespace ikev2
