// SAs that go from one thread of the data path to another, as when they are grouped: the group belongs to the
// thread of its outermost member. No number is sent twice, and none that has come is taken again, since the
// new thread begins where the old one has ended, once it has ended.
#include <algorithm>

#include "apps/daemon/manual/table.h"

namespace daemon_app {

bool ManualTable::is_free_inbound(const Layers& layers) {
  const auto lane_of = [this](base::Spi spi) { return spi.value & (port_.lanes() - 1); };
  bool free = true;
  for (ManualSaEntry* const sa : layers) {
    if (!sa->in_owner || lane_of(*sa->in_owner) == lane_of(owner_spi(*layers.back()))) continue;
    free = false;
    if (std::exchange(sa->in_leaves, true)) continue;
    port_.after_receiver(*sa->in_owner, [this, index = sa->index, in = sa->in] {
      ManualSaEntry* const left = find(index);
      if (left == nullptr) return;
      left->in_leaves = false;
      if (left->in == in && !carrier(*left).in_stands) left->in_owner.reset();
      settle_again(index);
    });
  }
  return free;
}

bool ManualTable::is_free_outbound(const Layers& layers) {
  const auto lane_of = [this](base::ChildId name) { return name.value & (port_.lanes() - 1); };
  bool free = true;
  for (ManualSaEntry* const sa : layers) {
    if (!sa->out_owner || lane_of(*sa->out_owner) == lane_of(layers.back()->out_name)) continue;
    free = false;
    if (std::exchange(sa->out_leaves, true)) continue;
    port_.after_sender(*sa->out_owner, [this, index = sa->index, out = sa->out] {
      ManualSaEntry* const left = find(index);
      if (left == nullptr) return;
      left->out_leaves = false;
      if (left->out == out && !carrier(*left).out_stands) left->out_owner.reset();
      settle_again(index);
    });
  }
  return free;
}

// Its policies too: routes have the MTU of what stands now.
void ManualTable::settle_again(std::uint64_t sa) {
  const ManualSaEntry& entry = sas_.at(sa);
  const auto members = entry.group == 0 ? std::vector{sa} : groups_.at(entry.group).members;
  const base::Status stood = restand_users(members);
  if (stood.has_error()) log_.write({base::LogLevel::warning, "manual-sa", stood.error().reason, {}});
  port_.publish();
}

void ManualTable::succeed_inbound(const Layers& layers,
                                  const std::vector<std::shared_ptr<esp::InboundSa>>& fresh) {
  const base::Spi owner = owner_spi(*layers.back());
  for (std::size_t i = 0; i < layers.size(); ++i) {
    const auto before = std::exchange(layers[i]->in, fresh[i]);
    layers[i]->in_owner = owner;
    if (before == nullptr) continue;  // else numbers that have come do not come again
    port_.on_receiver(owner, [one = fresh[i], before] { one->window = before->window; });
  }
}

void ManualTable::succeed_outbound(const Layers& layers,
                                   const std::vector<std::shared_ptr<esp::OutboundSa>>& fresh) {
  const base::ChildId owner = layers.back()->out_name;
  for (std::size_t i = 0; i < layers.size(); ++i) {
    const auto before = std::exchange(layers[i]->out, fresh[i]);
    layers[i]->out_owner = owner;
    if (before == nullptr) continue;  // else numbers go on
    port_.on_sender(owner, [one = fresh[i], before] {
      one->next_sequence = std::max(one->next_sequence, before->next_sequence);
    });
  }
}

}  // namespace daemon_app
