#include "tests/bench/ike_load/load.h"

#include <poll.h>
#include <sys/resource.h>

#include <algorithm>

#include "esp/natt.h"

namespace ike_load {
namespace {

constexpr std::size_t kMarker = 4;  // the non-ESP marker, RFC 3948 2.2

base::Duration processor_time() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  const auto of = [](const timeval& t) {
    return std::chrono::seconds(t.tv_sec) + std::chrono::microseconds(t.tv_usec);
  };
  return of(usage.ru_utime) + of(usage.ru_stime);
}

// The initiator's SPI: the first eight octets of every IKE message (RFC 7296 3.1).
base::IkeSpi initiator_spi(base::ByteSpan message) {
  std::uint64_t spi = 0;
  for (std::size_t i = 0; i < 8 && i < message.size(); ++i) spi = spi << 8 | message[i];
  return base::IkeSpi{spi};
}

}  // namespace

base::Instant monotonic_now() {
  return base::Instant(
      std::chrono::duration_cast<base::Duration>(std::chrono::steady_clock::now().time_since_epoch()));
}

base::Result<std::unique_ptr<Load>> Load::open(const Plan& plan, Workshop& workshop) {
  std::unique_ptr<Load> load(new Load(plan, workshop));
  tun::UdpOptions options;
  options.bind = {workshop.local, 0};
  ASSIGN_OR_RETURN(load->ike_, tun::UdpSocket::open(options));
  ASSIGN_OR_RETURN(load->natt_, tun::UdpSocket::open(options));
  load->engine_config_.ike_port = load->ike_->bound().port;
  load->engine_config_.natt_port = load->natt_->bound().port;
  // A responder under load answers late: asking again early would only add to the load.
  load->engine_config_.retransmit.initial = std::chrono::seconds(1);
  load->engine_config_.retransmit.tries = 6;
  return load;
}

base::Status Load::run() {
  const base::Instant begin = monotonic_now();
  const base::Duration processor = processor_time();
  do {
    RETURN_IF_ERROR(start_more());
    RETURN_IF_ERROR(turn(std::chrono::seconds(1)));
  } while (started_ < plan_.count || working_ > 0);
  outcome_.elapsed = monotonic_now() - begin;
  outcome_.processor = processor_time() - processor;
  return {};
}

base::Status Load::serve(const std::function<bool()>& done) {
  while (!done()) RETURN_IF_ERROR(turn(std::chrono::milliseconds(100)));
  return {};
}

base::Status Load::delete_all() {
  clearing_ = true;
  for (Number next = 0; next < slots_.size() || working_ > 0;) {
    for (; next < slots_.size() && working_ < plan_.in_flight; ++next) {
      Slot& slot = slots_[next];
      if (!slot.handshake) continue;
      ++working_;
      const base::Instant now = monotonic_now();
      slot.handshake->end(now);
      settle(next, now);
    }
    if (working_ > 0) RETURN_IF_ERROR(turn(std::chrono::seconds(1)));
  }
  return {};
}

base::Status Load::start_more() {
  while (started_ < plan_.count && working_ < plan_.in_flight) {
    const Number number = started_++;
    ++working_;
    Slot& slot = slots_[number];
    ASSIGN_OR_RETURN(auto profile, profile_of(plan_, number));
    slot.handshake = std::make_unique<Handshake>(
        workshop_, engine_config_, std::move(profile),
        [this, &slot, number](const ikev2::SendDatagram& datagram) { send(slot, number, datagram); });
    const base::Instant now = monotonic_now();
    slot.handshake->begin(now);
    settle(number, now);
  }
  return {};
}

// Waits for a datagram or the next deadline, and serves what there is.
base::Status Load::turn(base::Duration longest) {
  base::Duration pause = longest;
  if (!deadlines_.empty()) pause = std::min(pause, deadlines_.begin()->first - monotonic_now());
  const auto rounded = std::chrono::ceil<std::chrono::milliseconds>(std::max(pause, base::Duration{}));
  pollfd ready[] = {{ike_->descriptor(), POLLIN, 0}, {natt_->descriptor(), POLLIN, 0}};
  if (poll(ready, 2, static_cast<int>(rounded.count())) > 0) {
    if (ready[0].revents != 0) RETURN_IF_ERROR(receive(*ike_, false));
    if (ready[1].revents != 0) RETURN_IF_ERROR(receive(*natt_, true));
  }
  serve_deadlines();
  return {};
}

base::Status Load::receive(tun::UdpSocket& socket, bool natt) {
  RETURN_IF_ERROR(socket.recv_batch(pool_, batch_, dropped_));
  for (const auto& frame : batch_) {
    for (std::uint32_t i = 0; i < frame.count; ++i) {
      const base::ByteSpan segment = frame.segment(i);
      if (!natt) {
        take(frame, segment, false, monotonic_now());
      } else if (esp::classify(segment) == esp::DatagramKind::ike) {
        take(frame, segment.subspan(kMarker), true, monotonic_now());
      }
    }
  }
  batch_.clear();
  return {};
}

void Load::take(const base::Frame& frame, base::ByteSpan message, bool natt, base::Instant now) {
  const auto found = by_spi_.find(initiator_spi(message));
  if (found == by_spi_.end()) return;  // of a handshake that is over
  const Number number = found->second;
  slots_[number].handshake->receive({frame.local, frame.remote, natt, message}, now);
  settle(number, now);
}

void Load::serve_deadlines() {
  const base::Instant now = monotonic_now();
  while (!deadlines_.empty() && deadlines_.begin()->first <= now) {
    const Number number = deadlines_.begin()->second;
    slots_[number].handshake->timeout(now);
    settle(number, now);
  }
}

// A datagram that the kernel refuses is one that is lost: it will be sent again.
void Load::send(Slot& slot, Number number, const ikev2::SendDatagram& datagram) {
  if (slot.spi == base::IkeSpi{}) {
    slot.spi = initiator_spi(datagram.message);
    by_spi_.emplace(slot.spi, number);
  }
  if (!datagram.natt) {
    (void)ike_->send_one(datagram.local, datagram.remote, datagram.message);
    return;
  }
  base::Bytes marked(kMarker, 0);
  base::append(marked, datagram.message);
  (void)natt_->send_one(datagram.local, datagram.remote, marked);
}

// After each event of a handshake: what its state means for the run, and when it wants to be called next.
void Load::settle(Number number, base::Instant now) {
  Slot& slot = slots_[number];
  const Handshake::State state = slot.handshake->state();
  if (state == Handshake::State::established && !slot.counted) {
    slot.counted = true;
    outcome_.latencies.push_back(monotonic_now() - slot.handshake->begun());
    if (plan_.delete_each) {
      slot.handshake->end(now);
      return settle(number, now);
    }
    --working_;
    if (!keeps()) return close(number);
  }
  if (state == Handshake::State::ended) {
    if (!slot.counted) outcome_.count_failure(slot.handshake->failure().value_or("ended"));
    if (slot.counted && keeps() && !clearing_) {
      ++outcome_.gone;
    } else {
      --working_;
    }
    return close(number);
  }
  const auto next = slot.handshake->next_timeout();
  if (next == slot.deadline) return;
  if (slot.deadline) deadlines_.erase({*slot.deadline, number});
  slot.deadline = next;
  if (next) deadlines_.emplace(*next, number);
}

void Load::close(Number number) {
  Slot& slot = slots_[number];
  outcome_.retransmits += slot.handshake->retransmits();
  by_spi_.erase(slot.spi);
  if (slot.deadline) deadlines_.erase({*slot.deadline, number});
  slot.deadline.reset();
  slot.handshake.reset();
}

}  // namespace ike_load
