#include "esp/inbound.h"

#include <array>

#include "esp/ah_decap.h"
#include "esp/esp_decap.h"
#include "esp/grouping.h"
#include "esp/ip_header.h"
#include "esp/lifetime.h"
#include "esp/mss_clamp.h"
#include "esp/natt.h"
#include "esp/source_watch.h"

namespace esp {
namespace {

// The part of `frame` that `bytes` spans, as a frame of its own. A frame of one segment gives its buffer
// away, one of more shares it.
base::Frame cut(base::Frame& frame, base::MutableByteSpan bytes) {
  base::Frame out;
  const auto offset = static_cast<std::uint32_t>(bytes.data() - frame.buffer.data());
  out.buffer = frame.count == 1 ? std::move(frame.buffer) : frame.buffer.share();
  out.set_single(offset, static_cast<std::uint32_t>(bytes.size()));
  out.local = frame.local;
  out.remote = frame.remote;
  out.traffic_class = frame.traffic_class;
  return out;
}

// Octet range of segment i, or an empty one where the frame's numbers do not agree.
base::MutableByteSpan segment_of(const base::Frame& frame, std::uint32_t i) {
  if (frame.count == 1) return frame.bytes();
  const std::uint64_t at = std::uint64_t{i} * frame.stride;
  if (at >= frame.length) return {};
  const std::uint64_t left = frame.length - at;
  const std::uint64_t size = i + 1 == frame.count || left < frame.stride ? left : frame.stride;
  return frame.bytes().subspan(at, size);
}

}  // namespace

// Whether the SA of the packet belongs to another thread, which has it then.
bool Inbound::is_of_other(Arrival arrival, base::Spi spi, base::Frame& frame,
                          base::MutableByteSpan packet) noexcept {
  const std::uint32_t owner = spi.value & lane_mask_;
  if (owner == lane_) return false;
  base::Frame single = cut(frame, packet);
  if (!hand_over_ || !hand_over_(owner, arrival, single)) counters_.add(Counter::in_no_room);
  return true;
}

void Inbound::no_sa(Arrival arrival, base::Spi spi, const base::Frame& frame,
                    base::ByteSpan packet) noexcept {
  const Transform wire = arrival == Arrival::ah ? Transform::ah : Transform::esp;
  const Counter why = sad_.why_not_found(wire, frame.local.address, spi);
  const bool may_wait =
      why == Counter::in_no_sa && expected_ != nullptr && pool_ != nullptr && expected_->may_hold(spi);
  if (may_wait && early_.push(arrival, spi, frame, packet)) return counters_.add(Counter::in_early);
  counters_.add(why);
  drop_notes_.put({why, spi, frame.local, frame.remote});
}

void Inbound::take_early(base::Spi spi, base::PacketBatch& deliver, base::PacketBatch& ike) noexcept {
  if (early_.empty()) return;
  const ExpectedSpis* const expected = std::exchange(expected_, nullptr);  // nothing waits twice
  std::uint64_t lost = 0;
  while (const auto arrival = early_.take(spi, *pool_, early_batch_, lost)) {
    process(*arrival, early_batch_, deliver, ike);
  }
  counters_.add(Counter::in_no_room, lost);
  expected_ = expected;
}

void Inbound::take_esp(base::Frame& frame, base::MutableByteSpan segment) noexcept {
  const base::Spi spi(base::load_be32(segment.data()));
  if (is_of_other(Arrival::raw, spi, frame, segment)) return;
  InboundSa* const sa = sad_.find(Transform::esp, frame.local.address, spi);
  if (sa == nullptr) return no_sa(Arrival::raw, spi, frame, segment);
  DecapItem& item = round_.items[round_.size++];
  item.inner = {};
  item.packet = segment;
  item.frame = &frame;
  item.sa = sa;
}

void Inbound::take_ah(base::Frame& frame, base::MutableByteSpan segment) noexcept {
  const auto place = find_ah(segment);
  if (!place) return counters_.add(Counter::in_runt);
  const base::Spi spi(base::load_be32(&segment[place->at + 4]));
  if (is_of_other(Arrival::ah, spi, frame, segment)) return;
  InboundSa* const sa = sad_.find(Transform::ah, frame.local.address, spi);
  if (sa == nullptr) return no_sa(Arrival::ah, spi, frame, segment);
  DecapItem& item = round_.items[round_.size++];
  item.inner = {};
  item.packet = segment.first(place->total);
  item.ah = *place;
  item.frame = &frame;
  item.sa = sa;
  item.header_size = 0;
}

// The packet of an item as a frame, with its IP header in front; without a buffer where there is no room.
base::Frame Inbound::assemble(DecapItem& item) noexcept {
  if (item.header_size == 0) return cut(*item.frame, item.inner);
  std::uint8_t* const text = item.inner.data();
  const auto offset = static_cast<std::size_t>(text - item.frame->buffer.data());
  if (item.frame->count == 1 && offset >= item.header_size) {
    std::memcpy(text - item.header_size, item.header.data(), item.header_size);
    return cut(*item.frame, {text - item.header_size, item.header_size + item.inner.size()});
  }
  base::Frame fresh;  // in a train the octets in front belong to another segment
  if (pool_ != nullptr) fresh.buffer = pool_->take();
  if (!fresh.buffer) return fresh;
  fresh.set_single(base::kHeadroom, item.header_size + static_cast<std::uint32_t>(item.inner.size()));
  std::memcpy(fresh.data(), item.header.data(), item.header_size);
  std::memcpy(fresh.data() + item.header_size, text, item.inner.size());
  fresh.local = item.frame->local;
  fresh.remote = item.frame->remote;
  return fresh;
}

// Which counter a dummy packet falls under.
Counter Inbound::take_dummy(const DecapItem& item) noexcept {
  // Probes go by a single SA of ESP; what a bundle has dropped names none, or has no text.
  const bool may_be = item.sa != nullptr && item.sa->params.transform == Transform::esp && !item.sa->is_ah();
  const auto probe = may_be ? read_probe(item.inner) : std::nullopt;
  if (!probe || !probes_.push({item.sa->params.child, *probe})) return Counter::in_dummy;
  return Counter::in_probe;
}

// What hosts behind us shall send at most is known by the way back.
void Inbound::clamp(const base::Frame& frame, const ChildLife& life) noexcept {
  const std::uint32_t mtu = life.inner_mtu.load(std::memory_order_relaxed);
  if (mtu != 0) clamp_mss(frame.bytes(), mtu);
}

void Inbound::finish(base::PacketBatch& deliver) noexcept {
  const std::span<DecapItem> items(round_.items.data(), round_.size);
  prefetch_sas<DecapItem>(items);
  for_each_sa(items, [&](InboundSa& sa, std::span<const std::uint8_t> run) {
    sa.is_ah() ? ah_decapsulate(sa, items, run) : decapsulate(sa, items, run);
    raise_alarm(sa, alarm_);
  });
  hand_on(deliver);
}

bool Inbound::is_discarded(const base::Frame& frame, const InboundSa& sa) noexcept {
  const auto inner = parse_ip(frame.bytes());
  const spd::Policy* const policy =
      inner ? flows_.find(*policies_, spd::Direction::inbound, inner->inbound_key()) : nullptr;
  if (policy == nullptr) return false;
  const bool discards = policy->action == spd::Action::discard || policy->action == spd::Action::reject;
  // At equal priority what discards stands before what protects. Children have no policy of their own here.
  return discards && policy->priority >= spd::priority_of(sa.params.selectors);
}

// What has come out of the round, in the order it came in.
void Inbound::hand_on(base::PacketBatch& deliver) noexcept {
  for (DecapItem& item : std::span<DecapItem>(round_.items.data(), round_.size)) {
    if (!item.drop) note_source(item);
    if (deliver.full() && on_full_) on_full_(deliver);
    if (item.drop) {
      counters_.add(*item.drop == Counter::in_dummy ? take_dummy(item) : *item.drop);
      const base::Spi spi = item.sa == nullptr ? base::Spi(0) : item.sa->params.spi;
      drop_notes_.put({*item.drop, spi, item.frame->local, item.frame->remote});
    } else if (deliver.full()) {
      counters_.add(Counter::in_no_room);
    } else if (base::Frame frame = assemble(item); !frame.buffer) {
      counters_.add(Counter::in_no_room);
    } else if (policies_ != nullptr && is_discarded(frame, *item.sa)) {
      counters_.add(Counter::in_discard);
    } else {
      counters_.add(Counter::in_packets);
      counters_.add(Counter::in_bytes, frame.length);
      if (clamp_mss_ && is_tcp(frame.bytes()) && item.sa->life != nullptr) clamp(frame, *item.sa->life);
      deliver.push(std::move(frame));
    }
  }
  round_.size = 0;
  unwrapper_.rest();
}

void Inbound::process(Arrival arrival, base::PacketBatch& in, base::PacketBatch& deliver,
                      base::PacketBatch& ike) noexcept {
  if (arrival == Arrival::ip) return process_plain(in, deliver);
  for (base::Frame& frame : in) {
    for (std::uint32_t i = 0; i < frame.count; ++i) {
      const base::MutableByteSpan segment = segment_of(frame, i);
      if (arrival == Arrival::ah) {
        take_ah(frame, segment);
        if (round_.size == round_.items.size()) finish(deliver);
        continue;
      }
      DatagramKind kind = classify(segment);
      // Protocol 50 knows no markers and no keepalives: whatever comes is ESP or too short.
      if (arrival == Arrival::raw) kind = segment.size() < 8 ? DatagramKind::runt : DatagramKind::esp;
      switch (kind) {
        case DatagramKind::ike:
          if (ike.full() || !ike.push(cut(frame, segment))) counters_.add(Counter::in_no_room);
          break;
        case DatagramKind::keepalive:  // "The receiver SHOULD ignore a received NAT-keepalive packet" (RFC
                                       // 3948 2.3)
          counters_.add(Counter::in_keepalive);
          break;
        case DatagramKind::runt:
          counters_.add(Counter::in_runt);
          break;
        case DatagramKind::esp:
          take_esp(frame, segment);
          if (round_.size == round_.items.size()) finish(deliver);
          break;
      }
    }
  }
  finish(deliver);
  in.clear();
}

}  // namespace esp
