// What the exchanges that carry a KE payload share: starting its slow work, and agreeing on its group.
#pragma once

#include <memory>
#include <vector>

#include "base/result.h"
#include "ikev2/core.h"
#include "ikev2/message/message.h"

namespace ikev2 {

// Asks for a key pair of that method; KeDone brings it.
JobId start_generating(Context& context, crypto::Ke method);
// Asks for g^ir with the peer's public value: with our pair `own`, or, as responder, with one that is made
// now.
JobId start_agreeing(Context& context, crypto::Ke method, std::unique_ptr<crypto::KeyExchange> own,
                     base::Bytes peer_public);

// The group that INVALID_KE_PAYLOAD names (RFC 7296 1.3 and 2.7), where it was offered and has not been
// tried.
base::Result<crypto::Ke> group_wanted(const NotifyPayload& notify, const Proposals& offered,
                                      const std::vector<crypto::Ke>& tried);
// INVALID_KE_PAYLOAD that names this group.
NotifyPayload invalid_ke(crypto::Ke wanted);

}  // namespace ikev2
