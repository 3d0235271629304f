// `status`: what a person wants to see first, at 80 columns.
#pragma once

#include <string>

#include "control/model.h"

namespace control::listing {

// One row a profile, its children and its last error below. Colour by ANSI escapes.
std::string status_table(const StatusView& view, bool colour);

// `show error`: the counters that are not zero, in the columns of VPP.
std::string counters(const StatusView& view);

}  // namespace control::listing
