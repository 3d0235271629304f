#include "ikev2/sa/sa_table.h"

namespace ikev2 {

IkeSa& SaTable::add(std::unique_ptr<IkeSa> sa) {
  sa->id = next_id_++;
  IkeSa& added = *sa;
  by_spi_[added.our_spi()] = added.id;
  if (!added.initiator) {
    const auto key = std::make_pair(added.spi_i, added.remote);
    by_initiator_[key] = added.id;
    initiator_of_[added.id] = key;
  }
  by_id_[added.id] = std::move(sa);
  return added;
}

IkeSa& SaTable::add_half_open(std::unique_ptr<IkeSa> sa, std::size_t octets) {
  IkeSa& added = add(std::move(sa));
  half_open_.add(added.id, added.remote.address, octets);
  return added;
}

void SaTable::remove(std::uint64_t id) {
  const auto it = by_id_.find(id);
  if (it == by_id_.end()) return;
  half_open_.remove(id);
  by_spi_.erase(it->second->our_spi());
  if (const auto key = initiator_of_.find(id); key != initiator_of_.end()) {
    by_initiator_.erase(key->second);
    initiator_of_.erase(key);
  }
  by_id_.erase(it);
}

IkeSa* SaTable::find(std::uint64_t id) {
  const auto it = by_id_.find(id);
  return it == by_id_.end() ? nullptr : it->second.get();
}

IkeSa* SaTable::find_by_spi(base::IkeSpi ours) {
  const auto it = by_spi_.find(ours);
  return it == by_spi_.end() ? nullptr : find(it->second);
}

IkeSa* SaTable::find_by_initiator(base::IkeSpi spi_i, const base::Endpoint& remote) {
  const auto it = by_initiator_.find({spi_i, remote});
  return it == by_initiator_.end() ? nullptr : find(it->second);
}

std::vector<IkeSa*> SaTable::all() {
  std::vector<IkeSa*> out;
  for (auto& [id, sa] : by_id_) out.push_back(sa.get());
  return out;
}

}  // namespace ikev2
