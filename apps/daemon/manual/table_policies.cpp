// Policies, SPDs and what they are bound to.
#include <fmt/core.h>

#include <algorithm>

#include "apps/daemon/manual/names.h"
#include "apps/daemon/manual/table.h"
#include "config/manual_check.h"

namespace daemon_app {

using config::ManualPolicy;
using spd::Action;
using spd::Direction;

namespace {

// Of two eroutes with one key one is enough; of an SPD's policies those of one key differ in their SA alone.
std::string rule_key(const ManualPolicy& policy) {
  const bool eroute = policy.spd == ManualPolicy::kEroutes;
  return fmt::format("{} {} {} {} {} {}", policy.spd, static_cast<int>(policy.direction), policy.local.text(),
                     policy.remote.text(), eroute ? 0 : policy.priority.value_or(0),
                     eroute ? "" : spd::name(policy.action));
}

spd::SelectorPair selectors_of(const ManualPolicy& policy) { return {{policy.local}, {policy.remote}}; }

std::int32_t priority_of(const ManualPolicy& policy) {
  return policy.priority.value_or(spd::priority_of(selectors_of(policy)));
}

bool discards(const ManualPolicy& policy) {
  return policy.action == Action::discard || policy.action == Action::reject;
}

std::string text_of(const ManualPolicy& policy) {
  return fmt::format("{} {} -> {}", policy.direction == Direction::outbound ? "outbound" : "inbound",
                     policy.local.text(), policy.remote.text());
}

}  // namespace

bool ManualTable::holds(const ManualPolicyEntry& policy) const {
  if (policy.spec.spd == ManualPolicy::kEroutes) return true;
  const auto found = spds_.find(policy.spec.spd);
  return found != spds_.end() && !found->second.empty();
}

// Finds the SA that a policy names; where there is none, the policy waits for it.
void ManualTable::resolve(ManualPolicyEntry& policy) {
  if (std::holds_alternative<std::monostate>(policy.spec.sa)) return;
  ManualSaEntry* const sa = find(policy.spec.sa);
  const auto [begin, end] = waiting_.equal_range(policy.spec.sa);
  const auto waits = std::find_if(begin, end, [&](const auto& one) { return one.second == policy.index; });
  if (waits != end) waiting_.erase(waits);
  if (sa == nullptr) waiting_.emplace(policy.spec.sa, policy.index);
  policy.sa = sa == nullptr ? 0 : sa->index;
  if (sa != nullptr) sa->policies.insert(policy.index);
}

RoutedChild ManualTable::routed(ManualPolicyEntry& policy) {
  RoutedChild child;
  child.selectors = selectors_of(policy.spec);
  child.priority = priority_of(policy.spec);
  if (policy.spec.direction == Direction::inbound) return routed_inbound(policy.spec, std::move(child));
  if (discards(policy.spec)) child.use = tun::PathUse::routed;
  if (policy.sa == 0) return child;
  ManualSaEntry& sa = carrier(sas_.at(policy.sa));
  child.inner_mtu = sa.inner_mtu;
  child.outer_local = sa.out_ends.local;
  if (is_transform(sa.spec) || !sa.out_stands) return child;
  const Layers layers = layers_of(sa);
  child.outer_remote = sa.out_ends.remote;
  child.plain = plain_protocols(layers);
  // IPComp in transport mode sends in clear, as it is, what does not become smaller (RFC 3173 2.2).
  const bool tunnel = tunnel_of(sa) != nullptr || layers.front()->spec.mode == ikev2::Mode::tunnel;
  if (!tunnel) child.use = tun::PathUse::routed;
  return child;
}

// Of inbound policies those that discard are for what comes in clear as well, which the guard knows by its
// addresses alone. A bypass lets in what comes by the interfaces of its SPD; others say only which bypasses
// they stand before. The guard does not know which of a discard and a bypass of one priority was there first:
// the discard holds.
RoutedChild ManualTable::routed_inbound(const ManualPolicy& spec, RoutedChild child) const {
  const auto takes_all = [](const spd::TrafficSelector& side) {
    return side.protocol == 0 && side.all_ports();
  };
  const bool keeps_out = discards(spec) && takes_all(spec.local) && takes_all(spec.remote);
  child.use = keeps_out ? tun::PathUse::kept_out : tun::PathUse::none;
  child.priority = std::int64_t{priority_of(spec)} + (discards(spec) ? 1 : 0);
  child.bypass = spec.action == Action::bypass;
  const auto spd = spds_.find(spec.spd);
  if (!child.bypass || spd == spds_.end()) return child;
  for (const std::string& interface : spd->second) child.interfaces.push_back(port_.linux_name(interface));
  return child;
}

spd::Policy ManualTable::rule_of(const ManualPolicyEntry& policy) const {
  spd::Policy rule;
  rule.id = policy.name.value;
  rule.selectors = selectors_of(policy.spec);
  rule.priority = priority_of(policy.spec);
  rule.direction = policy.spec.direction;
  rule.action = policy.spec.action;
  rule.bundle = policy.bundle;
  rule.name = fmt::format("manual/{}", policy.index);
  rule.traffic = policy.traffic;
  return rule;
}

ManualPolicyEntry* ManualTable::find_policy(base::ChildId name) {
  const auto found = by_name_.find(name);
  return found == by_name_.end() ? nullptr : &policies_.at(found->second);
}

// What bypasses on its way out needs no way into our device: only where another policy has one does it come
// here.
bool ManualTable::concerns_routing(const config::ManualPolicy& spec) {
  return spec.direction == Direction::inbound || spec.action != Action::bypass;
}

void ManualTable::stand(ManualPolicyEntry& policy) {
  if (policy.stands || !holds(policy)) return;
  policy.bundle = policy.sa == 0 ? policy.name : carrier(sas_.at(policy.sa)).out_name;
  port_.add_policy(rule_of(policy));
  if (concerns_routing(policy.spec)) port_.route(policy.name, routed(policy));
  policy.stands = true;
}

void ManualTable::fall(ManualPolicyEntry& policy) {
  if (!policy.stands) return;
  port_.remove_policy(policy.bundle, policy.name.value);
  if (policy.child) port_.remove_policy(*policy.child, stand_in_id(policy.name));
  policy.child.reset();
  port_.unroute(policy.name);
  policy.stands = false;
}

base::Status ManualTable::restand(ManualPolicyEntry& policy) {
  if (policy.sa != 0) RETURN_IF_ERROR(settle(sas_.at(policy.sa)));
  fall(policy);
  stand(policy);
  return {};
}

ManualOutcome ManualTable::add_policy(ManualPolicy spec) {
  const base::Status valid = check_policy(spec);
  if (valid.has_error()) return ManualOutcome::refused("usage", valid.error().reason);
  const bool eroute = spec.spd == ManualPolicy::kEroutes;
  if (!eroute && !spds_.contains(spec.spd))
    return ManualOutcome::refused("not-found", fmt::format("no such spd-id: {}", spec.spd));
  if (find_same(spec) != nullptr)
    return ManualOutcome::refused("exists", fmt::format("there is a policy {}", text_of(spec)));
  if (const auto* id = std::get_if<std::uint32_t>(&spec.sa); id != nullptr && find(spec.sa) == nullptr)
    return ManualOutcome::refused("not-found", fmt::format("there is no sa {}", *id));
  return insert_policy(std::move(spec));
}

ManualOutcome ManualTable::insert_policy(ManualPolicy spec) {
  const std::uint64_t index = next_index_++;
  ManualPolicyEntry& policy = policies_[index];
  policy.index = index;
  policy.spec = std::move(spec);
  policy.name = next_name();
  policy.traffic = std::make_shared<std::vector<spd::PolicyTraffic>>(port_.lanes());
  by_rule_.emplace(rule_key(policy.spec), index);
  by_name_[policy.name] = index;
  resolve(policy);
  const base::Status settled = restand(policy);
  if (settled.has_error()) {
    erase_policy(index);
    return ManualOutcome::refused("failed", settled.error().reason);
  }
  port_.publish();
  return {"", "", {}, index};
}

void ManualTable::erase_policy(std::uint64_t index) {
  ManualPolicyEntry& policy = policies_.at(index);
  fall(policy);
  const auto drop = [&](auto& table, const auto& key) {
    const auto [begin, end] = table.equal_range(key);
    const auto found = std::find_if(begin, end, [&](const auto& one) { return one.second == index; });
    if (found != end) table.erase(found);
  };
  drop(by_rule_, rule_key(policy.spec));
  by_name_.erase(policy.name);
  asked_.erase(policy.name);
  drop(waiting_, policy.spec.sa);
  ManualSaEntry* const sa = find(policy.sa);
  if (sa != nullptr) sa->policies.erase(index);
  policies_.erase(index);
  if (sa == nullptr) return;
  const base::Status settled = settle(*sa);
  if (settled.has_error()) log_.write({base::LogLevel::warning, "manual-sa", settled.error().reason, {}});
}

ManualPolicyEntry* ManualTable::find_same(const ManualPolicy& policy) {
  const auto [begin, end] = by_rule_.equal_range(rule_key(policy));
  for (auto it = begin; it != end; ++it) {
    ManualPolicyEntry& one = policies_.at(it->second);
    const bool named = !std::holds_alternative<std::monostate>(policy.sa);
    const bool any = policy.spd == ManualPolicy::kEroutes || !named;
    if (any || one.spec.sa == policy.sa) return &one;
  }
  return nullptr;
}

// The new one stands before the old one goes: nothing passes between them in clear.
ManualOutcome ManualTable::replace_eroute(ManualPolicy eroute) {
  const base::Status valid = check_policy(eroute);
  if (valid.has_error()) return ManualOutcome::refused("usage", valid.error().reason);
  const ManualPolicyEntry* const before = find_same(eroute);
  if (before == nullptr) return insert_policy(std::move(eroute));
  const std::uint64_t old = before->index;
  ManualOutcome added = insert_policy(std::move(eroute));
  if (!added.ok()) return added;
  erase_policy(old);
  port_.publish();
  return added;
}

ManualOutcome ManualTable::delete_policy(const ManualPolicy& policy) {
  const ManualPolicyEntry* const found = find_same(policy);
  if (found == nullptr) return ManualOutcome::refused("not-found", "no policy " + text_of(policy));
  erase_policy(found->index);
  port_.publish();
  return {};
}

ManualOutcome ManualTable::clear_policies(std::uint32_t spd) {
  for (auto it = policies_.begin(); it != policies_.end();) {
    const ManualPolicyEntry& policy = (it++)->second;
    if (policy.spec.spd == spd) erase_policy(policy.index);
  }
  port_.publish();
  return {};
}

ManualOutcome ManualTable::add_spd(std::uint32_t spd) {
  if (!spds_.try_emplace(spd).second)
    return ManualOutcome::refused("exists", fmt::format("spd {} exists", spd));
  return {};
}

ManualOutcome ManualTable::delete_spd(std::uint32_t spd) {
  if (!spds_.contains(spd))
    return ManualOutcome::refused("not-found", fmt::format("no such spd-id: {}", spd));
  clear_policies(spd);
  spds_.erase(spd);
  return {};
}

base::Status ManualTable::restand_spd(std::uint32_t spd) {
  for (auto& [index, policy] : policies_) {
    if (policy.spec.spd == spd) RETURN_IF_ERROR(restand(policy));
  }
  return {};
}

ManualOutcome ManualTable::bind(const config::ManualBinding& binding) {
  const auto found = spds_.find(binding.spd);
  if (found == spds_.end())
    return ManualOutcome::refused("not-found", fmt::format("no such spd-id: {}", binding.spd));
  for (const auto& [spd, interfaces] : spds_) {
    if (interfaces.contains(binding.interface))
      return ManualOutcome::refused(
          "exists", fmt::format("spd already assigned: {} has spd {}", binding.interface, spd));
  }
  found->second.insert(binding.interface);
  const base::Status stood = restand_spd(binding.spd);
  if (stood.has_error()) {
    unbind(binding);
    return ManualOutcome::refused("failed", stood.error().reason);
  }
  port_.publish();
  return {};
}

ManualOutcome ManualTable::unbind(const config::ManualBinding& binding) {
  const auto found = spds_.find(binding.spd);
  if (found == spds_.end() || found->second.erase(binding.interface) == 0) {
    return ManualOutcome::refused("not-found",
                                  fmt::format("spd {} is not bound to {}", binding.spd, binding.interface));
  }
  const base::Status stood = restand_spd(binding.spd);
  port_.publish();
  if (stood.has_error()) log_.write({base::LogLevel::warning, "manual-sa", stood.error().reason, {}});
  return {};
}

}  // namespace daemon_app
