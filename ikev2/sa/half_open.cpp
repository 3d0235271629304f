#include "ikev2/sa/half_open.h"

namespace ikev2 {

void HalfOpenTable::add(std::uint64_t sa, const base::IpAddress& remote, std::size_t octets) {
  const auto [entry, fresh] = entries_.try_emplace(sa, Entry{source_of(remote), octets});
  if (!fresh) return;
  ++by_source_[entry->second.source];
  octets_ += octets;
}

void HalfOpenTable::remove(std::uint64_t sa) {
  const auto entry = entries_.find(sa);
  if (entry == entries_.end()) return;
  octets_ -= entry->second.octets;
  const auto source = by_source_.find(entry->second.source);
  if (--source->second == 0) by_source_.erase(source);
  entries_.erase(entry);
}

std::size_t HalfOpenTable::count_of(const base::IpAddress& remote) const {
  const auto source = by_source_.find(source_of(remote));
  return source == by_source_.end() ? 0 : source->second;
}

}  // namespace ikev2
