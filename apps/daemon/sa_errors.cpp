#include "apps/daemon/sa_errors.h"

#include <algorithm>

namespace daemon_app {

void add_errors(control::SaErrorView& view, const esp::SaTraffic& traffic) {
  view.integrity += traffic.integrity_errors.load(std::memory_order_relaxed);
  view.replays += traffic.replays.load(std::memory_order_relaxed);
  view.selector += traffic.selector_errors.load(std::memory_order_relaxed);
  view.padding += traffic.padding_errors.load(std::memory_order_relaxed);
  view.size += traffic.size_errors.load(std::memory_order_relaxed);
  view.other += traffic.other_errors.load(std::memory_order_relaxed);
}

void add_arrivals(control::SaErrorView& view, const SaSequences& window) {
  view.late += window.late;
  view.lost += window.lost;
  view.widest_gap = std::max(view.widest_gap, window.widest_gap);
}

}  // namespace daemon_app
