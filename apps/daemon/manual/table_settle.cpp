// What of an SA the data path has.
#include <fmt/core.h>

#include <utility>

#include "apps/daemon/manual/table.h"
#include "config/manual_check.h"

namespace daemon_app {

using config::name_of;
using spd::Direction;

namespace {

spd::TrafficSelectors any_address() {
  return {spd::TrafficSelector::of(base::AddressRange::all(base::IpFamily::v4)),
          spd::TrafficSelector::of(base::AddressRange::all(base::IpFamily::v6))};
}

spd::TrafficSelectors one_address(const base::IpAddress& address) {
  if (!address.is_set()) return any_address();
  return {spd::TrafficSelector::of(address)};
}

esp::Transform transform_of(const config::ManualSa& sa) {
  switch (sa.protocol) {
    case base::ip_protocol::kIpIp:
      return esp::Transform::tun;
    case base::ip_protocol::kComp:
      return esp::Transform::comp;
    case base::ip_protocol::kAh:
      return esp::Transform::ah;
    default:
      return esp::Transform::esp;
  }
}

// A side that is one address in all policies names a host.
void note_host(const spd::TrafficSelector& side, base::IpAddress& host) {
  if (side.range.first == side.range.last && !host.is_set()) host = side.range.first;
}

}  // namespace

ManualSaEntry& ManualTable::carrier(ManualSaEntry& sa) {
  return sa.group == 0 ? sa : sas_.at(groups_.at(sa.group).members.back());
}

const ManualSaEntry* ManualTable::tunnel_of(const ManualSaEntry& sa) const {
  const ManualSaEntry& first = sa.group == 0 ? sa : sas_.at(groups_.at(sa.group).members.front());
  return first.spec.protocol == base::ip_protocol::kIpIp ? &first : nullptr;
}

std::set<std::uint64_t> ManualTable::users(const ManualSaEntry& sa) const {
  if (sa.group == 0) return sa.policies;
  std::set<std::uint64_t> all;
  for (const std::uint64_t member : groups_.at(sa.group).members) {
    const auto& policies = sas_.at(member).policies;
    all.insert(policies.begin(), policies.end());
  }
  return all;
}

ManualTable::Use ManualTable::use_of(const ManualSaEntry& sa) {
  Use use;
  for (const std::uint64_t index : users(sa)) {
    const ManualPolicyEntry& policy = policies_.at(index);
    if (!holds(policy)) continue;
    note_host(policy.spec.local, use.local);
    note_host(policy.spec.remote, use.remote);
    if (policy.spec.direction == Direction::outbound) {
      use.outbound = true;
      continue;
    }
    use.inbound = true;
    use.in_selectors.local.push_back(policy.spec.local);
    use.in_selectors.remote.push_back(policy.spec.remote);
  }
  const config::ManualSa& spec = sa.spec;
  if (spec.direction) {
    (*spec.direction == Direction::inbound ? use.inbound : use.outbound) = true;
  } else if (!spec.id) {
    (port_.is_ours(spec.destination) ? use.inbound : use.outbound) = true;
  }
  return use;
}

// An SA that is used the other way round than its addresses say has them turned: VPP's recipes write the
// local address as the source of both directions.
base::Result<ManualTable::Ends> ManualTable::ends_of(const ManualSaEntry& sa, const Use& use,
                                                     Direction direction) {
  const ManualSaEntry* const tunnel = tunnel_of(sa);
  const config::ManualSa& spec = tunnel == nullptr ? sa.spec : tunnel->spec;
  Ends ends{spec.source, spec.destination};
  if (!ends.remote.is_set()) {
    ends = {use.local, use.remote};
  } else if (direction == Direction::inbound) {
    const bool turned = ends.local.is_set() && port_.is_ours(ends.local) && !port_.is_ours(ends.remote);
    if (!turned) std::swap(ends.local, ends.remote);
  } else if (port_.is_ours(ends.remote) && ends.local.is_set() && !port_.is_ours(ends.local)) {
    std::swap(ends.local, ends.remote);
  }
  const bool outbound = direction == Direction::outbound;
  if (outbound && ends.remote.is_set() && !ends.local.is_set())
    ends.local = port_.source_towards(ends.remote).value_or(base::IpAddress{});
  if (!(outbound ? ends.remote : ends.local).is_set() || !ends.local.is_set()) {
    return base::local_error(name_of(sa.spec) +
                             " has no addresses, and no policy that uses it is for one local and one remote");
  }
  return ends;
}

spd::SelectorPair ManualTable::inbound_selectors(const ManualSaEntry& sa, const Use& use,
                                                 const Ends& ends) const {
  const bool tunnel = sa.spec.mode == ikev2::Mode::tunnel || tunnel_of(sa) != nullptr;
  const ManualSaEntry& outermost = sa.group == 0 ? sa : sas_.at(groups_.at(sa.group).members.back());
  const bool proven = is_transform(outermost.spec);
  if (use.in_selectors.local.empty()) {
    // What proves nothing may not claim to come from behind other peers: a policy says what it may bring, or
    // it is between the outer addresses.
    if (tunnel && proven) return {any_address(), any_address()};
    return {one_address(ends.local), one_address(ends.remote)};
  }
  // VPP's policies for tunnels may be for the outer addresses: then they say nothing about inner ones.
  const auto holds_address = [](const spd::TrafficSelectors& side, const base::IpAddress& address) {
    for (const auto& selector : side) {
      if (selector.range.contains(address)) return true;
    }
    return false;
  };
  if (tunnel && proven && holds_address(use.in_selectors.local, ends.local) &&
      holds_address(use.in_selectors.remote, ends.remote)) {
    return {any_address(), any_address()};
  }
  return use.in_selectors;
}

// Only the innermost makes a tunnel.
esp::SaParams ManualTable::params_of(const ManualSaEntry& sa, const Ends& ends, bool innermost) const {
  const config::ManualSa& spec = sa.spec;
  esp::SaParams params;
  params.transform = transform_of(spec);
  params.spi = spec.spi;
  params.suite.protocol =
      spec.protocol == base::ip_protocol::kAh ? crypto::IpsecProtocol::ah : crypto::IpsecProtocol::esp;
  params.suite.cipher = config::cipher_of(spec);
  params.suite.esn = spec.esn;
  const bool tunnel = spec.mode == ikev2::Mode::tunnel || tunnel_of(sa) != nullptr;
  params.mode = tunnel && innermost ? esp::Mode::tunnel : esp::Mode::transport;
  params.encr_key = spec.encr_key.clone();
  params.integ_key = spec.integ_key.clone();
  params.local.address = ends.local;
  params.remote.address = ends.remote;
  params.udp_encap = spec.udp_encap;
  params.replay_window = config::replay_window_of(spec);
  params.lifetime_bytes = spec.life.bytes.hard;
  params.lifetime_packets = spec.life.packets.hard;
  params.soft_bytes = spec.life.bytes.soft;
  params.soft_packets = spec.life.packets.soft;
  return params;
}

base::Status ManualTable::reserve(const Layers& layers) {
  for (std::size_t i = 0; i < layers.size(); ++i) {
    const base::Spi spi = layers[i]->spec.spi;
    if (!is_transform(layers[i]->spec) || reserved_[spi]++ > 0 || port_.reserve(spi)) continue;
    reserved_.erase(spi);
    release(Layers(layers.begin(), layers.begin() + static_cast<std::ptrdiff_t>(i)));
    return base::local_error(fmt::format("SPI 0x{:x} belongs to another inbound SA", spi.value));
  }
  return {};
}

void ManualTable::release(const Layers& layers) {
  for (const ManualSaEntry* sa : layers) {
    const base::Spi spi = sa->spec.spi;
    if (!is_transform(sa->spec) || --reserved_[spi] > 0) continue;
    reserved_.erase(spi);
    port_.release(spi);
  }
}

// Takes the inbound side out of the data path; its windows and counters stay with it.
void ManualTable::pull_inbound(const Layers& layers) {
  ManualSaEntry& carrier = *layers.back();
  if (!carrier.in_stands) return;
  port_.remove(carrier.in_name);
  stop_plain(carrier);
  release(layers);
  carrier.in_stands = false;
}

base::Result<std::vector<std::shared_ptr<esp::InboundSa>>> ManualTable::make_inbound(
    const Layers& layers, const Ends& ends, const spd::SelectorPair& selectors) {
  std::vector<std::shared_ptr<esp::InboundSa>> fresh;
  for (const ManualSaEntry* sa : layers) {
    esp::SaParams params = params_of(*sa, ends, sa == layers.front());
    params.child = layers.back()->in_name;
    params.local.port = sa->spec.udp_encap ? sa->spec.destination_port : std::uint16_t{0};
    params.remote.port = sa->spec.udp_encap ? sa->spec.source_port : std::uint16_t{0};
    params.selectors = selectors;
    ASSIGN_OR_RETURN(auto one, esp::InboundSa::make(std::move(params), port_.provider()));
    one->life = sa->life;
    fresh.push_back(std::move(one));
  }
  return fresh;
}

base::Status ManualTable::settle_inbound(const Layers& layers, const Use& use) {
  ManualSaEntry& carrier = *layers.back();
  if (!use.inbound) {
    pull_inbound(layers);
    return {};
  }
  ASSIGN_OR_RETURN(const Ends ends, ends_of(carrier, use, Direction::inbound));
  const spd::SelectorPair selectors = inbound_selectors(*layers.front(), use, ends);
  if (carrier.in_stands && carrier.in_ends == ends) {
    for (const ManualSaEntry* sa : layers) {
      port_.on_receiver(owner_spi(carrier), [in = sa->in, selectors] { in->params.selectors = selectors; });
    }
    return {};
  }
  if (!is_free_inbound(layers)) return {};
  ASSIGN_OR_RETURN(auto fresh, make_inbound(layers, ends, selectors));
  std::shared_ptr<const esp::InboundBundle> bundle;
  if (layers.size() > 1) {
    ASSIGN_OR_RETURN(bundle, esp::make_bundle(carrier.in_name, fresh));
  }
  if (carrier.in_stands) {
    port_.remove(carrier.in_name);
  } else {
    RETURN_IF_ERROR(claim_inbound(layers, ends.local.family()));
  }
  succeed_inbound(layers, fresh);
  carrier.in_ends = ends;
  carrier.in_stands = true;
  if (bundle != nullptr) {
    port_.add(owner_spi(carrier), std::move(bundle));
  } else {
    port_.add(std::move(fresh.front()));
  }
  return {};
}

void ManualTable::pull_outbound(const Layers& layers) {
  ManualSaEntry& carrier = *layers.back();
  if (carrier.out_stands) port_.remove(carrier.out_name);
  carrier.out_stands = false;
}

base::Result<std::vector<std::shared_ptr<esp::OutboundSa>>> ManualTable::make_outbound(const Layers& layers,
                                                                                       const Ends& ends,
                                                                                       std::uint32_t mtu) {
  std::vector<std::shared_ptr<esp::OutboundSa>> fresh;
  for (ManualSaEntry* sa : layers) {
    esp::SaParams params = params_of(*sa, ends, sa == layers.front());
    params.child = layers.back()->out_name;
    params.local.port = sa->spec.udp_encap ? sa->spec.source_port : std::uint16_t{0};
    params.remote.port = sa->spec.udp_encap ? sa->spec.destination_port : std::uint16_t{0};
    params.outer_mtu = mtu;
    const bool hosts = params.mode == esp::Mode::transport && layers.size() == 1;
    params.selectors = hosts ? spd::SelectorPair{one_address(ends.local), one_address(ends.remote)}
                             : spd::SelectorPair{any_address(), any_address()};
    ASSIGN_OR_RETURN(auto one, esp::OutboundSa::make(std::move(params), port_.provider()));
    one->life = sa->life;
    fresh.push_back(std::move(one));
  }
  for (std::size_t i = 0; i < layers.size(); ++i) RETURN_IF_ERROR(start_counter(*layers[i], *fresh[i]));
  return fresh;
}

// Once there it stays until the SA goes: what policies do not send to it, it does not send.
base::Status ManualTable::settle_outbound(const Layers& layers, const Use& use) {
  ManualSaEntry& carrier = *layers.back();
  if (!use.outbound) return {};
  ASSIGN_OR_RETURN(const Ends ends, ends_of(carrier, use, Direction::outbound));
  if (carrier.out_stands && carrier.out_ends == ends) return {};
  if (!is_free_outbound(layers)) return {};
  ASSIGN_OR_RETURN(auto fresh, make_outbound(layers, ends, port_.outer_mtu(ends.remote)));
  ASSIGN_OR_RETURN(auto bundle, esp::make_bundle(carrier.out_name, fresh));
  succeed_outbound(layers, fresh);
  carrier.out_ends = ends;
  carrier.out_stands = true;
  carrier.inner_mtu = esp::inner_mtu(*bundle);
  port_.add(std::move(bundle));
  return {};
}

// The SAs of a group that the data path has, from inside to outside; of tun with esp or ah alone the second,
// in tunnel mode, which is the same on the wire and faster.
ManualTable::Layers ManualTable::layers_of(ManualSaEntry& any) {
  if (any.group == 0) return {&any};
  Layers layers;
  for (const std::uint64_t member : groups_.at(any.group).members) layers.push_back(&sas_.at(member));
  const bool pair = layers.size() == 2 && tunnel_of(any) != nullptr && is_transform(layers.back()->spec);
  if (pair) layers.erase(layers.begin());
  return layers;
}

base::Status ManualTable::settle(ManualSaEntry& any) {
  const Layers layers = layers_of(any);
  // Alone, tun and comp would carry packets in clear between here and the moment they are grouped.
  const config::ManualSa& first = layers.front()->spec;
  if (layers.size() == 1 && !is_transform(first) && !first.alone) return {};
  const Use use = use_of(*layers.back());
  RETURN_IF_ERROR(settle_inbound(layers, use));
  return settle_outbound(layers, use);
}

base::Status ManualTable::start_counter(ManualSaEntry& sa, esp::OutboundSa& out) {
  if (!config::counts(sa.spec.cipher)) return {};
  ASSIGN_OR_RETURN(sa.counter_key, CounterLedger::fingerprint(port_.provider(), sa.spec.encr_key));
  const auto block = ledger_.begin(sa.counter_key, 1);
  if (block.has_error()) {
    return base::local_error(fmt::format(
        "{}: nobody knows which numbers have been used under this key, and a cipher in counter mode must "
        "not use one twice: {}",
        name_of(sa.spec), block.error().reason));
  }
  if (!sa.spec.esn && block->first > 0xffffffff) {
    return base::local_error(name_of(sa.spec) + ": the numbers of this key are used up");
  }
  sa.counter_base = block->first;
  sa.counter_end = block->end;
  out.next_sequence = block->first;
  out.sequence_ceiling = block->end;
  return {};
}

void ManualTable::withdraw(ManualSaEntry& any) {
  const Layers layers = layers_of(any);
  pull_inbound(layers);
  pull_outbound(layers);
}

}  // namespace daemon_app
