#include "ikev2/sa/status_view.h"

#include <algorithm>
#include <string_view>
#include <unordered_map>

namespace ikev2 {
namespace {

const ChildPlan* plan_of(const State& state) {
  return std::visit(
      [](const auto& s) -> const ChildPlan* {
        if constexpr (requires { s.plan->offer; }) return s.plan.get();
        return nullptr;
      },
      state);
}

bool is_being_rekeyed(const IkeSa& sa, const ChildSa& child) {
  const ChildPlan* plan = plan_of(sa.ours.state);
  return plan != nullptr && plan->rekeys == child.id;
}

bool is_being_rekeyed(const IkeSa& sa) {
  const State& state = sa.ours.state;
  return sa.lifecycle == Lifecycle::rekeyed || std::holds_alternative<RekeyGenerating>(state) ||
         std::holds_alternative<RekeySent>(state) || std::holds_alternative<RekeyAgreeing>(state);
}

IkeKeys clone(const IkeKeys& keys) {
  return {keys.sk_d.clone(),  keys.sk_ai.clone(), keys.sk_ar.clone(), keys.sk_ei.clone(),
          keys.sk_er.clone(), keys.sk_pi.clone(), keys.sk_pr.clone()};
}

bool is_up(const IkeSa& sa, const PeerConfig& peer) {
  if (sa.lifecycle != Lifecycle::established) return false;
  const auto installed = sa.installed_names();
  // Every child with a start; any child, where none has one.
  bool any_start = false, all = true, any = false;
  for (const ChildConfig& child : peer.children) {
    const bool up = installed.count(child.name) != 0;
    any = any || up;
    if (child.start == Start::none) continue;
    any_start = true;
    all = all && up;
  }
  return any_start ? all : any;
}

ProfileStatus profile_status(const PeerRuntime& peer) {
  ProfileStatus status;
  status.name = peer.config->name;
  status.desired = peer.wanted ? "up" : !peer.traps.empty() ? "on-demand" : "none";
  status.actual = "down";
  status.last_error = peer.last_error;
  return status;
}

// What is there of each profile, in one pass over the SAs.
void add_actual(Core& core, std::vector<ProfileStatus>& profiles) {
  std::unordered_map<std::string_view, ProfileStatus*> by_name;
  for (ProfileStatus& profile : profiles) by_name.emplace(profile.name, &profile);
  for (const IkeSa* sa : core.sas.all()) {
    if (!sa->peer || sa->lifecycle == Lifecycle::deleting) continue;
    const auto found = by_name.find(sa->peer->name);
    if (found == by_name.end() || found->second->actual == "up") continue;
    if (is_up(*sa, *core.peers.find(sa->peer->name)->config)) {
      found->second->actual = "up";
    } else if (sa->initiator || sa->lifecycle == Lifecycle::established) {
      found->second->actual = "connecting";
    }
  }
}

}  // namespace

ChildStatus child_sa_status(const IkeSa& sa, const ChildSa& child, bool with_secrets) {
  ChildStatus status;
  status.id = child.id;
  status.name = child.config.name;
  const bool rekeying = child.state == ChildState::rekeyed || is_being_rekeyed(sa, child);
  status.state = child.state == ChildState::deleting ? "deleting" : rekeying ? "rekeying" : "installed";
  status.suite = child.suite;
  status.mode = child.mode;
  status.udp_encap = sa.udp_encap();
  status.spi_in = child.spi_in;
  status.spi_out = child.spi_out;
  status.selectors = child.selectors;
  status.installed_at = child.installed_at;
  status.rekey_at = child.rekey_at;
  status.we_initiated = child.we_initiated;
  if (with_secrets) {
    status.keys =
        ChildKeys{child.keys.initiator_to_responder.clone(), child.keys.responder_to_initiator.clone()};
  }
  return status;
}

namespace {

IkeSaStatus without_children(const IkeSa& sa, bool with_secrets) {
  IkeSaStatus status;
  status.profile = sa.peer ? sa.peer->name : "";
  status.state = sa.lifecycle == Lifecycle::connecting ? "connecting"
                 : sa.lifecycle == Lifecycle::deleting ? "deleting"
                 : is_being_rekeyed(sa)                ? "rekeying"
                                                       : "established";
  status.initiator = sa.initiator;
  status.spi_i = sa.spi_i;
  status.spi_r = sa.spi_r;
  status.local = {sa.local, sa.local_id, sa.local_behind_nat};
  status.remote = {sa.remote, sa.remote_id, sa.remote_behind_nat};
  status.suite = sa.suite;
  status.established_at = sa.established_at;
  status.rekey_at = sa.rekey_at;
  status.nonce_i = sa.nonce_i;
  status.nonce_r = sa.nonce_r;
  if (with_secrets) status.keys = clone(sa.keys);
  return status;
}

}  // namespace

IkeSaStatus ike_sa_status(const IkeSa& sa, bool with_secrets) {
  IkeSaStatus status = without_children(sa, with_secrets);
  for (const ChildSa& child : sa.children)
    status.children.push_back(child_sa_status(sa, child, with_secrets));
  return status;
}

EngineStatus engine_summary(Core& core) {
  EngineStatus status;
  for (const auto& [name, peer] : core.peers.all()) status.profiles.push_back(profile_status(peer));
  add_actual(core, status.profiles);
  status.half_open = core.sas.half_open().count();
  for (std::uint8_t i = 0; i < static_cast<std::uint8_t>(IkeCounter::count_); ++i) {
    const auto counter = static_cast<IkeCounter>(i);
    if (const auto value = core.counters.get(counter); value != 0)
      status.counters.emplace_back(name(counter), value);
  }
  return status;
}

EngineStatus engine_status(Core& core, bool with_secrets) {
  EngineStatus status = engine_summary(core);
  for (const IkeSa* sa : core.sas.all()) status.ike_sas.push_back(ike_sa_status(*sa, with_secrets));
  return status;
}

std::vector<IkeSaOutline> sa_outline(Core& core, bool with_selectors) {
  std::vector<IkeSaOutline> out;
  out.reserve(core.sas.size());
  for (const IkeSa* sa : core.sas.all()) {
    IkeSaOutline& one =
        out.emplace_back(IkeSaOutline{sa->id, sa->peer ? sa->peer->name : "", sa->spi_r, {}, {}, {}});
    one.children.reserve(sa->children.size());
    one.rekey_at.reserve(sa->children.size());
    for (const ChildSa& child : sa->children) {
      one.children.push_back(child.id);
      one.rekey_at.push_back(child.rekey_at);
      if (with_selectors) one.selectors.push_back(child.selectors);
    }
  }
  return out;
}

std::optional<IkeSaStatus> ike_sa_part(Core& core, std::uint64_t id, std::span<const base::ChildId> children,
                                       bool with_secrets) {
  const IkeSa* const sa = core.sas.find(id);
  if (sa == nullptr) return std::nullopt;
  IkeSaStatus status = without_children(*sa, with_secrets);
  auto next = children.begin();  // most names come in the order of the children
  const auto named = [&](base::ChildId name) {
    auto found = std::find(next, children.end(), name);
    if (found == children.end() && (found = std::find(children.begin(), next, name)) == next) return false;
    next = found + 1;
    return true;
  };
  for (const ChildSa& child : sa->children) {
    if (status.children.size() == children.size()) break;
    if (named(child.id)) status.children.push_back(child_sa_status(*sa, child, with_secrets));
  }
  return status;
}

std::optional<base::ChildId> child_by_spi(Core& core, base::Spi spi) {
  std::optional<base::ChildId> by_other;
  for (const IkeSa* sa : core.sas.all()) {
    for (const ChildSa& child : sa->children) {
      if ((sa->initiator ? child.spi_in : child.spi_out) == spi) return child.id;
      if ((sa->initiator ? child.spi_out : child.spi_in) == spi) by_other = child.id;
    }
  }
  return by_other;
}

std::vector<NatPath> nat_paths(Core& core) {
  std::vector<NatPath> out;
  for (const IkeSa* sa : core.sas.all()) {
    const bool stands = sa->lifecycle != Lifecycle::connecting && sa->lifecycle != Lifecycle::deleting;
    if (stands && sa->local_behind_nat) out.push_back({sa->local, sa->remote});
  }
  return out;
}

}  // namespace ikev2
