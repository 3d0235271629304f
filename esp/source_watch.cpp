#include "esp/source_watch.h"

namespace esp {

void note_source(const DecapItem& item) noexcept {
  if (item.frame == nullptr || item.frame->remote.port == 0) return;
  InboundSa& sa = *item.sa;
  // An older packet, delayed or repeated from elsewhere, says nothing about where the peer is now.
  if (base::load_be32(item.packet.data() + 4) != static_cast<std::uint32_t>(sa.window.highest())) return;
  if (item.frame->remote == sa.params.remote) {
    sa.moved_to.reset();
  } else {
    sa.moved_to = item.frame->remote;
  }
}

void collect_moved(Sad& sad, const std::function<void(base::ChildId, const base::Endpoint&)>& report) {
  for (const auto& [spi, sa] : sad.inbound()) {
    if (!sa->moved_to) continue;
    const base::Endpoint from = *sa->moved_to;
    sa->moved_to.reset();
    if (from != sa->params.remote) report(sa->params.child, from);
  }
}

}  // namespace esp
