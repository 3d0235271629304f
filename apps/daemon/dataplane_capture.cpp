// What Dataplane does for a capture: which packets belong to a profile, and points on the data threads.
#include <algorithm>

#include "apps/daemon/dataplane.h"

namespace daemon_app {

Capture::Ports Dataplane::capture_ports(std::size_t threads) {
  using Points = std::vector<std::shared_ptr<CapturePoint>>;
  const auto attach = [this](const Points& points) {
    for (std::size_t i = 0; i < shards_.size(); ++i) {
      const auto lane = static_cast<std::uint32_t>(i) & (lanes_ - 1);
      if (points[i] != nullptr) points[i]->set_lane(lane, lanes_ - 1);
      shards_[i]->post([point = points[i]](DataShard& shard) { shard.set_capture(point); });
    }
    watch_backlog();
  };
  const auto refilter = [this](const Points& points, const std::shared_ptr<const CaptureFilter>& filter) {
    for (std::size_t i = 0; i < shards_.size(); ++i) {
      shards_[i]->post([point = points[i], filter](DataShard&) { point->set_filter(filter); });
    }
    watch_backlog();
  };
  return {[this](const CaptureOptions& options) { return capture_filter(options); }, attach, refilter,
          threads};
}

CaptureFilter Dataplane::capture_filter(const CaptureOptions& options) const {
  CaptureFilter filter;
  filter.plain = options.plain;
  filter.everything = !options.profile;
  if (filter.everything) return filter;
  const std::string prefix = *options.profile + "/";
  for (const auto& [id, child] : children_) {
    if (child.name.compare(0, prefix.size(), prefix) != 0) continue;
    filter.spis_in.push_back(child.inbound->params.spi);
    filter.spis_out.push_back(child.outbound->params.spi);
    filter.selectors.push_back(child.selectors);
    filter.peers.push_back(child.remote.address);
  }
  filter.peers.insert(filter.peers.end(), options.peers.begin(), options.peers.end());
  std::sort(filter.spis_in.begin(), filter.spis_in.end());
  std::sort(filter.spis_out.begin(), filter.spis_out.end());
  return filter;
}

}  // namespace daemon_app
