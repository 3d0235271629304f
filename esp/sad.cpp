#include "esp/sad.h"

#include <utility>

namespace esp {

bool Sad::add(std::shared_ptr<InboundSa> sa) {
  const SaParams& p = sa->params;
  if (find(p.suite.protocol, p.local.address, p.spi) != nullptr) return false;
  spis_.emplace(p.child, p.spi);
  inbound_.emplace(p.spi, std::move(sa));
  return true;
}

void Sad::add(std::shared_ptr<const Bundle> bundle) {
  const base::ChildId id = bundle->id;
  bundles_.insert_or_assign(id, std::move(bundle));
}

void Sad::move(base::ChildId child, const Outer& outer) {
  const auto change = [&](SaParams& params) {
    params.local = outer.local;
    params.remote = outer.remote;
    params.udp_encap = outer.udp_encap;
    params.outer_mtu = outer.mtu;
  };
  const auto [first, last] = spis_.equal_range(child);
  for (auto of_child = first; of_child != last; ++of_child) {
    const auto [begin, end] = inbound_.equal_range(of_child->second);
    for (auto it = begin; it != end; ++it) {
      InboundSa& sa = *it->second;
      if (sa.params.child != child) continue;
      if (sa.params.local.address != outer.local.address) sa.former_local = sa.params.local.address;
      change(sa.params);
    }
  }
  const Bundle* const bundle = find(child);
  if (bundle == nullptr) return;
  for (const auto& sa : bundle->outbound) change(sa->params);
}

void Sad::set_mtu(base::ChildId child, std::uint32_t outer_mtu) {
  const Bundle* const bundle = find(child);
  if (bundle == nullptr) return;
  for (const auto& sa : bundle->outbound) sa->params.outer_mtu = outer_mtu;
}

void Sad::remove(base::ChildId child) {
  const auto [first, last] = spis_.equal_range(child);
  for (auto of_child = first; of_child != last; ++of_child) {
    const auto [begin, end] = inbound_.equal_range(of_child->second);
    for (auto it = begin; it != end;) it = it->second->params.child == child ? inbound_.erase(it) : ++it;
  }
  spis_.erase(child);
  bundles_.erase(child);
}

InboundSa* Sad::find(crypto::IpsecProtocol protocol, const base::IpAddress& destination, base::Spi spi) {
  const auto [begin, end] = inbound_.equal_range(spi);
  for (auto it = begin; it != end; ++it) {
    InboundSa& sa = *it->second;
    const SaParams& p = sa.params;
    const bool here = p.local.address == destination || sa.former_local == destination;
    if (p.suite.protocol == protocol && here) return &sa;
  }
  return nullptr;
}

const Bundle* Sad::find(base::ChildId bundle) const {
  const auto found = bundles_.find(bundle);
  return found == bundles_.end() ? nullptr : found->second.get();
}

}  // namespace esp
