#include "esp/sad.h"

#include <utility>

namespace esp {

namespace {

bool is_plain_tunnel(const SaParams& params) {
  return params.mode == Mode::tunnel && !has_cipher(params.transform);
}

bool is_at(const InboundSa& sa, const base::IpAddress& destination) {
  return sa.params.local.address == destination || sa.former_local == destination;
}

}  // namespace

bool Sad::insert(std::shared_ptr<InboundSa> sa) {
  const SaParams& p = sa->params;
  if (find_any(p.transform, p.local.address, p.spi) != nullptr) return false;
  if (is_plain_tunnel(p)) tunnels_.push_back(sa.get());
  spis_.emplace(p.child, p.spi);
  inbound_.emplace(p.spi, std::move(sa));
  return true;
}

bool Sad::add(std::shared_ptr<InboundSa> sa) {
  sa->wire = sa->params.transform;
  return insert(std::move(sa));
}

bool Sad::add(std::shared_ptr<const InboundBundle> bundle) {
  if (inbound_bundles_.count(bundle->id) != 0) return false;
  for (const auto& sa : bundle->inbound) {
    const SaParams& p = sa->params;
    const InboundSa* const there = find_any(p.transform, p.local.address, p.spi);
    if (there != nullptr && (there != sa.get() || there->bundle != nullptr)) return false;
  }
  for (const auto& sa : bundle->inbound) {
    insert(sa);  // false where it is here by itself
    sa->wire = sa == bundle->inbound.back() ? sa->params.transform : Transform::none;
    sa->bundle = bundle.get();
  }
  const base::ChildId id = bundle->id;
  inbound_bundles_.emplace(id, std::move(bundle));
  return true;
}

void Sad::ungroup(base::ChildId bundle) {
  const auto found = inbound_bundles_.find(bundle);
  if (found == inbound_bundles_.end()) return;
  for (const auto& sa : found->second->inbound) {
    sa->wire = sa->params.transform;
    sa->bundle = nullptr;
  }
  inbound_bundles_.erase(found);
}

void Sad::add(std::shared_ptr<const Bundle> bundle) {
  const base::ChildId id = bundle->id;
  bundles_.insert_or_assign(id, std::move(bundle));
}

void Sad::move(base::ChildId child, const Outer& outer) {
  // Of a bundle the outermost alone goes inside UDP.
  const auto change = [&](SaParams& params, bool outermost) {
    params.local = outer.local;
    params.remote = outer.remote;
    params.udp_encap = outer.udp_encap && outermost;
    params.outer_mtu = outer.mtu;
  };
  const auto [first, last] = spis_.equal_range(child);
  for (auto of_child = first; of_child != last; ++of_child) {
    const auto [begin, end] = inbound_.equal_range(of_child->second);
    for (auto it = begin; it != end; ++it) {
      InboundSa& sa = *it->second;
      if (sa.params.child != child) continue;
      if (sa.params.local.address != outer.local.address) sa.former_local = sa.params.local.address;
      change(sa.params, sa.wire != Transform::none);
    }
  }
  const Bundle* const bundle = find(child);
  if (bundle == nullptr) return;
  for (const auto& sa : bundle->outbound) change(sa->params, sa == bundle->outbound.back());
}

void Sad::erase(const InboundSa& sa) {
  if (is_plain_tunnel(sa.params)) std::erase(tunnels_, &sa);
  const base::Spi spi = sa.params.spi;
  const auto [first, last] = spis_.equal_range(sa.params.child);
  for (auto it = first; it != last; ++it) {
    if (it->second != spi) continue;
    spis_.erase(it);
    break;
  }
  const auto [begin, end] = inbound_.equal_range(spi);
  for (auto it = begin; it != end; ++it) {
    if (it->second.get() != &sa) continue;
    inbound_.erase(it);
    return;
  }
}

void Sad::remove_members(const InboundBundle& bundle) {
  const auto keep = inbound_bundles_.extract(bundle.id);
  for (const auto& sa : keep.mapped()->inbound) {
    sa->bundle = nullptr;
    erase(*sa);
  }
}

void Sad::set_mtu(base::ChildId child, std::uint32_t outer_mtu) {
  const Bundle* const bundle = find(child);
  if (bundle == nullptr) return;
  for (const auto& sa : bundle->outbound) sa->params.outer_mtu = outer_mtu;
}

void Sad::remove(base::ChildId child) {
  const auto found = inbound_bundles_.find(child);
  if (found != inbound_bundles_.end()) remove_members(*found->second);
  for (auto of_child = spis_.find(child); of_child != spis_.end(); of_child = spis_.find(child)) {
    const auto [begin, end] = inbound_.equal_range(of_child->second);
    auto it = begin;
    while (it != end && it->second->params.child != child) ++it;
    if (it == end) {
      spis_.erase(of_child);  // never: the two tables hold the same SAs
    } else if (const InboundBundle* const bundle = it->second->bundle) {
      remove_members(*bundle);
    } else {
      erase(*it->second);
    }
  }
  bundles_.erase(child);
}

InboundSa* Sad::find(Transform wire, const base::IpAddress& destination, base::Spi spi) {
  const auto [begin, end] = inbound_.equal_range(spi);
  for (auto it = begin; it != end; ++it) {
    InboundSa& sa = *it->second;
    if (is_at(sa, destination) && sa.wire == wire) return &sa;
  }
  return nullptr;
}

InboundSa* Sad::find_any(Transform transform, const base::IpAddress& destination, base::Spi spi) {
  const auto [begin, end] = inbound_.equal_range(spi);
  for (auto it = begin; it != end; ++it) {
    InboundSa& sa = *it->second;
    if (is_at(sa, destination) && sa.params.transform == transform) return &sa;
  }
  return nullptr;
}

InboundSa* Sad::find_tunnel(const base::IpAddress& local, const base::IpAddress& remote,
                            const spd::PacketKey& inner) const {
  InboundSa* other = nullptr;
  for (InboundSa* const sa : tunnels_) {
    const SaParams& p = sa->params;
    if (!is_at(*sa, local) || p.remote.address != remote || !p.selectors.matches(inner)) continue;
    InboundSa* const outermost = sa->bundle == nullptr ? sa : sa->bundle->inbound.back().get();
    if (!has_cipher(outermost->params.transform)) return outermost;
    other = outermost;
  }
  return other;
}

Counter Sad::why_not_found(Transform wire, const base::IpAddress& destination, base::Spi spi) {
  InboundSa* const sa = find_any(wire, destination, spi);
  if (sa == nullptr) return Counter::in_no_sa;
  bump(sa->traffic.other_errors);
  return Counter::in_bundle;
}

std::vector<const InboundSa*> Sad::inbound_of(base::ChildId child) const {
  std::vector<const InboundSa*> out;
  const auto [first, last] = spis_.equal_range(child);
  for (auto it = first; it != last; ++it) {
    const auto [begin, end] = inbound_.equal_range(it->second);
    for (auto sa = begin; sa != end; ++sa) {
      if (sa->second->params.child == child) out.push_back(sa->second.get());
    }
  }
  return out;
}

const Bundle* Sad::find(base::ChildId bundle) const {
  const auto found = bundles_.find(bundle);
  return found == bundles_.end() ? nullptr : found->second.get();
}

}  // namespace esp
