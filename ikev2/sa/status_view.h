// The engine's state as plain structs for status and listings.
#pragma once

#include <optional>
#include <span>
#include <vector>

#include "ikev2/core.h"
#include "ikev2/status.h"

namespace ikev2 {

EngineStatus engine_status(Core& core, bool with_secrets);
// Without IKE SAs.
EngineStatus engine_summary(Core& core);
std::vector<IkeSaOutline> sa_outline(Core& core, bool with_selectors);
std::optional<IkeSaStatus> ike_sa_part(Core& core, std::uint64_t id, std::span<const base::ChildId> children,
                                       bool with_secrets);
std::optional<base::ChildId> child_by_spi(Core& core, base::Spi spi);
std::vector<NatPath> nat_paths(Core& core);
IkeSaStatus ike_sa_status(const IkeSa& sa, bool with_secrets);
ChildStatus child_sa_status(const IkeSa& sa, const ChildSa& child, bool with_secrets);

}  // namespace ikev2
