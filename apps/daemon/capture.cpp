#include "apps/daemon/capture.h"

#include <algorithm>
#include <utility>

#include "apps/daemon/clock.h"
#include "apps/daemon/pcapng.h"

namespace daemon_app {
namespace {

constexpr std::chrono::milliseconds kPeriod{20};
// Octets that go to the sink at once: it must not hold up the IKE thread, nor fill its client's queue.
constexpr std::size_t kPortion = std::size_t{512} << 10;
constexpr std::size_t kOwnRing = std::size_t{1} << 20;  // IKE messages are few

std::int64_t wall_nanoseconds() {
  using std::chrono::nanoseconds;
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  return std::chrono::duration_cast<nanoseconds>(now).count();
}

}  // namespace

Capture::Capture(boost::asio::io_context& io, Ports ports) : timer_(io), ports_(std::move(ports)) {}

Capture::~Capture() = default;

Capture::Run Capture::start(const CaptureOptions& options, Sink sink) {
  options_ = options;
  sink_ = std::make_unique<Sink>(std::move(sink));
  alive_ = std::make_shared<bool>(true);
  totals_ = {};
  const auto filter = std::make_shared<const CaptureFilter>(ports_.filter(options_));
  const std::int64_t offset = wall_nanoseconds() - monotonic_now().time_since_epoch().count();
  for (std::size_t i = 0; i < ports_.threads; ++i)
    points_.push_back(std::make_shared<CapturePoint>(offset, filter));
  ports_.attach(points_);
  points_.push_back(std::make_shared<CapturePoint>(offset, filter, kOwnRing));
  base::Bytes begin;
  pcapng::append_start(begin, options_.plain ? "ikev2d inner" : "ikev2d outer");
  sink_->write(begin);
  arm();
  return ++run_;
}

void Capture::detach() { ports_.attach(std::vector<std::shared_ptr<CapturePoint>>(ports_.threads)); }

void Capture::finish(Run run, std::function<void(const Totals&)> done) {
  if (!running() || run != run_ || done_) return;
  detach();
  done_ = std::move(done);
}

void Capture::abort(Run run) {
  if (!running() || run != run_) return;
  detach();
  timer_.cancel();
  alive_.reset();
  points_.clear();
  sink_.reset();
  done_ = nullptr;
}

// Everything has been taken.
void Capture::end() {
  for (const auto& point : points_) totals_.lost += point->lost();
  base::Bytes octets;
  pcapng::append_end(octets, totals_.packets, totals_.lost, wall_nanoseconds());
  sink_->write(octets);
  const auto done = std::exchange(done_, nullptr);
  const Totals totals = totals_;
  alive_.reset();
  points_.clear();
  sink_.reset();
  done(totals);
}

void Capture::arm() {
  timer_.expires_after(kPeriod);
  timer_.async_wait([this, weak = std::weak_ptr(alive_)](boost::system::error_code error) {
    if (!error && !weak.expired()) work();
  });
}

void Capture::work() {
  if (std::exchange(refresh_waits_, false)) {
    const auto filter = std::make_shared<const CaptureFilter>(ports_.filter(options_));
    ports_.refilter(points_, filter);
    points_.back()->set_filter(filter);
  }
  const bool any = collect();
  if (!any && done_) return end();
  // A reader that is slow makes rings full, not our queue to it.
  sink_->when_written([this, weak = std::weak_ptr(alive_)] {
    if (!weak.expired()) arm();
  });
}

// What all points have recorded since the last time, in the order of time. False: nothing.
bool Capture::collect() {
  struct Block {
    std::int64_t at;
    std::size_t begin, end;
  };
  base::Bytes octets, out;
  std::vector<Block> blocks;
  for (const auto& point : points_) {
    point->ring().drain([&](const CaptureRing::Record& record) {
      if (octets.size() >= kPortion) return false;
      const std::size_t begin = octets.size();
      pcapng::append_packet(octets, {record.at, record.inbound, record.octets});
      blocks.push_back({record.at, begin, octets.size()});
      return true;
    });
  }
  if (blocks.empty()) return false;
  std::stable_sort(blocks.begin(), blocks.end(), [](const Block& a, const Block& b) { return a.at < b.at; });
  out.reserve(octets.size());
  for (const Block& block : blocks)
    base::append(out, base::ByteSpan(octets).subspan(block.begin, block.end - block.begin));
  totals_.packets += blocks.size();
  sink_->write(out);
  return true;
}

void Capture::refresh() {
  if (running() && options_.profile) refresh_waits_ = true;
}

void Capture::record_ike(const base::Endpoint& local, const base::Endpoint& remote, bool marked,
                         base::ByteSpan message, bool inbound) {
  if (running() && !done_)
    points_.back()->record_ike(local, remote, marked, message, inbound, monotonic_now());
}

}  // namespace daemon_app
