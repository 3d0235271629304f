// Which payloads may and must stand in which message, as a table (RFC 7296 1.2 to 1.5, 3.10). Checked before
// any handler sees a message.
#pragma once

#include "ikev2/message/message.h"

namespace ikev2 {

// Fails as malformed with INVALID_SYNTAX: a required payload is missing, one stands twice that may not, or
// one stands where it must not. An unknown payload with the critical bit fails with
// UNSUPPORTED_CRITICAL_PAYLOAD and its type as data (RFC 7296 2.5); without the bit it is skipped. A response
// that holds an error notify, or COOKIE in IKE_SA_INIT, needs nothing else: its other payloads may be
// missing. Of IKE_AUTH a first request holds IDi; a later one EAP or AUTH. SA, TSi and TSr stand there
// together or not at all; whether a child may be left out is the handler's to decide.
base::Status check_rules(const Message& message);

}  // namespace ikev2
