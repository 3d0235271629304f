#include "apps/daemon/ike_loop.h"

#include <boost/asio/post.hpp>

#include "apps/daemon/clock.h"
#include "esp/natt.h"

namespace daemon_app {
namespace {

constexpr std::size_t kMarker = 4;  // the non-ESP marker, RFC 3948 2.2
constexpr int kBatchesPerTurn = 16;
constexpr int kStrangersPerTurn = 64;

}  // namespace

IkeLoop::IkeLoop(const Parts& parts)
    : io_(parts.io),
      engine_(parts.engine),
      runner_(parts.runner),
      dataplane_(parts.dataplane),
      log_(parts.log),
      take_manual_(parts.take_manual),
      pool_(parts.pool),
      timer_(parts.io) {
  for (const auto& listener : parts.listeners) {
    sockets_.push_back(std::make_unique<SocketWatch>(io_, *listener.ike, false));
    sockets_.push_back(std::make_unique<SocketWatch>(io_, *listener.natt, true));
  }
  for (const auto& shard : dataplane_.shards()) {
    inboxes_.push_back(std::make_unique<InboxWatch>(io_, shard->inbox()));
  }
}

IkeLoop::~IkeLoop() = default;

void IkeLoop::start() {
  for (auto& socket : sockets_) watch(*socket);
  for (auto& inbox : inboxes_) watch(*inbox);
  arm_timer();
}

std::uint64_t IkeLoop::lost() const {
  std::uint64_t sum = dropped_;
  for (const auto& inbox : inboxes_) sum += inbox->inbox.lost();
  return sum;
}

void IkeLoop::watch(SocketWatch& watched) {
  watched.wait.async_wait(boost::asio::posix::stream_descriptor::wait_read,
                          [this, &watched](boost::system::error_code error) {
                            if (error) return;
                            receive(watched);
                            watch(watched);
                          });
}

void IkeLoop::watch(InboxWatch& watched) {
  watched.wait.async_wait(boost::asio::posix::stream_descriptor::wait_read,
                          [this, &watched](boost::system::error_code error) {
                            if (error) return;
                            drain(watched.inbox);
                            watch(watched);
                          });
}

// A few batches a turn, so that a flood on one socket starves neither the others nor the control socket, and
// the kernel's queue is empty soon: what belongs to an SA is served at once, the first messages of strangers
// wait.
void IkeLoop::receive(SocketWatch& watched) {
  for (int i = 0; i < kBatchesPerTurn; ++i) {
    if (!receive_batch(watched)) break;
  }
  serve_strangers();
}

// Whether there may be more.
bool IkeLoop::receive_batch(SocketWatch& watched) {
  const base::Status status = watched.socket.recv_batch(pool_, batch_, dropped_);
  if (status.has_error()) {
    log_.write({base::LogLevel::warning,
                "receive-failed",
                status.error().reason,
                {{"socket", watched.socket.bound().text()}}});
  }
  const bool more = batch_.full();
  const base::Instant now = monotonic_now();
  ikev2::Actions actions;
  for (const auto& frame : batch_) {
    for (std::uint32_t i = 0; i < frame.count; ++i) {
      take_segment(frame, frame.segment(i), watched.natt, now, actions);
    }
  }
  if (watched.natt) hand_over_esp(batch_);
  batch_.clear();
  finish(std::move(actions));
  return more;
}

void IkeLoop::take_segment(const base::Frame& frame, base::ByteSpan segment, bool natt, base::Instant now,
                           ikev2::Actions& out) {
  if (!natt) {
    take_message(frame.local, frame.remote, false, segment, now, out);
  } else if (esp::classify(segment) == esp::DatagramKind::ike) {
    take_message(frame.local, frame.remote, true, segment.subspan(kMarker), now, out);
  }
}

void IkeLoop::take_message(const base::Endpoint& local, const base::Endpoint& remote, bool natt,
                           base::ByteSpan message, base::Instant now, ikev2::Actions& out) {
  dataplane_.capture().record_ike(local, remote, natt, message, true);
  if (!InitQueue::takes(message)) return engine_.handle_datagram({local, remote, natt, message}, now, out);
  if (strangers_.push({local, remote, natt, base::to_bytes(message)})) return;
  log_.write({base::LogLevel::warning,
              "init-queue-full",
              "too many IKE_SA_INIT requests wait: one is dropped",
              {{"remote", remote.text()}}});
}

// Some of those that wait; the rest when everything else had its turn.
void IkeLoop::serve_strangers() {
  if (serving_) return;
  const base::Instant now = monotonic_now();
  ikev2::Actions actions;
  for (int i = 0; i < kStrangersPerTurn; ++i) {
    const auto next = strangers_.pop();
    if (!next) break;
    engine_.handle_datagram({next->local, next->remote, next->natt, next->message}, now, actions);
  }
  finish(std::move(actions));
  if (strangers_.empty()) return;
  serving_ = true;
  boost::asio::post(io_, [this] {
    serving_ = false;
    serve_strangers();
  });
}

// ESP, keepalives and runts: the inbound pipeline takes or counts them. A train that mixes them with IKE goes
// there segment by segment.
void IkeLoop::hand_over_esp(base::PacketBatch& batch) {
  auto others = std::make_unique<base::PacketBatch>();
  for (const auto& frame : batch) {
    for (std::uint32_t i = 0; i < frame.count; ++i) {
      const auto segment = frame.segment(i);
      if (esp::classify(segment) == esp::DatagramKind::ike) continue;
      base::Frame single;
      single.buffer = frame.buffer.share();
      single.local = frame.local;
      single.remote = frame.remote;
      single.set_single(frame.offset + i * frame.stride, static_cast<std::uint32_t>(segment.size()));
      if (others->full()) dataplane_.hand_over(std::exchange(others, std::make_unique<base::PacketBatch>()));
      others->push(std::move(single));
    }
  }
  if (!others->empty()) dataplane_.hand_over(std::move(others));
}

void IkeLoop::drain(IkeInbox& inbox) {
  const base::Instant now = monotonic_now();
  ikev2::Actions actions;
  inbox.drain([&](FromShard&& element) {
    if (take_manual_ && take_manual_(element)) return;
    if (const auto* stray = std::get_if<StrayIke>(&element)) {
      take_message(stray->local, stray->remote, true, stray->message, now, actions);
    } else if (const auto* hit = std::get_if<TrapHit>(&element)) {
      if (const auto acquire = dataplane_.acquire_of(*hit))
        engine_.handle_child_event(*acquire, now, actions);
    } else if (const auto* note = std::get_if<esp::ProbeNote>(&element)) {
      dataplane_.paths().take(*note);
    } else if (const auto* drop = std::get_if<esp::DropNote>(&element)) {
      report(*drop);
    } else if (const auto* event = std::get_if<ikev2::ChildEvent>(&element)) {
      engine_.handle_child_event(*event, now, actions);
    }
  });
  finish(std::move(actions));
  serve_strangers();
}

// RFC 4303 4, RFC 4302 4: what is in an audit log of a packet that was dropped.
void IkeLoop::report(const esp::DropNote& note) {
  log_.write({base::LogLevel::info,
              "packet-dropped",
              "a packet is dropped: " + std::string(esp::name(note.reason)) + ", " +
                  std::string(esp::description(note.reason)) + " (those that follow soon are only counted)",
              {{"spi", base::to_hex(note.spi.value, 8)},
               {"local", note.local.text()},
               {"remote", note.remote.text()}}});
}

void IkeLoop::command(const ikev2::Command& command) {
  ikev2::Actions actions;
  engine_.handle_command(command, monotonic_now(), actions);
  finish(std::move(actions));
}

void IkeLoop::complete(ikev2::Completion completion) {
  ikev2::Actions actions;
  engine_.handle_completion(std::move(completion), monotonic_now(), actions);
  finish(std::move(actions));
}

void IkeLoop::child_event(const ikev2::ChildEvent& event) {
  ikev2::Actions actions;
  engine_.handle_child_event(event, monotonic_now(), actions);
  finish(std::move(actions));
}

void IkeLoop::network(const ikev2::NetworkChanged& event) {
  ikev2::Actions actions;
  engine_.handle_network(event, monotonic_now(), actions);
  finish(std::move(actions));
}

void IkeLoop::finish(ikev2::Actions&& actions) {
  runner_.run(std::move(actions));
  arm_timer();
}

void IkeLoop::arm_timer() {
  const auto next = engine_.next_timeout();
  if (next == armed_for_) return;
  armed_for_ = next;
  if (!next) {
    timer_.cancel();
    return;
  }
  timer_.expires_at(to_steady(*next));
  timer_.async_wait([this](boost::system::error_code error) {
    if (error) return;
    armed_for_.reset();
    ikev2::Actions actions;
    engine_.handle_timeout(monotonic_now(), actions);
    finish(std::move(actions));
  });
}

}  // namespace daemon_app
