// Where peers behind NATs send from, RFC 7296 2.23: of an SA the newest authentic packet that came in UDP
// says.
#pragma once

#include <functional>

#include "esp/esp_decap.h"
#include "esp/sad.h"

namespace esp {

// For each packet that its SA has accepted: notes whether it is the newest, and whether it came from
// elsewhere than where the SA sends to. Protocols 50 and 51 know no ports, and are left alone.
void note_source(const DecapItem& item) noexcept;

// Reports children whose newest packet came from another endpoint, once for each look.
void collect_moved(Sad& sad, const std::function<void(base::ChildId, const base::Endpoint&)>& report);

}  // namespace esp
