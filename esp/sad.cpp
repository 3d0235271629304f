#include "esp/sad.h"

#include <algorithm>
#include <bit>
#include <utility>

namespace esp {
namespace {

// Slots hold an index into inbound_ plus 1; 0 is free.
constexpr std::size_t kFirstSlots = 16;

std::size_t slot_of(base::Spi spi, std::size_t slots) {
  // The low bits name a shard and are all alike: spread the rest over the table (Fibonacci hashing).
  return static_cast<std::size_t>((spi.value * 0x9e3779b97f4a7c15u) >> 32) & (slots - 1);
}

void place(std::vector<std::uint32_t>& slots, base::Spi spi, std::uint32_t value) {
  std::size_t at = slot_of(spi, slots.size());
  while (slots[at] != 0) at = (at + 1) & (slots.size() - 1);
  slots[at] = value;
}

// A table of at most half its slots used.
std::vector<std::uint32_t> build(const std::vector<std::shared_ptr<InboundSa>>& all) {
  std::vector<std::uint32_t> slots(std::max(kFirstSlots, std::bit_ceil(all.size() * 2 + 1)));
  for (std::size_t i = 0; i < all.size(); ++i) {
    place(slots, all[i]->params.spi, static_cast<std::uint32_t>(i + 1));
  }
  return slots;
}

const auto kById = [](const std::shared_ptr<const Bundle>& bundle, base::ChildId id) {
  return bundle->id < id;
};

}  // namespace

bool Sad::add(std::shared_ptr<InboundSa> sa) {
  const SaParams& p = sa->params;
  if (find(p.suite.protocol, p.local.address, p.spi) != nullptr) return false;
  const base::Spi spi = p.spi;
  inbound_.push_back(std::move(sa));
  if (inbound_.size() * 2 > slots_.size()) {
    slots_ = build(inbound_);
  } else {
    place(slots_, spi, static_cast<std::uint32_t>(inbound_.size()));
  }
  return true;
}

void Sad::add(std::shared_ptr<const Bundle> bundle) {
  const auto at = std::lower_bound(bundles_.begin(), bundles_.end(), bundle->id, kById);
  if (at != bundles_.end() && (*at)->id == bundle->id) {
    *at = std::move(bundle);
  } else {
    bundles_.insert(at, std::move(bundle));
  }
}

void Sad::move(base::ChildId child, const Outer& outer) {
  const auto change = [&](SaParams& params) {
    params.local = outer.local;
    params.remote = outer.remote;
    params.udp_encap = outer.udp_encap;
  };
  for (const auto& sa : inbound_) {
    if (sa->params.child != child) continue;
    if (sa->params.local.address != outer.local.address) sa->former_local = sa->params.local.address;
    change(sa->params);
  }
  const Bundle* const bundle = find(child);
  if (bundle == nullptr) return;
  for (const auto& sa : bundle->outbound) change(sa->params);
}

void Sad::remove(base::ChildId child) {
  if (std::erase_if(inbound_, [&](const auto& sa) { return sa->params.child == child; }) != 0) {
    slots_ = build(inbound_);
  }
  std::erase_if(bundles_, [&](const auto& bundle) { return bundle->id == child; });
}

InboundSa* Sad::find(crypto::IpsecProtocol protocol, const base::IpAddress& destination, base::Spi spi) {
  if (slots_.empty()) return nullptr;
  std::size_t at = slot_of(spi, slots_.size());
  while (slots_[at] != 0) {
    InboundSa& sa = *inbound_[slots_[at] - 1];
    const SaParams& p = sa.params;
    if (p.spi == spi && p.suite.protocol == protocol &&
        (p.local.address == destination || sa.former_local == destination))
      return &sa;
    at = (at + 1) & (slots_.size() - 1);
  }
  return nullptr;
}

const Bundle* Sad::find(base::ChildId bundle) const {
  const auto at = std::lower_bound(bundles_.begin(), bundles_.end(), bundle, kById);
  return at != bundles_.end() && (*at)->id == bundle ? at->get() : nullptr;
}

}  // namespace esp
