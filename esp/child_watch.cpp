#include "esp/child_watch.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include "esp/lifetime.h"

namespace esp {
namespace {

std::int64_t nanoseconds(base::Instant now) {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(now.time_since_epoch()).count();
}

// Whether the SA has carried packets since the last look.
template <class Sa>
bool moved(Sa& sa) {
  const std::uint64_t packets = sa.traffic.packets.load(std::memory_order_relaxed);
  return std::exchange(sa.watched.packets, packets) != packets;
}

// The stage that is to be reported now, once for both halves of a child.
template <class Sa>
void report_stage(const Sa& sa, const ChildWatch::Report& report) {
  if (sa.life == nullptr) return;
  const LifeStage stage = life_stage(sa);
  LifeStage before = sa.life->reported.load();
  while (before < stage) {
    if (!sa.life->reported.compare_exchange_weak(before, stage)) continue;
    return report.expired(sa.params.child, stage == LifeStage::hard);
  }
}

void note_moment(std::atomic<std::int64_t>& last, ChildLife& life, std::int64_t moment) {
  last.store(moment);
  std::int64_t none = 0;
  life.first.compare_exchange_strong(none, moment);
}

// Asked by the outbound half alone, so that it is told once.
void report_silence(OutboundSa& sa, std::int64_t now, const ChildWatch::Report& report) {
  ChildLife* const life = sa.life.get();
  if (life == nullptr || life->inactivity == 0) return;
  // Neither has carried any: the silence begins with the first look.
  if (life->last_out.load() == 0 && life->last_in.load() == 0) life->last_out.store(now);
  const bool silent = now - std::max(life->last_in.load(), life->last_out.load()) >= life->inactivity;
  if (silent && !sa.watched.silent) report.inactive(sa.params.child);
  sa.watched.silent = silent;
}

}  // namespace

void ChildWatch::look(base::Instant now, const Report& report) {
  const std::int64_t moment = nanoseconds(now);
  for (const auto& [spi, sa] : sad_.inbound()) {
    if (sa->seen) report.seen(sa->params.child);
    sa->seen = false;
    if (moved(*sa) && sa->life != nullptr) note_moment(sa->life->last_in, *sa->life, moment);
    report_stage(*sa, report);
  }
  for (const auto& [id, bundle] : sad_.bundles()) {
    for (const auto& sa : bundle->outbound) {
      if (moved(*sa) && sa->life != nullptr) note_moment(sa->life->last_out, *sa->life, moment);
      report_stage(*sa, report);
      report_silence(*sa, moment, report);
    }
  }
}

}  // namespace esp
