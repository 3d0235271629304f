// SAs as users add and take them.
#include <fmt/core.h>

#include <algorithm>

#include "apps/daemon/manual/table.h"
#include "config/manual_check.h"

namespace daemon_app {

using config::counts;
using config::ManualSa;
using config::ManualSaRef;
using config::name_of;
using config::said_of;

namespace {

std::string text_of(const ManualSaRef& name) {
  if (const auto* id = std::get_if<std::uint32_t>(&name)) return fmt::format("sa {}", *id);
  if (const auto* said = std::get_if<base::Said>(&name)) return said_text(*said, base::SaidForm::hex);
  return "an SA without a name";
}

// Of a key, within this process alone.
std::size_t hash_of(const base::SecretBytes& key) {
  return std::hash<std::string_view>{}(base::as_text(key.span()));
}

bool same_key(const base::SecretBytes& a, const base::SecretBytes& b) {
  return !a.empty() && base::constant_time_equal(a, b);
}

}  // namespace

ManualTable::ManualTable(ManualPort& port, CounterLedger& ledger, base::LogSink& log)
    : port_(port), ledger_(ledger), log_(log) {}

ManualSaEntry* ManualTable::find(std::uint64_t index) {
  const auto found = sas_.find(index);
  return found == sas_.end() ? nullptr : &found->second;
}

ManualSaEntry* ManualTable::find(const ManualSaRef& name) {
  if (const auto* id = std::get_if<std::uint32_t>(&name)) {
    const auto found = by_id_.find(*id);
    return found == by_id_.end() ? nullptr : find(found->second);
  }
  const auto* said = std::get_if<base::Said>(&name);
  if (said == nullptr) return nullptr;
  const auto [begin, end] = by_said_.equal_range(*said);
  ManualSaEntry* best = nullptr;
  for (auto it = begin; it != end; ++it) {
    ManualSaEntry* const one = find(it->second);
    if (best == nullptr || !one->spec.id) best = one;  // one without an id has this name for itself
  }
  return best;
}

ManualOutcome ManualTable::check_new(const ManualSa& sa, std::vector<std::string>& warnings) const {
  const base::Status valid = check_sa(sa, warnings);
  if (valid.has_error()) return ManualOutcome::refused("usage", valid.error().reason);
  if (sa.id && by_id_.contains(*sa.id)) return ManualOutcome::refused("exists", name_of(sa) + " exists");
  const auto [begin, end] = by_said_.equal_range(said_of(sa));
  const bool taken =
      !sa.id && std::any_of(begin, end, [&](const auto& named) { return !sas_.at(named.second).spec.id; });
  if (taken) return ManualOutcome::refused("exists", name_of(sa) + " exists");
  const base::Status shared = check_shared_key(sa, warnings);
  if (shared.has_error()) return ManualOutcome::refused("failed", shared.error().reason);
  return {};
}

base::Status ManualTable::check_shared_key(const ManualSa& sa, std::vector<std::string>& warnings) const {
  const auto other_with = [&](const base::SecretBytes& key, auto&& of) -> const ManualSaEntry* {
    const auto [begin, end] = by_key_.equal_range(hash_of(key));
    for (auto it = begin; it != end; ++it) {
      const ManualSaEntry& other = sas_.at(it->second);
      if (same_key(key, of(other.spec))) return &other;
    }
    return nullptr;
  };
  const auto encr_key = [](const ManualSa& one) -> const base::SecretBytes& { return one.encr_key; };
  const auto integ_key = [](const ManualSa& one) -> const base::SecretBytes& { return one.integ_key; };
  const ManualSaEntry* other = other_with(sa.encr_key, encr_key);
  if (other != nullptr && (counts(sa.cipher) || counts(other->spec.cipher))) {
    // One number under one key twice gives the text away, and with GCM the authentication key too.
    return base::local_error(name_of(other->spec) +
                             " has the same key: a cipher in counter mode must be the only one under it");
  }
  if (other == nullptr) other = other_with(sa.integ_key, integ_key);
  if (other != nullptr)
    warnings.push_back(name_of(other->spec) + " has the same key: each direction should have its own");
  return {};
}

void ManualTable::remember_keys(const ManualSaEntry& sa) {
  by_key_.emplace(hash_of(sa.spec.encr_key), sa.index);
  by_key_.emplace(hash_of(sa.spec.integ_key), sa.index);
}

// `keys` are those that the SA had.
void ManualTable::forget_keys(const ManualSaEntry& sa, const ManualKeys& keys) {
  for (const base::SecretBytes* key : {&keys.encr, &keys.integ}) {
    const auto [begin, end] = by_key_.equal_range(hash_of(*key));
    const auto found = std::find_if(begin, end, [&](const auto& one) { return one.second == sa.index; });
    if (found != end) by_key_.erase(found);
  }
}

ManualOutcome ManualTable::add_sa(ManualSa spec, base::Instant now) {
  std::vector<std::string> warnings;
  ManualOutcome refusal = check_new(spec, warnings);
  if (!refusal.ok()) return refusal;
  const std::uint64_t index = next_index_++;
  ManualSaEntry& sa = sas_[index];
  sa.index = index;
  sa.spec = std::move(spec);
  sa.added = now;
  sa.in_name = next_name();
  sa.out_name = next_out_name();
  sa.life = std::make_shared<esp::ChildLife>();
  names_[sa.in_name] = names_[sa.out_name] = index;
  by_said_.emplace(said_of(sa.spec), index);
  if (sa.spec.id) by_id_[*sa.spec.id] = index;
  remember_keys(sa);
  const std::vector<std::uint64_t> policies = waiting_for(sa.spec);
  for (const std::uint64_t policy : policies) {
    fall(policies_.at(policy));
    resolve(policies_.at(policy));
  }
  const base::Status settled = settle(sa);
  if (settled.has_error()) {
    erase_sa(sa);
    return ManualOutcome::refused("failed", settled.error().reason);
  }
  for (const std::uint64_t policy : policies) stand(policies_.at(policy));
  port_.publish();
  return {"", "", std::move(warnings), index};
}

std::vector<std::uint64_t> ManualTable::waiting_for(const ManualSa& sa) const {
  std::vector<std::uint64_t> policies;
  const auto collect = [&](const ManualSaRef& name) {
    const auto [begin, end] = waiting_.equal_range(name);
    for (auto it = begin; it != end; ++it) policies.push_back(it->second);
  };
  collect(said_of(sa));
  if (sa.id) collect(*sa.id);
  return policies;
}

ManualOutcome ManualTable::replace_sa(ManualSa spec, base::Instant now) {
  const ManualSaRef name = spec.id ? ManualSaRef(*spec.id) : ManualSaRef(said_of(spec));
  std::vector<std::string> warnings;
  const base::Status valid = check_sa(spec, warnings);
  if (valid.has_error()) return ManualOutcome::refused("usage", valid.error().reason);
  if (find(name) != nullptr) {
    ManualOutcome deleted = delete_sa(name);
    if (!deleted.ok()) return deleted;
  }
  return add_sa(std::move(spec), now);
}

// The policies that name it wait for another SA of that name.
void ManualTable::erase_sa(ManualSaEntry& sa) {
  for (const std::uint64_t index : std::set(sa.policies)) {
    ManualPolicyEntry& policy = policies_.at(index);
    fall(policy);
    policy.sa = 0;
    waiting_.emplace(policy.spec.sa, index);
  }
  withdraw(sa);
  names_.erase(sa.in_name);
  names_.erase(sa.out_name);
  const auto [begin, end] = by_said_.equal_range(said_of(sa.spec));
  by_said_.erase(std::find_if(begin, end, [&](const auto& named) { return named.second == sa.index; }));
  if (sa.spec.id) by_id_.erase(*sa.spec.id);
  forget_keys(sa, {{}, std::move(sa.spec.encr_key), std::move(sa.spec.integ_key)});
  std::set<std::uint64_t> waiting;
  waiting.swap(sa.policies);
  sas_.erase(sa.index);
  for (const std::uint64_t index : waiting) stand(policies_.at(index));
}

ManualOutcome ManualTable::delete_sa(const ManualSaRef& name) {
  ManualSaEntry* const sa = find(name);
  if (sa == nullptr) return ManualOutcome::refused("not-found", "there is no " + text_of(name));
  std::vector<std::uint64_t> chain{sa->index};
  if (sa->group != 0) chain = groups_.at(sa->group).members;
  for (const std::uint64_t member : chain) {
    for (const std::uint64_t policy : sas_.at(member).policies) {
      if (!std::holds_alternative<std::uint32_t>(policies_.at(policy).spec.sa)) continue;
      return ManualOutcome::refused("in-use", name_of(sas_.at(member).spec) + " is used by policies");
    }
  }
  if (sa->group != 0) dissolve(sa->group);
  for (const std::uint64_t member : chain) erase_sa(sas_.at(member));
  port_.publish();
  return {};
}

ManualOutcome ManualTable::clear_sas() {
  while (!groups_.empty()) dissolve(groups_.begin()->first);
  std::vector<std::uint64_t> kept;
  for (auto it = sas_.begin(); it != sas_.end();) {
    ManualSaEntry& sa = (it++)->second;
    const bool used = std::any_of(sa.policies.begin(), sa.policies.end(), [&](std::uint64_t policy) {
      return std::holds_alternative<std::uint32_t>(policies_.at(policy).spec.sa);
    });
    if (used) {
      kept.push_back(sa.index);
    } else {
      erase_sa(sa);
    }
  }
  port_.publish();
  if (kept.empty()) return {};
  return ManualOutcome::refused(
      "in-use", fmt::format("policies use {} SAs, which stay: delete the policies first", kept.size()));
}

// Makes ciphers of the keys in `sa.spec`, and gives them to the shards that own its two sides.
base::Status ManualTable::change_ciphers(ManualSaEntry& sa) {
  const auto change = [&](const auto& live, auto&& run) -> base::Status {
    if (live == nullptr) return {};
    crypto::CipherSpec algorithms = live->params.suite.cipher;
    if (live->is_ah()) algorithms.encr = crypto::Encr::null;
    ASSIGN_OR_RETURN(auto cipher, port_.provider().cipher(algorithms, sa.spec.encr_key, sa.spec.integ_key));
    auto shared = std::make_shared<std::unique_ptr<crypto::Cipher>>(std::move(cipher));
    run([live, shared] { live->cipher.swap(*shared); });
    return {};
  };
  // Where nobody has it, any thread will do.
  const base::Spi in_owner = sa.in_owner.value_or(owner_spi(sa));
  const base::ChildId out_owner = sa.out_owner.value_or(sa.out_name);
  RETURN_IF_ERROR(change(sa.in, [&](auto task) { port_.on_receiver(in_owner, std::move(task)); }));
  return change(sa.out, [&](auto task) { port_.on_sender(out_owner, std::move(task)); });
}

// Numbers and replay windows go on: the two ends need not change at once to agree about them.
ManualOutcome ManualTable::change_keys(ManualKeys keys) {
  ManualSaEntry* const sa = find(keys.sa);
  if (sa == nullptr) return ManualOutcome::refused("not-found", "there is no " + text_of(keys.sa));
  if (counts(sa->spec.cipher)) {
    // The number that goes on must be new under the new key, which only the ledger knows.
    return ManualOutcome::refused(
        "failed",
        "keys of a cipher in counter mode do not change in place: add another SA, then delete this");
  }
  const auto swap = [&] {
    std::swap(sa->spec.encr_key, keys.encr);
    std::swap(sa->spec.integ_key, keys.integ);
  };
  swap();
  std::vector<std::string> unrelated;
  base::Status changed = check_sa(sa->spec, unrelated);
  const bool valid = !changed.has_error();
  if (valid) changed = change_ciphers(*sa);
  if (changed.has_error()) {
    swap();
    return ManualOutcome::refused(valid ? "failed" : "usage", changed.error().reason);
  }
  forget_keys(*sa, keys);
  remember_keys(*sa);
  return {};
}

}  // namespace daemon_app
