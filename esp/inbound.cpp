#include "esp/inbound.h"

#include <array>

#include "esp/esp_decap.h"
#include "esp/grouping.h"
#include "esp/natt.h"
#include "esp/source_watch.h"

namespace esp {
namespace {

constexpr std::size_t kRound = base::PacketBatch::kCapacity;

// The part of `frame` that `bytes` spans, as a frame of its own. A frame of one segment gives its buffer
// away, one of more shares it.
base::Frame cut(base::Frame& frame, base::MutableByteSpan bytes) {
  base::Frame out;
  const auto offset = static_cast<std::uint32_t>(bytes.data() - frame.buffer.data());
  out.buffer = frame.count == 1 ? std::move(frame.buffer) : frame.buffer.share();
  out.set_single(offset, static_cast<std::uint32_t>(bytes.size()));
  out.local = frame.local;
  out.remote = frame.remote;
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

// Up to one batch of ESP packets that have an SA.
struct Inbound::Round {
  std::array<DecapItem, kRound> items;
  std::size_t size = 0;
};

void Inbound::take_esp(base::Frame& frame, base::MutableByteSpan segment, Round& round) noexcept {
  const base::Spi spi(base::load_be32(segment.data()));
  InboundSa* const sa = sad_.find(crypto::IpsecProtocol::esp, frame.local.address, spi);
  if (sa == nullptr) return counters_.add(Counter::in_no_sa);
  DecapItem& item = round.items[round.size++];
  item.packet = segment;
  item.frame = &frame;
  item.sa = sa;
}

void Inbound::finish(Round& round, base::PacketBatch& deliver) noexcept {
  const std::span<DecapItem> items(round.items.data(), round.size);
  for_each_sa(items, [&](InboundSa& sa, std::span<const std::uint8_t> run) { decapsulate(sa, items, run); });
  for (DecapItem& item : items) {
    if (!item.drop) note_source(item);
    if (item.drop) {
      counters_.add(*item.drop);
    } else if (deliver.full()) {
      counters_.add(Counter::in_no_room);
    } else {
      counters_.add(Counter::in_packets);
      counters_.add(Counter::in_bytes, item.inner.size());
      deliver.push(cut(*item.frame, item.inner));
    }
  }
  round.size = 0;
}

void Inbound::process(Arrival arrival, base::PacketBatch& in, base::PacketBatch& deliver,
                      base::PacketBatch& ike) noexcept {
  Round round;
  for (base::Frame& frame : in) {
    for (std::uint32_t i = 0; i < frame.count; ++i) {
      const base::MutableByteSpan segment = segment_of(frame, i);
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
          take_esp(frame, segment, round);
          if (round.size == kRound) finish(round, deliver);
          break;
      }
    }
  }
  finish(round, deliver);
  in.clear();
}

void Inbound::collect_seen(const std::function<void(base::ChildId)>& report) {
  for (const auto& sa : sad_.inbound()) {
    if (!sa->seen) continue;
    sa->seen = false;
    report(sa->params.child);
  }
}

}  // namespace esp
