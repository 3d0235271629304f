// How long SAs live, and the numbers of those in counter mode.
#include <fmt/core.h>

#include <algorithm>

#include "apps/daemon/manual/table.h"
#include "config/manual_check.h"

namespace daemon_app {

using config::name_of;

namespace {

// How long packets wait at a trap that nobody answers.
constexpr std::chrono::seconds kTrapPatience{30};

std::uint64_t seconds_since(base::Instant then, base::Instant now) {
  return now > then ? static_cast<std::uint64_t>(base::whole_seconds(now - then)) : 0;
}

// What `passed` says of a limit. KLIPS compares strictly: the SA lives through its last second.
esp::LifeStage stage_of(const config::ManualLimit& limit, std::uint64_t passed) {
  if (limit.hard != 0 && passed > limit.hard) return esp::LifeStage::hard;
  if (limit.soft != 0 && passed > limit.soft) return esp::LifeStage::soft;
  return esp::LifeStage::fresh;
}

bool limits_time(const config::ManualLife& life) {
  return life.addtime != config::ManualLimit{} || life.usetime != config::ManualLimit{};
}

}  // namespace

void ManualTable::tell(const ManualSaEntry& sa, bool hard, const char* limit) {
  log_.write({hard ? base::LogLevel::warning : base::LogLevel::info,
              hard ? "sa-expired" : "sa-expires-soon",
              fmt::format("{} has reached {}{}", name_of(sa.spec), limit, hard ? ": it is deleted" : ""),
              {{"spi", base::to_hex(sa.spec.spi.value, 8)}}});
}

bool ManualTable::expire(base::ChildId name, bool hard) {
  const auto found = names_.find(name);
  if (found == names_.end()) return false;
  ManualSaEntry& sa = sas_.at(found->second);
  tell(sa, hard, "a limit of octets, packets or sequence numbers");
  if (hard) end_sa(sa);
  return true;
}

bool ManualTable::acquire(base::ChildId trap, const spd::PacketKey& packet, base::Instant now) {
  const auto found = std::find_if(policies_.begin(), policies_.end(),
                                  [&](const auto& one) { return one.second.name == trap; });
  if (found == policies_.end()) return false;
  asked_[trap] = now;
  log_.write({base::LogLevel::info,
              "acquire",
              "a packet waits at a trap for an SA",
              {{"local", packet.local.text()},
               {"remote", packet.remote.text()},
               {"protocol", std::to_string(packet.protocol)},
               {"local_port", std::to_string(packet.local_port)},
               {"remote_port", std::to_string(packet.remote_port)}}});
  return true;
}

// Even where policies name it by its id: they drop what they match from now on.
void ManualTable::end_sa(ManualSaEntry& sa) {
  std::vector<std::uint64_t> chain{sa.index};
  if (sa.group != 0) chain = dissolve(sa.group);
  for (const std::uint64_t member : chain) erase_sa(sas_.at(member));
  port_.publish();
}

void ManualTable::tick(base::Instant now) {
  std::erase_if(asked_, [&](const auto& one) {
    if (now - one.second < kTrapPatience) return false;
    port_.answer_trap(one.first);
    return true;
  });
  std::vector<std::uint64_t> ended;
  for (auto& [index, sa] : sas_) {
    keep_counter_ahead(sa);
    if (!limits_time(sa.spec.life)) continue;
    const auto first = base::Instant(base::Duration(sa.life->first.load()));
    const std::uint64_t used = first == base::Instant{} ? 0 : seconds_since(first, now);
    const esp::LifeStage stage = std::max(stage_of(sa.spec.life.addtime, seconds_since(sa.added, now)),
                                          stage_of(sa.spec.life.usetime, used));
    if (stage <= sa.told) continue;
    sa.told = stage;
    tell(sa, stage == esp::LifeStage::hard, "a limit of time");
    if (stage == esp::LifeStage::hard) ended.push_back(index);
  }
  for (const std::uint64_t index : ended) {
    if (ManualSaEntry* const sa = find(index)) end_sa(*sa);  // it may have gone with its group
  }
}

// Another block is written down when half of this one is used, so that the shard never waits for it.
void ManualTable::keep_counter_ahead(ManualSaEntry& sa) {
  if (sa.counter_key.empty() || !sa.out_owner || !carrier(sa).out_stands) return;
  const std::uint64_t next = sa.counter_base + sa.out->traffic.packets.load(std::memory_order_relaxed);
  if (next + CounterLedger::kBlock / 2 < sa.counter_end || next > ~CounterLedger::kBlock) return;
  const std::uint64_t end = next + CounterLedger::kBlock;
  const base::Status written = ledger_.extend(sa.counter_key, end);
  if (written.has_error()) {
    log_.write({base::LogLevel::error,
                "manual-counter",
                fmt::format("{} stops at number {}: {}", name_of(sa.spec), sa.counter_end - 1,
                            written.error().reason),
                {}});
    return;
  }
  sa.counter_end = end;
  port_.on_sender(*sa.out_owner, [out = sa.out, end] { out->sequence_ceiling = end; });
}

void ManualTable::close() {
  for (auto& [index, sa] : sas_) {
    if (sa.counter_key.empty() || sa.out == nullptr) continue;
    const base::Status written = ledger_.finish(sa.counter_key, sa.out->next_sequence);
    if (written.has_error())
      log_.write({base::LogLevel::warning, "manual-counter", written.error().reason, {}});
  }
}

}  // namespace daemon_app
