// What of an SA the data path has.
#include <fmt/core.h>

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

crypto::CipherSpec algorithms_of(const config::ManualSa& sa) {
  crypto::CipherSpec spec = sa.cipher;
  // AH encrypts nothing (RFC 4302 2.6).
  if (sa.protocol == base::ip_protocol::kAh) spec.encr = crypto::Encr::none;
  return spec;
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
  if (sa.group == 0) return nullptr;
  const ManualSaEntry& first = sas_.at(groups_.at(sa.group).members.front());
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
  if (use.in_selectors.local.empty()) {
    if (tunnel) return {any_address(), any_address()};
    return {one_address(ends.local), one_address(ends.remote)};
  }
  // VPP's policies for tunnels may be for the outer addresses: then they say nothing about inner ones.
  const auto holds_address = [](const spd::TrafficSelectors& side, const base::IpAddress& address) {
    for (const auto& selector : side) {
      if (selector.range.contains(address)) return true;
    }
    return false;
  };
  if (tunnel && holds_address(use.in_selectors.local, ends.local) &&
      holds_address(use.in_selectors.remote, ends.remote)) {
    return {any_address(), any_address()};
  }
  return use.in_selectors;
}

esp::SaParams ManualTable::params_of(const ManualSaEntry& sa, const Ends& ends) const {
  const config::ManualSa& spec = sa.spec;
  esp::SaParams params;
  params.spi = spec.spi;
  params.suite.protocol =
      spec.protocol == base::ip_protocol::kAh ? crypto::IpsecProtocol::ah : crypto::IpsecProtocol::esp;
  params.suite.cipher = algorithms_of(spec);
  params.suite.esn = spec.esn;
  const bool tunnel = spec.mode == ikev2::Mode::tunnel || tunnel_of(sa) != nullptr;
  params.mode = tunnel ? esp::Mode::tunnel : esp::Mode::transport;
  params.encr_key = spec.encr_key.clone();
  params.integ_key = spec.integ_key.clone();
  params.local.address = ends.local;
  params.remote.address = ends.remote;
  params.udp_encap = spec.udp_encap;
  params.replay_window = spec.replay_window;
  params.lifetime_bytes = spec.life.bytes.hard;
  params.lifetime_packets = spec.life.packets.hard;
  params.soft_bytes = spec.life.bytes.soft;
  params.soft_packets = spec.life.packets.soft;
  return params;
}

base::Status ManualTable::settle_inbound(ManualSaEntry& sa, const Use& use) {
  if (!use.inbound) {
    if (sa.in_stands) {
      port_.remove(sa.in_name);
      port_.release(sa.spec.spi);
    }
    sa.in_stands = false;
    return {};
  }
  ASSIGN_OR_RETURN(const Ends ends, ends_of(sa, use, Direction::inbound));
  esp::SaParams params = params_of(sa, ends);
  params.child = sa.in_name;
  params.local.port = sa.spec.udp_encap ? sa.spec.destination_port : std::uint16_t{0};
  params.remote.port = sa.spec.udp_encap ? sa.spec.source_port : std::uint16_t{0};
  params.selectors = inbound_selectors(sa, use, ends);
  if (sa.in != nullptr && sa.in_local == ends.local && sa.in_remote == ends.remote &&
      sa.in_mode == params.mode && sa.in_stands) {
    port_.on_receiver(sa.spec.spi, [in = sa.in, selectors = std::move(params.selectors)] {
      in->params.selectors = selectors;
    });
    return {};
  }
  const esp::Mode mode = params.mode;
  ASSIGN_OR_RETURN(auto fresh, esp::InboundSa::make(std::move(params), port_.provider()));
  if (!sa.in_stands && !port_.reserve(sa.spec.spi)) {
    return base::local_error(fmt::format("SPI 0x{:x} belongs to another inbound SA", sa.spec.spi.value));
  }
  if (sa.in_stands) port_.remove(sa.in_name);
  fresh->life = sa.life;
  if (sa.in != nullptr) {  // numbers that have come before do not come again
    port_.on_receiver(sa.spec.spi, [fresh, before = sa.in] { fresh->window = before->window; });
  }
  sa.in = fresh;
  sa.in_local = ends.local;
  sa.in_remote = ends.remote;
  sa.in_mode = mode;
  sa.in_stands = true;
  port_.add(std::move(fresh));
  return {};
}

// Once there it stays until the SA goes: what policies do not send to it, it does not send.
base::Status ManualTable::settle_outbound(ManualSaEntry& sa, const Use& use) {
  if (!use.outbound) return {};
  ASSIGN_OR_RETURN(const Ends ends, ends_of(sa, use, Direction::outbound));
  esp::SaParams params = params_of(sa, ends);
  if (sa.out != nullptr && sa.out_local == ends.local && sa.out_remote == ends.remote &&
      sa.out_mode == params.mode) {
    return {};
  }
  params.child = sa.out_name;
  params.local.port = sa.spec.udp_encap ? sa.spec.source_port : std::uint16_t{0};
  params.remote.port = sa.spec.udp_encap ? sa.spec.destination_port : std::uint16_t{0};
  params.outer_mtu = port_.outer_mtu(ends.remote);
  const bool tunnel = params.mode == esp::Mode::tunnel;
  params.selectors = tunnel ? spd::SelectorPair{any_address(), any_address()}
                            : spd::SelectorPair{one_address(ends.local), one_address(ends.remote)};
  const esp::Mode mode = params.mode;
  const std::uint32_t outer_mtu = params.outer_mtu;
  ASSIGN_OR_RETURN(auto fresh, esp::OutboundSa::make(std::move(params), port_.provider()));
  RETURN_IF_ERROR(start_counter(sa, *fresh));
  fresh->life = sa.life;
  if (sa.out != nullptr) {  // numbers go on
    port_.on_sender(sa.out_name, [fresh, before = sa.out] {
      fresh->next_sequence = std::max(fresh->next_sequence, before->next_sequence);
    });
  }
  sa.out = fresh;
  sa.out_local = ends.local;
  sa.out_remote = ends.remote;
  sa.out_mode = mode;
  sa.inner_mtu = fresh->inner_mtu(outer_mtu);
  auto bundle = std::make_shared<esp::Bundle>();
  bundle->id = sa.out_name;
  bundle->outbound.push_back(std::move(fresh));
  port_.add(std::shared_ptr<const esp::Bundle>(std::move(bundle)));
  return {};
}

base::Status ManualTable::settle(ManualSaEntry& any) {
  ManualSaEntry& sa = carrier(any);
  const bool transform =
      sa.spec.protocol == base::ip_protocol::kEsp || sa.spec.protocol == base::ip_protocol::kAh;
  if (!transform) return {};  // alone, tun and comp carry nothing
  const Use use = use_of(sa);
  RETURN_IF_ERROR(settle_inbound(sa, use));
  return settle_outbound(sa, use);
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

void ManualTable::withdraw(ManualSaEntry& sa) {
  if (sa.in_stands) {
    port_.remove(sa.in_name);
    port_.release(sa.spec.spi);
  }
  if (sa.out != nullptr) port_.remove(sa.out_name);
  sa.in_stands = false;
  sa.in.reset();
  sa.out.reset();
}

}  // namespace daemon_app
