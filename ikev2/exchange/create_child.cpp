// CREATE_CHILD_SA, RFC 7296 1.3.

#include "ikev2/exchange/handlers.h"
#include "ikev2/exchange/report.h"
#include "ikev2/exchange/send.h"

namespace ikev2 {

// RFC 7296 1.3: "A minimal implementation … MAY reject all CREATE_CHILD_SA requests" with NO_ADDITIONAL_SAS;
// a peer then deletes the IKE SA and begins a new one where it wanted to rekey.
NextResult<Idle> on_create_child_request(Idle&, Message&, Context& context) {
  context.core.counters.add(IkeCounter::refused);
  report(context, Report::Kind::log, base::LogLevel::info, "create-child-refused",
         "the peer asks for CREATE_CHILD_SA, which is refused with NO_ADDITIONAL_SAS");
  RETURN_IF_ERROR(
      send_response(context, ExchangeType::create_child_sa, {make_notify(NotifyType::no_additional_sas)}));
  return Idle{};
}

}  // namespace ikev2
