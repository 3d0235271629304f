#include "spd/flow_cache.h"

namespace spd {
namespace {

std::size_t slot_of(const PacketKey& key) {
  const std::hash<base::IpAddress> hash;
  std::uint64_t h = hash(key.local) * 0x9e3779b97f4a7c15u ^ hash(key.remote);
  h ^= std::uint64_t{key.local_port} << 32 | std::uint64_t{key.remote_port} << 16 | key.protocol;
  h *= 0xff51afd7ed558ccdu;
  return static_cast<std::size_t>(h >> 54);  // kSlots of them
}
static_assert(FlowCache::kSlots == std::size_t{1} << (64 - 54));

}  // namespace

const Policy* FlowCache::find(const Snapshot& policies, Direction direction, const PacketKey& key) {
  Slot& slot = slots_[slot_of(key)];
  if (slot.generation == generation_ && slot.direction == direction && slot.key == key) {
    ++hits_;
    return slot.policy;
  }
  slot = {key, direction, generation_, policies.find(direction, key)};
  return slot.policy;
}

}  // namespace spd
