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
  forget_peer(id);
  by_spi_.erase(it->second->our_spi());
  if (const auto key = initiator_of_.find(id); key != initiator_of_.end()) {
    by_initiator_.erase(key->second);
    initiator_of_.erase(key);
  }
  by_id_.erase(it);
}

void SaTable::authenticated(IkeSa& sa) {
  half_open_.remove(sa.id);
  const bool fresh = peer_of_.try_emplace(sa.id, sa.peer->name, sa.remote_id).second;
  if (!fresh) return;
  PeersOfProfile& profile = by_profile_[sa.peer->name];
  profile.peers[sa.remote_id].insert(sa.id);
  ++profile.sas;
}

void SaTable::forget_peer(std::uint64_t id) {
  const auto found = peer_of_.find(id);
  if (found == peer_of_.end()) return;
  const auto profile = by_profile_.find(found->second.first);
  const auto peer = profile->second.peers.find(found->second.second);
  peer->second.erase(id);
  if (peer->second.empty()) profile->second.peers.erase(peer);
  if (--profile->second.sas == 0) by_profile_.erase(profile);
  peer_of_.erase(found);
}

std::vector<IkeSa*> SaTable::of_peer(const std::string& profile, const Identity& identity) {
  std::vector<IkeSa*> out;
  const auto found = by_profile_.find(profile);
  if (found == by_profile_.end()) return out;
  const auto peer = found->second.peers.find(identity);
  if (peer == found->second.peers.end()) return out;
  for (const std::uint64_t id : peer->second) out.push_back(find(id));
  return out;
}

std::vector<IkeSa*> SaTable::of_profile(const std::string& profile) {
  std::vector<IkeSa*> out;
  const auto found = by_profile_.find(profile);
  if (found == by_profile_.end()) return out;
  for (const auto& [identity, ids] : found->second.peers) {
    for (const std::uint64_t id : ids) out.push_back(find(id));
  }
  return out;
}

std::size_t SaTable::count_of_profile(const std::string& profile) const {
  const auto found = by_profile_.find(profile);
  return found == by_profile_.end() ? 0 : found->second.sas;
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
