#include "esp/outbound.h"

#include <algorithm>
#include <array>
#include <cstring>

#include "esp/admission.h"
#include "esp/ah_encap.h"
#include "esp/esp_encap.h"
#include "esp/grouping.h"
#include "esp/host_packet.h"
#include "esp/lifetime.h"
#include "esp/mss_clamp.h"
#include "esp/tunnel.h"

namespace esp {
namespace {

// The least that a peer must take whole: of IPv6 (RFC 8200 5), and of IPv4 (RFC 791 3.2).
constexpr std::uint32_t kMinMtuV6 = 1280, kMinMtuV4 = 68;

// The MTU that a host behind us is told, of what the SAs leave. Those that take less than the family's
// minimum take that all the same: the kernel fragments the outer packet.
std::uint32_t told_mtu(std::uint32_t left, base::IpFamily family) {
  return std::max(left, family == base::IpFamily::v6 ? kMinMtuV6 : kMinMtuV4);
}

// Where a sealed packet leaves.
base::PacketBatch& queue_of(EncapItem& item, OutboundResult& out) {
  const SaParams& params = item.sa->params;
  if (item.sa->is_ah()) return out.whole;
  if (params.mode == Mode::transport && !item.split.bare) {
    put_headers_back(params, item);
    return out.whole;
  }
  return params.udp_encap ? out.udp : out.raw;
}

base::PacketBatch& queue_of(Exit exit, OutboundResult& out) {
  if (exit == Exit::whole) return out.whole;
  return exit == Exit::udp ? out.udp : out.raw;
}

}  // namespace

void Outbound::protect(const spd::Policy& policy, const IpPacket& inner, base::Frame&& packet,
                       OutboundResult& out) noexcept {
  const Bundle* const bundle = sad_.find(policy.bundle);
  if (bundle == nullptr) return counters_.add(Counter::out_no_sa);
  if (bundle->chain) {
    if (packet.gso.payload != 0) return split(packet, out);
    count(policy, packet);
    return protect_by_bundle(*bundle, inner, std::move(packet), out);
  }
  OutboundSa& sa = *bundle->outbound.front();
  const std::uint32_t mtu = sa.inner_mtu(sa.params.outer_mtu);
  const bool fits = packet.packet_length(0) <= mtu;
  if (!fits) {
    const std::uint32_t told = told_mtu(mtu, inner.family());
    if (!inner.may_fragment && packet.packet_length(0) > told)
      return refuse_too_big(told, std::move(packet), out);
    if (cuts(sa, inner)) return cut(policy, inner, packet, mtu, out);
  }
  const bool tunnel = sa.params.mode == Mode::tunnel && !sa.is_ah();
  if (!tunnel && packet.gso.payload != 0) return split(packet, out);
  count(policy, packet);
  lower_mss(inner, packet, mtu);
  const bool whole = fits && keeps_whole(inner);
  if (tunnel) return enter_tunnel(sa, inner, std::move(packet), whole, out);
  EncapItem& item = round_.items[round_.size];
  item.inner_length = packet.length;
  item.frame = std::move(packet);
  item.frame.dont_fragment = whole;
  item.sa = &sa;
  item.next_header = next_header_of(inner.family());
  item.drop.reset();
  if (sa.params.mode == Mode::transport) {
    if (const auto drop = take_host_packet(sa, inner, item)) {
      item.frame.buffer.reset();
      return counters_.add(*drop);
    }
  }
  if (++round_.size == round_.items.size()) finish(out);
}

void Outbound::protect_by_bundle(const Bundle& bundle, const IpPacket& inner, base::Frame&& packet,
                                 OutboundResult& out) noexcept {
  const std::uint32_t mtu = told_mtu(inner_mtu(bundle), inner.family());
  if (packet.packet_length(0) > mtu && !inner.may_fragment)
    return refuse_too_big(mtu, std::move(packet), out);
  if (packet.gso.payload != 0) return split(packet, out);
  lower_mss(inner, packet, mtu);
  const std::uint32_t length = packet.length;
  Exit exit = Exit::whole;
  if (const auto drop = wrapper_.wrap(bundle, inner, packet, exit)) {
    packet.buffer.reset();
    return counters_.add(*drop);
  }
  counters_.add(Counter::out_packets);
  counters_.add(Counter::out_bytes, length);
  emit(queue_of(exit, out), std::move(packet), out);
  if (const auto size = wrapper_.dummy_due(bundle)) send_dummy(bundle, *size, out);
}

void Outbound::send_dummy(const Bundle& bundle, std::uint32_t size, OutboundResult& out) noexcept {
  base::Frame dummy;
  if (pool_ != nullptr) dummy.buffer = pool_->take();
  if (!dummy.buffer) return counters_.add(Counter::out_no_buffer);
  Exit exit = Exit::whole;
  if (const auto drop = wrapper_.wrap_dummy(bundle, size, dummy, exit)) return counters_.add(*drop);
  counters_.add(Counter::out_dummy);
  emit(queue_of(exit, out), std::move(dummy), out);
}

// A packet that has a Gso stays where it is until the round is finished.
void Outbound::enter_tunnel(OutboundSa& sa, const IpPacket& inner, base::Frame&& packet, bool whole,
                            OutboundResult& out) noexcept {
  const auto add = [&](std::uint32_t index, const base::Frame* all) -> TunnelItem& {
    TunnelItem& item = round_.tunnels[round_.tunnel_count++];
    item.sa = &sa;
    item.index = index;
    item.whole = all;
    item.length = packet.packet_length(index);
    item.next_header = next_header_of(inner.family());
    item.marks = {inner.traffic_class, whole};
    item.drop.reset();
    return item;
  };
  if (packet.gso.payload == 0) {
    add(0, nullptr).frame = std::move(packet);
    if (round_.tunnel_count == round_.tunnels.size()) finish_tunnels(out);
    return;
  }
  for (std::uint32_t i = 0; i < packet.packets(); ++i) {
    add(i, &packet);
    if (round_.tunnel_count == round_.tunnels.size()) finish_tunnels(out);
  }
}

void Outbound::hold(const spd::Policy& policy, const IpPacket& inner, base::Frame&& packet,
                    OutboundResult& out) noexcept {
  Hold* const hold = holds_.find(policy.id);
  if (hold == nullptr) return counters_.add(Counter::out_no_sa);  // never: set_policies() has made it
  if (now_ < hold->pause_ends) {
    counters_.add(Counter::out_hold_pause);
    return refuse(Refusal::no_sa_soon, 0, std::move(packet), out);
  }
  counters_.add(hold->queue.push(packet.bytes()) ? Counter::out_held : Counter::out_hold_full);
  if (hold->asked || policy.action == spd::Action::hold || out.acquired == out.acquires.size()) return;
  hold->asked = true;
  out.acquires[out.acquired++] = {policy.id, inner.outbound_key()};
}

void Outbound::set_policies(std::shared_ptr<const spd::Snapshot> policies) {
  policies_ = std::move(policies);
  flows_.forget();
  if (const std::uint64_t dropped = holds_.follow(*policies_); dropped != 0)
    counters_.add(Counter::out_hold_failed, dropped);
}

bool Outbound::still_waits(const Hold& hold, base::ByteSpan packet) const noexcept {
  const auto inner = parse_ip(packet);
  const spd::Policy* const policy =
      inner ? policies_->find(spd::Direction::outbound, inner->outbound_key()) : nullptr;
  return policy != nullptr && policy->id == hold.policy;
}

bool Outbound::take_released(base::PacketBatch& batch) noexcept {
  for (Hold& hold : holds_.all()) {
    if (hold.queue.size() == 0) continue;
    hold.queue.take_if([&](base::ByteSpan packet) {
      if (batch.full() || still_waits(hold, packet)) return false;
      base::Frame frame;
      if (pool_ != nullptr) frame.buffer = pool_->take();
      if (!frame.buffer) {
        counters_.add(Counter::out_no_buffer);
        return true;
      }
      frame.set_single(base::kHeadroom, static_cast<std::uint32_t>(packet.size()));
      std::memcpy(frame.data(), packet.data(), packet.size());
      batch.push(std::move(frame));
      return true;
    });
  }
  return !batch.empty();
}

void Outbound::answer(std::uint64_t policy, base::Instant pause_ends) noexcept {
  Hold* const hold = holds_.find(policy);
  if (hold == nullptr) return;
  if (const std::uint64_t dropped = hold->queue.clear(); dropped != 0)
    counters_.add(Counter::out_hold_failed, dropped);
  hold->asked = false;
  hold->pause_ends = pause_ends;
}

void Outbound::forget_acquire(std::uint64_t policy) noexcept {
  if (Hold* const hold = holds_.find(policy)) hold->asked = false;
}

// Whether what the policy wants belongs to another thread, which has the packet then.
bool Outbound::is_of_other(const spd::Policy& policy, base::Frame& packet) noexcept {
  const auto owner = static_cast<std::uint32_t>(policy.bundle.value) & lane_mask_;
  if (owner == lane_) return false;
  const std::uint32_t packets = packet.packets();
  if (!hand_over_ || !hand_over_(owner, packet)) counters_.add(Counter::out_no_buffer, packets);
  return true;
}

// A packet that is split comes back one by one, and is counted then.
void Outbound::count(const spd::Policy& policy, const base::Frame& packet) noexcept {
  if (policy.traffic == nullptr || lane_ >= policy.traffic->size()) return;
  std::uint64_t octets = 0;
  for (std::uint32_t i = 0; i < packet.packets(); ++i) octets += packet.packet_length(i);
  (*policy.traffic)[lane_].add(packet.packets(), octets);
}

void Outbound::take(base::Frame&& packet, OutboundResult& out) noexcept {
  const auto inner = parse_ip(packet.bytes());
  if (!inner) return counters_.add(Counter::out_malformed);
  // "If this field contains the value zero, then the datagram must be destroyed" (RFC 791 3.1, RFC 8200 3).
  if (inner->hop_limit == 0) return counters_.add(Counter::out_hop_limit);
  if (packet.gso.payload == 0) packet.set_single(packet.offset, inner->length);
  const spd::Policy* const policy = flows_.find(*policies_, spd::Direction::outbound, inner->outbound_key());
  if (policy == nullptr) {
    // Ports cannot be seen in a later fragment: policies of all ports, or OPAQUE, alone take it (RFC 4301 7).
    const bool later = inner->fragment && !inner->ports_known;
    return counters_.add(later ? Counter::out_fragment : Counter::out_no_policy);
  }
  switch (policy->action) {
    case spd::Action::bypass:
      if (packet.gso.payload != 0) return split(packet, out);
      count(*policy, packet);
      return emit(out.tun, std::move(packet), out);
    case spd::Action::discard:
      count(*policy, packet);
      return counters_.add(Counter::out_discard, packet.packets());
    case spd::Action::reject:
      count(*policy, packet);
      counters_.add(Counter::out_reject, packet.packets());
      return refuse(Refusal::rejected, 0, std::move(packet), out);
    case spd::Action::trap:
    case spd::Action::hold:
      if (is_of_other(*policy, packet)) return;
      if (packet.gso.payload != 0) return split(packet, out);
      count(*policy, packet);
      return hold(*policy, *inner, std::move(packet), out);
    case spd::Action::protect:
      if (is_of_other(*policy, packet)) return;
      return protect(*policy, *inner, std::move(packet), out);
  }
}

// A train, or a frame that has a Gso, becomes packets in buffers of their own.
void Outbound::split(const base::Frame& train, OutboundResult& out) noexcept {
  const bool segment = train.gso.payload != 0;
  const std::uint32_t count = segment ? train.packets() : train.count;
  for (std::uint32_t i = 0; i < count; ++i) {
    if (!segment && std::uint64_t{i} * train.stride >= train.length) return;
    base::Frame single;
    if (pool_ != nullptr && (!segment || yard_.segmenter != nullptr)) single.buffer = pool_->take();
    if (!single.buffer) {
      counters_.add(Counter::out_no_buffer);
      continue;
    }
    if (segment) {
      single.set_single(base::kHeadroom, train.packet_length(i));
      yard_.segmenter->write(train, i, single.data());
    } else {
      const base::MutableByteSpan packet = train.segment(i);
      single.set_single(base::kHeadroom, static_cast<std::uint32_t>(packet.size()));
      std::memcpy(single.data(), packet.data(), packet.size());
    }
    take(std::move(single), out);
  }
}

void Outbound::emit(base::PacketBatch& queue, base::Frame&& frame, OutboundResult& out) noexcept {
  if (queue.full() && on_full_) on_full_(out);
  const std::uint32_t packets = frame.count;
  if (!queue.push(std::move(frame))) counters_.add(Counter::out_no_buffer, packets);
}

void Outbound::finish_tunnels(OutboundResult& out) noexcept {
  const std::span<TunnelItem> items(round_.tunnels.data(), round_.tunnel_count);
  prefetch_sas<TunnelItem>(items);
  for_each_sa(items, [&](OutboundSa& sa, std::span<const std::uint8_t> run) {
    encapsulate(sa, items, run, rng_, yard_);
    for (std::size_t i = 0; i < yard_.size; ++i) emit_train(std::move(yard_.done[i]), out);
    yard_.size = 0;
    raise_alarm(sa, alarm_);
  });
  std::uint64_t packets = 0, octets = 0;
  for (TunnelItem& item : items) {
    item.frame.buffer.reset();
    if (item.drop) {
      counters_.add(*item.drop);
      count_drop(item.sa->traffic, *item.drop);
    } else {
      ++packets;
      octets += item.length;
    }
  }
  counters_.add(Counter::out_packets, packets);
  counters_.add(Counter::out_bytes, octets);
  if (const auto lost = std::exchange(yard_.lost, 0); lost != 0) counters_.add(Counter::out_crypto, lost);
  round_.tunnel_count = 0;
}

// Protocol 50 has no ports.
void Outbound::emit_train(base::Frame&& train, OutboundResult& out) noexcept {
  if (train.buffer) emit(train.remote.port != 0 ? out.udp : out.raw, std::move(train), out);
}

void Outbound::finish(OutboundResult& out) noexcept {
  const std::span<EncapItem> items(round_.items.data(), round_.size);
  prefetch_sas<EncapItem>(items);
  for_each_sa(items, [&](OutboundSa& sa, std::span<const std::uint8_t> run) {
    sa.is_ah() ? ah_encapsulate(sa, items, run) : encapsulate(sa, items, run, rng_);
    raise_alarm(sa, alarm_);
  });
  for (EncapItem& item : items) {
    if (item.drop) {
      counters_.add(*item.drop);
      count_drop(item.sa->traffic, *item.drop);
      item.frame.buffer.reset();
      continue;
    }
    counters_.add(Counter::out_packets);
    counters_.add(Counter::out_bytes, item.inner_length);
    set_outer_addresses(item.frame, item.sa->params);
    emit(queue_of(item, out), std::move(item.frame), out);
  }
  round_.size = 0;
}

void Outbound::process(base::PacketBatch& in, OutboundResult& out, base::Instant now) noexcept {
  now_ = now;
  for (base::Frame& frame : in) {
    if (frame.count > 1) {
      split(frame, out);
    } else {
      take(std::move(frame), out);
    }
  }
  finish(out);
  finish_tunnels(out);
  emit_train(yard_.builder.take(), out);
  yard_.builder.rest();
  in.clear();
}

}  // namespace esp
