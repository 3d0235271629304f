// What the data path knows of its SAs, for status and events.
#include <algorithm>
#include <boost/asio/post.hpp>

#include "apps/daemon/dataplane.h"
#include "apps/daemon/sa_errors.h"

namespace daemon_app {

void Dataplane::add_inbound(Sequences& to, const esp::InboundSa& sa) {
  to.of.in = sa.window.highest();
  to.of.replay_bits = sa.window.newest_bits();
  to.of.replay_window = sa.window.size();
  to.of.late = sa.window.late();
  to.of.lost = sa.window.lost();
  to.of.widest_gap = sa.window.widest_gap();
}

void Dataplane::add_outbound(Sequences& to, const esp::Bundle& bundle) {
  if (!bundle.outbound.empty()) to.of.out = bundle.outbound.front()->next_sequence - 1;
}

std::vector<Dataplane::Sequences> Dataplane::sequences_of(const DataShard& shard,
                                                          const std::vector<base::ChildId>& names) {
  std::vector<Sequences> out;
  for (const base::ChildId name : names) {
    Sequences s{name, {}};
    for (const esp::InboundSa* sa : shard.sad().inbound_of(name)) add_inbound(s, *sa);
    if (const esp::Bundle* bundle = shard.sad().find(name)) add_outbound(s, *bundle);
    out.push_back(s);
  }
  return out;
}

// `look` on each shard, then `done` here.
void Dataplane::ask_shards(Look look, std::function<void(const std::vector<Sequences>&)> done) {
  struct Gathering {
    std::size_t waiting;
    std::vector<Sequences> sequences;
    std::function<void(const std::vector<Sequences>&)> done;
  };
  auto gathering = std::make_shared<Gathering>(Gathering{shards_.size(), {}, std::move(done)});
  const auto arrived = [gathering](const std::vector<Sequences>& part) {
    gathering->sequences.insert(gathering->sequences.end(), part.begin(), part.end());
    if (--gathering->waiting == 0) gathering->done(gathering->sequences);
  };
  for (auto& shard : shards_) {
    const bool posted = shard->try_post([this, arrived, look](DataShard& s) {
      boost::asio::post(io_, [arrived, part = look(s)] { arrived(part); });
    });
    if (!posted) boost::asio::post(io_, [arrived] { arrived({}); });  // too busy: a picture without them
  }
}

void Dataplane::observe(std::vector<base::ChildId> names, std::function<void(DataplaneStatus)> done) {
  auto shared = std::make_shared<const std::vector<base::ChildId>>(std::move(names));
  ask_shards([shared](const DataShard& shard) { return sequences_of(shard, *shared); },
             [this, shared, done = std::move(done)](const std::vector<Sequences>& sequences) {
               DataplaneStatus status = glance(*shared);
               add_sequences(status, sequences);
               done(std::move(status));
             });
}

ChildTraffic Dataplane::traffic_of(const Child& child) {
  ChildTraffic traffic;
  const esp::SaTraffic& in = child.inbound->traffic;
  const esp::SaTraffic& out = child.outbound->traffic;
  traffic.bytes_in = in.bytes.load(std::memory_order_relaxed);
  traffic.packets_in = in.packets.load(std::memory_order_relaxed);
  traffic.bytes_out = out.bytes.load(std::memory_order_relaxed);
  traffic.packets_out = out.packets.load(std::memory_order_relaxed);
  add_errors(traffic.errors, in);
  traffic.errors_out = out.other_errors.load(std::memory_order_relaxed);
  traffic.last_in = base::Instant(base::Duration(child.inbound->life->last_in.load()));
  traffic.last_out = base::Instant(base::Duration(child.inbound->life->last_out.load()));
  traffic.outer_local = child.local;
  traffic.outer_remote = child.remote;
  return traffic;
}

DataplaneStatus Dataplane::glance(const std::vector<base::ChildId>& children) const {
  DataplaneStatus status;
  for (const base::ChildId id : children) {
    const auto found = children_.find(id);
    if (found != children_.end()) status.children[id] = traffic_of(found->second);
  }
  return status;
}

void Dataplane::add_counters(std::vector<control::CounterView>& out) const {
  for (std::size_t c = 0; c < esp::kCounters; ++c) {
    const auto counter = static_cast<esp::Counter>(c);
    std::uint64_t sum = 0;
    for (const auto& shard : shards_) sum += shard->counters().get(counter);
    if (sum != 0) out.push_back({std::string(esp::name(counter)), sum});
  }
  std::uint64_t lost = stray_dropped_;
  for (const auto& shard : shards_) lost += shard->dropped();
  if (lost != 0) out.push_back({"in-lost", lost});
}

void Dataplane::add_sequences(DataplaneStatus& status, const std::vector<Sequences>& sequences) {
  for (const Sequences& s : sequences) {
    SaSequences& all = status.sequences[s.child];
    all.in += s.of.in;
    all.out += s.of.out;
    all.replay_bits += s.of.replay_bits;
    all.replay_window += s.of.replay_window;
    all.late += s.of.late;
    all.lost += s.of.lost;
    all.widest_gap = std::max(all.widest_gap, s.of.widest_gap);
    const auto found = status.children.find(s.child);
    if (found == status.children.end()) continue;
    ChildTraffic& child = found->second;
    child.sequence_in = all.in;
    child.sequence_out = all.out;
    child.replay_bits = all.replay_bits;
    child.replay_window = all.replay_window;
    add_arrivals(child.errors, s.of);
  }
}

DataplaneStatus Dataplane::overview() const {
  DataplaneStatus status;
  if (describe_) status.data_path = describe_();
  add_counters(status.counters);
  return status;
}

}  // namespace daemon_app
