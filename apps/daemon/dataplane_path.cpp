// What Dataplane does for the watch over paths: probes to the shards, and what is learned to the SAs.
#include "apps/daemon/clock.h"
#include "apps/daemon/dataplane.h"

namespace daemon_app {

PathWatch::Ports Dataplane::path_ports() {
  const auto send = [this](base::ChildId id, const esp::PathProbe& probe, std::uint32_t size) {
    // Where the shard is too busy to take it, the probe counts as lost.
    sender_of(id).try_post([id, probe, size](DataShard& shard) { shard.send_probe(id, probe, size); });
  };
  return {send, [this](base::ChildId id, std::uint32_t outer_mtu) { set_path_mtu(id, outer_mtu); },
          monotonic_now};
}

void Dataplane::watch_path(base::ChildId id, const Child& child, std::uint32_t link_mtu) {
  paths_.put(id, {child.local, child.remote, link_mtu, child.outbound});
}

// Routes keep the MTU that they were made with: hosts, this one too, are told by ICMP, or by TCP's MSS.
void Dataplane::set_path_mtu(base::ChildId id, std::uint32_t outer_mtu) {
  const auto found = children_.find(id);
  if (found == children_.end() || found->second.outer_mtu == outer_mtu) return;
  Child& child = found->second;
  child.outer_mtu = outer_mtu;
  child.inbound->life->inner_mtu = inner_mtu_of(child);
  sender_of(id).post([id, outer_mtu](DataShard& shard) { shard.sad().set_mtu(id, outer_mtu); });
  watch_backlog();
}

}  // namespace daemon_app
