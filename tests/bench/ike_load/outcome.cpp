#include "tests/bench/ike_load/outcome.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

namespace ike_load {
namespace {

double milliseconds(base::Duration d) { return std::round(base::to_seconds(d) * 1e6) / 1e3; }

// The value that a share of all does not exceed; `sorted` is in order.
base::Duration quantile(const std::vector<base::Duration>& sorted, double share) {
  if (sorted.empty()) return {};
  const auto at = static_cast<std::size_t>(share * static_cast<double>(sorted.size()));
  return sorted[std::min(at, sorted.size() - 1)];
}

struct Summary {
  double rate = 0, median = 0, p99 = 0, longest = 0;
};
Summary summary(const Outcome& outcome) {
  auto sorted = outcome.latencies;
  std::sort(sorted.begin(), sorted.end());
  const double seconds = base::to_seconds(outcome.elapsed);
  const double rate = seconds > 0 ? static_cast<double>(sorted.size()) / seconds : 0;
  return {std::round(rate * 10) / 10, milliseconds(quantile(sorted, 0.5)),
          milliseconds(quantile(sorted, 0.99)), milliseconds(quantile(sorted, 1))};
}

}  // namespace

void Outcome::count_failure(const std::string& reason) {
  constexpr std::size_t kMostReasons = 8;
  const bool room = failures.size() < kMostReasons || failures.contains(reason);
  ++failures[room ? reason : "other reasons"];
}

std::size_t Outcome::failed() const {
  std::size_t sum = 0;
  for (const auto& [reason, count] : failures) sum += count;
  return sum;
}

std::string Outcome::json() const {
  const Summary s = summary(*this);
  const nlohmann::json out = {{"established", latencies.size()},
                              {"failed", failed()},
                              {"failures", failures},
                              {"gone", gone},
                              {"retransmits", retransmits},
                              {"seconds", milliseconds(elapsed) / 1e3},
                              {"processor_seconds", milliseconds(processor) / 1e3},
                              {"per_second", s.rate},
                              {"latency_ms", {{"median", s.median}, {"p99", s.p99}, {"max", s.longest}}}};
  return out.dump();
}

std::string Outcome::text() const {
  const Summary s = summary(*this);
  std::string out = fmt::format(
      "{} handshakes in {:.3f} s: {} a second, latency {} ms (median), {} ms (p99), {} ms (longest); {} "
      "requests "
      "sent again; {} failed; {:.3f} s of processor time here",
      latencies.size(), base::to_seconds(elapsed), s.rate, s.median, s.p99, s.longest, retransmits, failed(),
      base::to_seconds(processor));
  for (const auto& [reason, count] : failures) out += fmt::format("\n  {} times: {}", count, reason);
  return out;
}

}  // namespace ike_load
