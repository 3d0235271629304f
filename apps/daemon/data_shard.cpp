#include "apps/daemon/data_shard.h"

#include <algorithm>

#include "apps/daemon/clock.h"
#include "apps/daemon/listeners.h"
#include "esp/source_watch.h"

namespace daemon_app {
namespace {

constexpr std::chrono::milliseconds kLookPeriod{300};
// From the report of a dropped packet to the next one.
constexpr std::chrono::seconds kDropReportPause{10};
constexpr std::size_t kMarker = 4;  // the non-ESP marker, RFC 3948 2.2

base::IpFamily packet_family(const base::Frame& frame) {
  return frame.length > 0 && frame.data()[0] >> 4 == 6 ? base::IpFamily::v6 : base::IpFamily::v4;
}

}  // namespace

DataShard::DataShard(ShardPorts ports, std::unique_ptr<base::Rng> rng, std::unique_ptr<IkeInbox> inbox)
    : ports_(std::move(ports)),
      rng_(std::move(rng)),
      inbox_(std::move(inbox)),
      outbound_(sad_, counters_, *rng_) {}

void DataShard::start(const std::string& thread_name, const tun::Shard::ErrorHandler& on_error) {
  if (ports_.sends) {
    shard_.add_source(*ports_.tun, [this](base::PacketBatch& batch, base::Instant now) {
      if (capture_ != nullptr) capture_->record_inner(batch, false, now);
      send_from_tun(batch, now);
    });
  }
  if (ports_.receives) add_receiving_sources();
  join_lanes();
  inbound_.set_pool(&shard_.pool());
  outbound_.set_pool(&shard_.pool());
  outbound_.set_segmenter(&segmenter_);
  outbound_.set_path_options(ports_.path);
  inbound_.set_expected(ports_.expected);
  inbound_.set_clamp_mss(ports_.path.clamp_mss);
  outbound_.set_full_handler([this](esp::OutboundResult& result) { send_all(result); });
  inbound_.set_full_handler([this](base::PacketBatch& batch) { deliver(batch); });
  shard_.set_idle_handler(kLookPeriod, [this](base::Instant now) { idle(now); });
  shard_.set_error_handler(on_error);
  const base::Status started = shard_.start(thread_name);
  if (started.has_error()) on_error(started.error());
}

void DataShard::add_receiving_sources() {
  for (tun::UdpSocket* socket : ports_.udp) {
    shard_.add_source(*socket,
                      [this](base::PacketBatch& batch, base::Instant) { receive(esp::Arrival::udp, batch); });
  }
  if (ports_.lane != 0) return;  // one lane reads protocols 50 and 51, and hands on what belongs to others
  for (tun::RawSocket* socket : ports_.raw) {
    if (socket == nullptr) continue;
    shard_.add_source(*socket,
                      [this](base::PacketBatch& batch, base::Instant) { receive(esp::Arrival::raw, batch); });
  }
  for (tun::RawSocket* socket : ports_.ah) {
    if (socket == nullptr) continue;
    shard_.add_source(*socket,
                      [this](base::PacketBatch& batch, base::Instant) { receive(esp::Arrival::ah, batch); });
  }
}

base::Status DataShard::read_plain(tun::RawSocket& socket) {
  return shard_.join_source(
      socket, [this](base::PacketBatch& batch, base::Instant) { receive(esp::Arrival::ip, batch); });
}

void DataShard::join_lanes() {
  const auto lanes = static_cast<std::uint32_t>(ports_.outbound.size());
  if (lanes < 2) return;
  if (ports_.sends) {
    shard_.add_source(*ports_.outbound[ports_.lane],
                      [this](base::PacketBatch& batch, base::Instant now) { send_from_tun(batch, now); });
    outbound_.set_lane(ports_.lane, lanes, [this](std::uint32_t lane, base::Frame& packet) {
      return ports_.outbound[lane]->push(ports_.lane, packet);
    });
  }
  if (!ports_.receives) return;
  shard_.add_source(*ports_.esp_of[ports_.lane],
                    [this](base::PacketBatch& batch, base::Instant) { receive(esp::Arrival::raw, batch); });
  shard_.add_source(*ports_.ah_of[ports_.lane],
                    [this](base::PacketBatch& batch, base::Instant) { receive(esp::Arrival::ah, batch); });
  inbound_.set_lane(ports_.lane, lanes,
                    [this](std::uint32_t lane, esp::Arrival arrival, base::Frame& packet) {
                      const auto& to = arrival == esp::Arrival::ah ? ports_.ah_of : ports_.esp_of;
                      return to[lane]->push(ports_.lane, packet);
                    });
}

void DataShard::post(Task task) {
  flush_backlog();
  if (!backlog_.empty() || !shard_.post([this, task] { task(*this); })) backlog_.push_back(std::move(task));
}

void DataShard::flush_backlog() {
  while (!backlog_.empty()) {
    if (!shard_.post([this, task = backlog_.front()] { task(*this); })) return;
    backlog_.pop_front();
  }
}

bool DataShard::try_post(Task task) {
  return shard_.post([this, task = std::move(task)] { task(*this); });
}

void DataShard::receive(esp::Arrival arrival, base::PacketBatch& batch) {
  if (capture_ != nullptr) record_received(arrival, batch);
  inbound_.process(arrival, batch, deliver_, ike_);
  finish_receiving();
}

bool DataShard::add(const std::shared_ptr<esp::InboundSa>& sa) {
  if (!sad_.add(sa)) return false;
  inbound_.take_early(sa->params.spi, deliver_, ike_);
  finish_receiving();
  return true;
}

void DataShard::finish_receiving() {
  deliver(deliver_);
  if (const std::uint64_t refused = ports_.tun->flush(); refused != 0)
    counters_.add(esp::Counter::tun_write, refused);
  pass_to_ike(ike_);
  if (inbound_.has_probes()) pass_probes();
}

// Where the IKE thread has no room they are lost, as on the path.
void DataShard::pass_probes() {
  const esp::ProbeNotes notes = inbound_.take_probes();
  for (std::size_t i = 0; i < notes.size; ++i) inbox_->push(notes.notes[i]);
}

void DataShard::send_probe(base::ChildId child, const esp::PathProbe& probe, std::uint32_t outer_size) {
  outbound_.send_probe(child, probe, outer_size, result_);
  send_all(result_);
  result_.clear();
}

void DataShard::deliver(base::PacketBatch& batch) {
  if (capture_ != nullptr) capture_->record_inner(batch, true, monotonic_now());
  const std::uint64_t refused = ports_.tun->enqueue(batch);
  if (refused != 0) counters_.add(esp::Counter::tun_write, refused);
}

void DataShard::record_received(esp::Arrival arrival, const base::PacketBatch& batch) {
  OuterForm form = OuterForm::packet;
  if (arrival == esp::Arrival::udp) form = OuterForm::udp_payload;
  if (arrival == esp::Arrival::raw) form = OuterForm::esp_payload;
  capture_->record_outer(batch, form, true, monotonic_now());
}

void DataShard::record_sent(const esp::OutboundResult& result) {
  const base::Instant now = monotonic_now();
  capture_->record_outer(result.udp, OuterForm::udp_payload, false, now);
  capture_->record_outer(result.raw, OuterForm::esp_payload, false, now);
  capture_->record_outer(result.whole, OuterForm::packet, false, now);
}

// All but what asks for an answer.
void DataShard::send_all(esp::OutboundResult& result) {
  if (capture_ != nullptr) record_sent(result);
  send_udp(result.udp);
  send_by_family(result.raw, true);
  send_by_family(result.tun, false);
  send_by_family(result.whole, false);
}

void DataShard::set_policies(std::shared_ptr<const spd::Snapshot> policies) {
  outbound_.set_policies(std::move(policies));
  while (outbound_.take_released(released_)) send_from_tun(released_, monotonic_now());
}

void DataShard::answer_trap(base::ChildId trap, base::Duration pause) {
  const bool pauses = pause > base::Duration::zero();
  outbound_.answer(trap.value, pauses ? monotonic_now() + pause : base::Instant{});
}

// The queue to the IKE thread is bounded: where it is full, the next packet at the trap tries again.
void DataShard::raise_acquires() {
  for (std::size_t i = 0; i < result_.acquired; ++i) {
    const esp::AcquireNote& note = result_.acquires[i];
    if (!inbox_->push(TrapHit{base::ChildId{note.policy}, note.packet}))
      outbound_.forget_acquire(note.policy);
  }
}

void DataShard::send_from_tun(base::PacketBatch& batch, base::Instant now) {
  outbound_.process(batch, result_, now);
  raise_acquires();
  send_all(result_);
  answer_senders(now);
  result_.clear();
}

std::size_t DataShard::udp_index(const base::Frame& frame) const {
  return choose_socket(
      ports_.udp.size(), frame.local.address,
      [this](std::size_t i) -> const base::IpAddress& { return ports_.udp[i]->bound().address; });
}

// Mostly all frames leave by one socket; then the batch goes out as it is.
void DataShard::send_udp(base::PacketBatch& batch) {
  std::uint64_t refused = 0;
  while (!batch.empty()) {
    const std::size_t chosen = udp_index(batch[0]);
    const bool all = std::all_of(batch.begin(), batch.end(),
                                 [&](const base::Frame& frame) { return udp_index(frame) == chosen; });
    if (chosen == ports_.udp.size()) {
      for (const auto& frame : batch) refused += frame.count;  // no socket for this local address
      batch.clear();
    } else if (all) {
      refused += ports_.udp[chosen]->send_batch(batch);
    } else {
      base::PacketBatch& others = deliver_;  // idle while packets leave
      for (auto& frame : batch) (udp_index(frame) == chosen ? staging_ : others).push(std::move(frame));
      batch.clear();
      refused += ports_.udp[chosen]->send_batch(staging_);
      for (auto& frame : others) batch.push(std::move(frame));
      others.clear();
    }
  }
  if (refused != 0) counters_.add(esp::Counter::out_send, refused);
}

void DataShard::send_by_family(base::PacketBatch& batch, bool raw) {
  if (batch.empty()) return;
  std::uint64_t refused = 0;
  // Once for each family, with and without DF. Whole packets say themselves whether they have it.
  for (std::size_t kind = 0; kind < 4; ++kind) {
    const std::size_t index = kind % 2;
    const bool dont_fragment = kind >= 2;
    for (auto& frame : batch) {
      if (!frame.buffer || (raw && frame.dont_fragment) != dont_fragment) continue;
      const base::IpFamily family = raw ? frame.remote.address.family() : packet_family(frame);
      if (family_index(family) == index) staging_.push(std::move(frame));
    }
    if (!staging_.empty()) refused += send_staged(index, raw, dont_fragment);
  }
  batch.clear();
  if (refused != 0) counters_.add(esp::Counter::out_send, refused);
}

// How many were refused.
std::uint64_t DataShard::send_staged(std::size_t family, bool raw, bool dont_fragment) {
  tun::RawSocket* const socket = dont_fragment ? ports_.whole[family] : ports_.raw[family];
  std::uint64_t refused = 0;
  if (raw && socket != nullptr) {
    refused = socket->send_batch(staging_);
  } else if (!raw && ports_.forward[family] != nullptr) {
    refused = ports_.forward[family]->send_batch(staging_);
  } else {
    for (const auto& frame : staging_) refused += frame.count;
  }
  staging_.clear();
  return refused;
}

std::optional<base::Bytes> DataShard::icmp_answer(std::size_t i) const {
  const base::ByteSpan packet = result_.icmp[i].segment(0);
  switch (result_.icmp_why[i]) {
    case esp::Refusal::too_big:
      return make_too_big(packet, result_.icmp_mtu[i]);
    case esp::Refusal::rejected:
      return make_unreachable(packet, Unreachable::prohibited);
    case esp::Refusal::no_sa_soon:
      return make_unreachable(packet, Unreachable::host);
  }
  return {};
}

void DataShard::answer_senders(base::Instant now) {
  base::PacketBatch& batch = result_.icmp;
  for (std::size_t i = 0; i < batch.size(); ++i) {
    if (!icmp_limit_.admit(now)) {
      counters_.add(esp::Counter::icmp_limited, batch.size() - i);
      break;
    }
    const auto answer = icmp_answer(i);
    if (!answer) continue;
    base::Frame reply;
    reply.buffer = shard_.pool().take();
    if (!reply.buffer) break;
    counters_.add(esp::Counter::icmp_sent);
    reply.set_single(base::kHeadroom, static_cast<std::uint32_t>(answer->size()));
    std::copy(answer->begin(), answer->end(), reply.data());
    staging_.push(std::move(reply));
  }
  batch.clear();
  if (staging_.empty()) return;
  // Not by send_batch(), which is the receiving shard's.
  const std::uint64_t refused = ports_.tun->write_singly(staging_);
  if (refused != 0) counters_.add(esp::Counter::tun_write, refused);
}

void DataShard::pass_to_ike(base::PacketBatch& batch) {
  for (const auto& frame : batch) {
    for (std::uint32_t i = 0; i < frame.count; ++i) {
      const base::ByteSpan segment = frame.segment(i);
      if (segment.size() < kMarker) continue;  // never: classify() saw the marker
      inbox_->push(StrayIke{frame.local, frame.remote, base::to_bytes(segment.subspan(kMarker))});
    }
  }
  batch.clear();
}

// Where the IKE thread has no room, the next look tries again.
void DataShard::report_drop(base::Instant now) {
  esp::DropNotes& notes = inbound_.drop_notes();
  if (!notes.first() || (drop_reported_ && now - *drop_reported_ < kDropReportPause)) return;
  if (!inbox_->push(*notes.first())) return;
  notes.clear();
  drop_reported_ = now;
}

void DataShard::idle(base::Instant now) {
  // A limit that is reached does not wait for the next look.
  const bool alarm_in = inbound_.take_alarm(), alarm_out = outbound_.take_alarm();
  if (!alarm_in && !alarm_out && now - looked_ < kLookPeriod) return;
  looked_ = now;
  inbound_.age_early();
  report_drop(now);
  const auto tell = [this](const auto& event) { inbox_->push(ikev2::ChildEvent{event}); };
  esp::collect_moved(sad_, [&](base::ChildId child, const base::Endpoint& from) {
    tell(ikev2::PeerMoved{child, from});
  });
  watch_.look(now, {[&](base::ChildId child) { tell(ikev2::PacketSeen{child}); },
                    [&](base::ChildId child) { tell(ikev2::Inactive{child}); },
                    [&](base::ChildId child, bool hard) {
                      tell(ikev2::Expired{child, hard});
                    }});
}

}  // namespace daemon_app
