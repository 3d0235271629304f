#include "ikev2/sa/peer_table.h"

#include <algorithm>

namespace ikev2 {
namespace {

// How closely a configured remote address fits: 0 not at all, higher is closer.
int closeness(const RemoteAddress& configured, const base::IpAddress& remote) {
  if (const auto* address = std::get_if<base::IpAddress>(&configured)) return *address == remote ? 1000 : 0;
  if (const auto* prefix = std::get_if<base::Prefix>(&configured)) {
    return prefix->contains(remote) ? 2 + prefix->length : 0;
  }
  return 1;  // any peer; and a name, which may have moved since it was resolved
}

}  // namespace

bool starts_up(const PeerConfig& peer) {
  return std::any_of(peer.children.begin(), peer.children.end(),
                     [](const ChildConfig& child) { return child.start == Start::up; });
}

PeerRuntime& PeerTable::put(PeerConfigPtr config) {
  PeerRuntime& runtime = peers_[config->name];
  if (runtime.id == 0) runtime.id = next_id_++;
  runtime.wanted = starts_up(*config);
  runtime.config = std::move(config);
  return runtime;
}

PeerRuntime* PeerTable::find(const std::string& name) {
  const auto it = peers_.find(name);
  return it == peers_.end() ? nullptr : &it->second;
}

PeerRuntime* PeerTable::find(std::uint64_t id) {
  for (auto& [name, runtime] : peers_) {
    if (runtime.id == id) return &runtime;
  }
  return nullptr;
}

std::vector<PeerConfigPtr> PeerTable::candidates(const base::IpAddress& local,
                                                 const base::IpAddress& remote) const {
  std::vector<std::pair<int, PeerConfigPtr>> fitting;
  for (const auto& [name, runtime] : peers_) {
    const auto& config = runtime.config;
    if (config->local_address && *config->local_address != local) continue;
    if (const int close = closeness(config->remote_address, remote); close > 0)
      fitting.emplace_back(close, config);
  }
  std::stable_sort(fitting.begin(), fitting.end(),
                   [](const auto& a, const auto& b) { return a.first > b.first; });
  std::vector<PeerConfigPtr> out;
  out.reserve(fitting.size());
  for (auto& [close, config] : fitting) out.push_back(std::move(config));
  return out;
}

}  // namespace ikev2
