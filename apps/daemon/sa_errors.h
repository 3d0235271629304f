// From what the data path counts of one SA to what views tell of it.
#pragma once

#include "apps/daemon/status_view.h"
#include "control/model.h"
#include "esp/sa.h"

namespace daemon_app {

// Both add, so that the SAs of a child, or of a pair, may be told of as one.
void add_errors(control::SaErrorView& view, const esp::SaTraffic& traffic);
void add_arrivals(control::SaErrorView& view, const SaSequences& window);

}  // namespace daemon_app
