// The first child, which IKE_AUTH carries: RFC 7296 1.2, 2.9, 2.17.
#pragma once

#include <vector>

#include "base/result.h"
#include "ikev2/core.h"
#include "ikev2/message/message.h"

namespace ikev2 {

// Initiator: appends SAi2, TSi, TSr for the child that the handshake wants, and remembers what was offered.
base::Status offer_child(Context& context, std::vector<Payload>& payloads);
// Initiator: checks the answer, and installs. An error means that the child is refused; the IKE SA stands all
// the same.
base::Status take_child_answer(Context& context, const Message& response);
// Responder: chooses and installs a child for the request, and appends SAr2, TSi, TSr. An error carries the
// notify to send instead (NO_PROPOSAL_CHOSEN, TS_UNACCEPTABLE).
base::Status answer_child(Context& context, const Message& request, std::vector<Payload>& payloads);

}  // namespace ikev2
