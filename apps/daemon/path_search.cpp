#include "apps/daemon/path_search.h"

#include <algorithm>
#include <array>

namespace daemon_app {
namespace {

constexpr std::uint32_t kBase = 1280;  // what a search begins with where nothing is known
constexpr std::uint32_t kFine = 8;     // a search ends there
constexpr int kLosses = 2, kSilences = 3;

// For routers that do not tell, the next smaller one of the sizes that are common (RFC 1191 7.1).
std::uint32_t plateau_below(std::uint32_t size) {
  constexpr std::array<std::uint32_t, 7> kPlateaus = {8166, 4352, 2002, 1492, 1280, 1006, 576};
  for (const std::uint32_t plateau : kPlateaus) {
    if (plateau < size) return plateau;
  }
  return kPlateaus.back();
}

}  // namespace

PathSearch::PathSearch(std::uint32_t link_mtu, bool v6)
    : link_(link_mtu), floor_(std::min(link_mtu, v6 ? kFloorV6 : kFloorV4)), mtu_(link_mtu) {}

void PathSearch::set_link(std::uint32_t link_mtu) {
  if (link_mtu == link_) return;
  link_ = link_mtu;
  floor_ = std::min(floor_, link_);
  mtu_ = link_;
  searching_ = waiting_ = false;
  losses_ = silences_ = 0;
  next_ = {};
}

std::optional<PathSearch::Pair> PathSearch::look(base::Instant now, bool active) {
  if (waiting_ && now - sent_ >= kWait) take_stock(now);
  if (!answers_ && mtu_ < link_ && now >= raise_) mtu_ = link_;
  if (waiting_ || now < next_ || (!active && !searching_)) return {};
  if (!searching_) {
    if (answers_ && mtu_ < link_ && now >= raise_) {
      begin(mtu_, true, link_, link_);
    } else {
      target_ = mtu_;
    }
  }
  id_ += 2;
  waiting_ = true;
  short_answered_ = false;
  sent_ = now;
  return Pair{id_, target_};
}

void PathSearch::answered(std::uint32_t id, std::uint32_t size, base::Instant now) {
  if (!waiting_ || (id != id_ && id != id_ + 1)) return;
  answers_ = true;
  silences_ = 0;
  if (id != id_) {
    short_answered_ = true;
    return;
  }
  waiting_ = false;
  losses_ = 0;
  succeed(std::min(size, target_), now);
}

// Time is up for the pair on its way.
void PathSearch::take_stock(base::Instant now) {
  waiting_ = false;
  next_ = now;
  if (short_answered_) {
    if (++losses_ < kLosses) return;
    losses_ = 0;
    return fail(now);
  }
  if (++silences_ < kSilences) return;
  silences_ = 0;
  // A peer that knows nothing of probes, or that is away: liveness is the engine's business.
  next_ = now + (answers_ ? kConfirm : kRaise);
}

void PathSearch::succeed(std::uint32_t size, base::Instant now) {
  if (!searching_) {
    next_ = now + kConfirm;
    return;
  }
  // The block of the cipher goes no nearer.
  if (low_known_ && size <= low_) return settle(now);
  low_ = target_ == link_ ? link_ : size;
  low_known_ = true;
  high_ = std::max(high_, low_);
  mtu_ = std::max(mtu_, low_);
  step(now);
}

void PathSearch::fail(base::Instant now) {
  if (target_ <= floor_) return settle(now);  // still less is never used
  if (target_ <= mtu_ && !(searching_ && low_known_ && low_ < target_)) {
    // What is in use does not pass: what is assumed to pass is used at once.
    const std::uint32_t assumed = target_ > kBase ? std::max(kBase, floor_) : floor_;
    begin(assumed, false, target_ - 1, assumed);
    mtu_ = assumed;
    next_ = now;
    return;
  }
  high_ = std::max(low_, target_ - 1);
  step(now);
}

void PathSearch::begin(std::uint32_t low, bool low_known, std::uint32_t high, std::uint32_t target) {
  searching_ = true;
  low_ = low;
  low_known_ = low_known;
  high_ = high;
  target_ = target;
}

// What is probed next.
void PathSearch::step(base::Instant now) {
  next_ = now;
  if (!low_known_) {
    target_ = low_;
  } else if (high_ - low_ < kFine) {
    settle(now);
  } else {
    target_ = low_ + (high_ - low_ + 1) / 2;
  }
}

void PathSearch::settle(base::Instant now) {
  if (searching_) mtu_ = std::max(low_, floor_);
  searching_ = false;
  raise_ = now + kRaise;
  next_ = now + kConfirm;
}

void PathSearch::too_big(std::uint32_t told, std::uint32_t size, base::Instant now) {
  if (told == 0) told = plateau_below(size);
  if (told >= size) return;  // nonsense
  told = std::max(told, floor_);
  if (told > mtu_) {
    if (!searching_ || told >= high_) return;
    // A probe of a larger size was too long, and now it is known what is not.
    high_ = target_ = told;
  } else if (told == mtu_) {
    if (!searching_) return;
    high_ = std::max(low_, told);
    waiting_ = false;
    losses_ = 0;
    return step(now);
  } else {
    if (answers_) begin(told, false, mtu_, mtu_);  // the old size may pass all the same
    mtu_ = told;
    raise_ = now + kRaise;
  }
  waiting_ = false;
  losses_ = 0;
  next_ = now;
}

}  // namespace daemon_app
