// The engine's state as plain structs for status and listings.
#pragma once

#include "ikev2/core.h"
#include "ikev2/status.h"

namespace ikev2 {

EngineStatus engine_status(Core& core, bool with_secrets);
IkeSaStatus ike_sa_status(const IkeSa& sa, bool with_secrets);
ChildStatus child_sa_status(const IkeSa& sa, const ChildSa& child, bool with_secrets);

}  // namespace ikev2
