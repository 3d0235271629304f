#include "apps/daemon/manual/describe.h"

#include <algorithm>

#include "apps/daemon/sa_errors.h"
#include "config/manual_check.h"

namespace daemon_app {
namespace {

using spd::Direction;

std::uint64_t seconds_between(base::Instant from, base::Instant to) {
  return to > from ? static_cast<std::uint64_t>(base::whole_seconds(to - from)) : 0;
}

base::Instant instant(const std::atomic<std::int64_t>& nanoseconds) {
  return base::Instant(base::Duration(nanoseconds.load()));
}

control::LifeView life_view(std::uint64_t current, const config::ManualLimit& limit) {
  return {current, limit.soft, limit.hard};
}

void add_traffic(control::ManualSaView& view, const esp::SaTraffic& traffic) {
  view.packets += traffic.packets.load(std::memory_order_relaxed);
  view.bytes += traffic.bytes.load(std::memory_order_relaxed);
  add_errors(view.errors, traffic);
}

// The side of the wire is the compressed one.
void add_compression(control::ManualSaView& view, const esp::CompTraffic& comp) {
  view.plain += comp.plain.load(std::memory_order_relaxed);
  view.compressed += comp.compressed.load(std::memory_order_relaxed);
}

void add_sequences(control::ManualSaView& view, const ManualSaEntry& sa, const DataplaneStatus& dataplane) {
  const auto in = dataplane.sequences.find(sa.in_name), out = dataplane.sequences.find(sa.out_name);
  if (sa.in_stands && in != dataplane.sequences.end()) {
    view.sequence = in->second.in;
    view.replay_bits = in->second.replay_bits;
    add_arrivals(view.errors, in->second);
  }
  if (out != dataplane.sequences.end()) view.sequence = std::max(view.sequence, out->second.out);
}

void add_life(control::ManualSaView& view, const ManualSaEntry& sa, const esp::ChildLife& used_by,
              base::Instant now) {
  const config::ManualLife& life = sa.spec.life;
  const base::Instant first = instant(used_by.first);
  const base::Instant last = std::max(instant(used_by.last_in), instant(used_by.last_out));
  const bool used = first != base::Instant{};
  view.allocations = life_view(1, life.allocations);
  view.bytes_life = life_view(view.bytes, life.bytes);
  view.addtime = life_view(seconds_between(sa.added, now), life.addtime);
  view.usetime = life_view(used ? seconds_between(first, now) : 0, life.usetime);
  view.packets_life = life_view(view.packets, life.packets);
  if (used) view.idle_s = seconds_between(last, now);
}

void add_algorithms(control::ManualSaView& view, const config::ManualSa& sa, bool secrets) {
  const crypto::CipherSpec& spec = sa.cipher;
  if (spec.encr != crypto::Encr::none) {
    view.encr = crypto::name(spec.encr, spec.key_bits);
    const crypto::EncrInfo* const row = crypto::find(spec.encr);
    const std::size_t salt = row == nullptr ? 0 : row->salt;
    view.encr_bits = static_cast<std::uint32_t>((crypto::encr_key_size(spec) - salt) * 8);
  }
  if (spec.integ != crypto::Integ::none) {
    view.integ = crypto::name(spec.integ);
    view.integ_bits = static_cast<std::uint32_t>(crypto::integ_key_size(spec) * 8);
  }
  const bool keyed = !sa.encr_key.empty() || !sa.integ_key.empty();
  if (secrets && keyed)
    view.keys = control::ManualKeyView{base::to_hex(sa.encr_key), base::to_hex(sa.integ_key)};
}

std::string text_or_none(const base::IpAddress& address) { return address.is_set() ? address.text() : ""; }

// A tunnel that is one with the SA around it (ManualTable::layers_of) has carried what that one has.
const ManualSaEntry& carrier_of(const ManualSaEntry& sa, const ManualTable& table) {
  if (sa.group == 0) return sa;
  return table.sas().at(table.groups().at(sa.group).members.back());
}

std::int32_t priority(const config::ManualPolicy& policy) {
  return policy.priority.value_or(spd::priority_of({{policy.local}, {policy.remote}}));
}

std::string_view magic_name(spd::Action action) {
  switch (action) {
    case spd::Action::bypass:
      return "%pass";
    case spd::Action::reject:
      return "%reject";
    case spd::Action::trap:
      return "%trap";
    case spd::Action::hold:
      return "%hold";
    default:
      return "%drop";
  }
}

// What orders policies: higher priorities first; at equal ones bypass and discard, and the rest as added
// (spd/compiled.h).
std::pair<std::int64_t, int> rank(const ManualPolicyEntry& policy) {
  const spd::Action action = policy.spec.action;
  const bool plain = action == spd::Action::bypass || action == spd::Action::discard;
  const bool waits = action == spd::Action::trap || action == spd::Action::hold;
  return {-std::int64_t{priority(policy.spec)}, plain ? 0 : waits ? 2 : 1};
}

}  // namespace

// What ipsec_spi(5) prints as policy=.
static std::optional<std::string> flow_of(const ManualSaEntry& sa, const ManualTable& table) {
  if (sa.spec.protocol != base::ip_protocol::kIpIp) return std::nullopt;
  for (const std::uint64_t index : sa.policies) {
    const config::ManualPolicy& policy = table.policies().at(index).spec;
    if (policy.direction == Direction::inbound && policy.spd == config::ManualPolicy::kEroutes)
      return policy.remote.text() + "->" + policy.local.text();
  }
  return std::nullopt;
}

control::ManualSaView describe_sa(const ManualSaEntry& sa, const ManualTable& table,
                                  const DataplaneStatus& dataplane, base::Instant now, bool secrets) {
  const ManualSaEntry& carrier = carrier_of(sa, table);
  const ManualSaEntry& live = sa.in == nullptr && sa.out == nullptr ? carrier : sa;
  const config::ManualSa& spec = sa.spec;
  control::ManualSaView view;
  view.index = sa.index;
  view.id = spec.id;
  view.protocol = base::said_protocol_name(spec.protocol);
  view.spi = spec.spi.value;
  // What the SA leaves open the policies say.
  view.source = text_or_none(spec.destination.is_set() ? spec.source
                             : sa.in_stands            ? sa.in_ends.remote
                                                       : sa.out_ends.local);
  view.destination = text_or_none(spec.destination.is_set() ? spec.destination
                                  : sa.in_stands            ? sa.in_ends.local
                                                            : sa.out_ends.remote);
  view.mode = spec.mode == ikev2::Mode::tunnel ? "tunnel" : "transport";
  view.inbound = carrier.in_stands || spec.direction == Direction::inbound;
  view.outbound = live.out != nullptr || spec.direction == Direction::outbound;
  add_algorithms(view, spec, secrets);
  view.esn = spec.esn;
  view.udp_encap = spec.udp_encap;
  if (spec.udp_encap) {
    view.source_port = spec.source_port;
    view.destination_port = spec.destination_port;
  }
  view.replay_window = config::replay_window_of(spec);
  if (live.in != nullptr) add_traffic(view, live.in->traffic), add_compression(view, live.in->comp);
  if (live.out != nullptr) add_traffic(view, live.out->traffic), add_compression(view, live.out->comp);
  add_sequences(view, sa, dataplane);
  add_life(view, sa, *live.life, now);
  view.users = sa.policies.size() + (sa.group != 0 ? 1 : 0);
  view.grouped = sa.group != 0;
  view.flow = flow_of(sa, table);
  return view;
}

control::ManualPolicyView describe_policy(const ManualPolicyEntry& policy, const ManualTable& table) {
  const config::ManualPolicy& spec = policy.spec;
  const bool eroute = spec.spd == config::ManualPolicy::kEroutes;
  control::ManualPolicyView view;
  view.index = policy.index;
  if (!eroute) view.spd = spec.spd;
  view.direction = spec.direction == Direction::outbound ? "outbound" : "inbound";
  view.priority = priority(spec);
  view.action = spd::name(spec.action);
  view.local = spec.local.text();
  view.remote = spec.remote.text();
  if (const auto* id = std::get_if<std::uint32_t>(&spec.sa)) view.sa_id = *id;
  if (const auto* said = std::get_if<base::Said>(&spec.sa)) view.said = said_text(*said, base::SaidForm::hex);
  if (eroute && view.said.empty()) view.said = magic_name(spec.action);
  for (const auto& lane : *policy.traffic) {
    view.packets += lane.packets.load(std::memory_order_relaxed);
    view.bytes += lane.bytes.load(std::memory_order_relaxed);
  }
  // What comes in meets its SA, which counts it.
  const auto sa = table.sas().find(policy.sa);
  if (spec.direction == Direction::inbound && sa != table.sas().end() && sa->second.in != nullptr) {
    view.packets = sa->second.in->traffic.packets.load(std::memory_order_relaxed);
    view.bytes = sa->second.in->traffic.bytes.load(std::memory_order_relaxed);
  }
  return view;
}

std::vector<const ManualPolicyEntry*> in_order(const ManualTable& table) {
  std::vector<std::pair<std::pair<std::int64_t, int>, const ManualPolicyEntry*>> ranked;
  for (const auto& [index, policy] : table.policies()) ranked.emplace_back(rank(policy), &policy);
  std::stable_sort(ranked.begin(), ranked.end(),
                   [](const auto& a, const auto& b) { return a.first < b.first; });
  std::vector<const ManualPolicyEntry*> out;
  for (const auto& [order, policy] : ranked) out.push_back(policy);
  return out;
}

std::vector<std::string> describe_group(const ManualGroup& group, const ManualTable& table) {
  std::vector<std::string> members;
  for (const std::uint64_t member : group.members) {
    members.push_back(said_text(config::said_of(table.sas().at(member).spec), base::SaidForm::hex));
  }
  return members;
}

control::ManualView describe_spds(const ManualTable& table) {
  control::ManualView view;
  for (const auto& [spd, interfaces] : table.spds()) {
    view.spds.push_back(spd);
    for (const std::string& interface : interfaces) view.bindings.push_back({interface, spd});
  }
  return view;
}

}  // namespace daemon_app
