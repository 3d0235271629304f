// From the tables of manual keying to the model that listings are made of.
#pragma once

#include "apps/daemon/manual/table.h"
#include "apps/daemon/status_view.h"
#include "control/manual_model.h"

namespace daemon_app {

// The policies in the order in which they are looked at.
std::vector<const ManualPolicyEntry*> in_order(const ManualTable& table);

control::ManualSaView describe_sa(const ManualSaEntry& sa, const ManualTable& table,
                                  const DataplaneStatus& dataplane, base::Instant now, bool secrets);
// SAIDs from inside to outside.
std::vector<std::string> describe_group(const ManualGroup& group, const ManualTable& table);
control::ManualPolicyView describe_policy(const ManualPolicyEntry& policy, const ManualTable& table);

// SPDs and bindings alone.
control::ManualView describe_spds(const ManualTable& table);

}  // namespace daemon_app
