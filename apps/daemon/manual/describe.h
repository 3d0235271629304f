// From the tables of manual keying to the model that listings are made of.
#pragma once

#include "apps/daemon/manual/table.h"
#include "apps/daemon/status_view.h"
#include "control/manual_model.h"

namespace daemon_app {

control::ManualView describe_manual(const ManualTable& table, const DataplaneStatus& dataplane,
                                    base::Instant now, bool secrets);

}  // namespace daemon_app
