#include "apps/daemon/reload_runner.h"

#include <boost/asio/post.hpp>

namespace daemon_app {
namespace {

const ikev2::ProfileStatus* profile_of(const ikev2::EngineStatus& status, const std::string& name) {
  for (const auto& profile : status.profiles) {
    if (profile.name == name) return &profile;
  }
  return nullptr;
}

// The children of that name, of all IKE SAs of the profile.
std::vector<base::ChildId> children_of(const ikev2::EngineStatus& status, const std::string& profile,
                                       const std::string& name) {
  std::vector<base::ChildId> out;
  for (const auto& sa : status.ike_sas) {
    if (sa.profile != profile) continue;
    for (const auto& child : sa.children) {
      if (child.name == name && child.state == "installed") out.push_back(child.id);
    }
  }
  return out;
}

}  // namespace

void ReloadRunner::run(ReloadPlan plan) {
  const std::vector<ProfileStep> steps = plan.steps;
  std::map<std::string, ikev2::PeerConfigPtr> before;
  for (const auto& [name, profile] : parts_.config.profiles()) before[name] = profile.peer;
  parts_.config.adopt(std::move(plan));
  for (const ProfileStep& step : steps) {
    const auto found = parts_.config.profiles().find(step.profile);
    const ikev2::PeerConfigPtr fresh = found == parts_.config.profiles().end() ? nullptr : found->second.peer;
    if (before[step.profile] != fresh) change(step, fresh);
  }
}

void ReloadRunner::change(const ProfileStep& step, const ikev2::PeerConfigPtr& fresh) {
  switch (step.action) {
    case ReloadAction::remove:
      return parts_.command(ikev2::RemovePeer{step.profile});
    case ReloadAction::add:
      return parts_.command(ikev2::AddPeer{fresh});
    case ReloadAction::replace:
      return replace(step.profile, fresh);
    case ReloadAction::reauth:
      parts_.command(ikev2::ReplacePeer{fresh, false});
      return parts_.command(ikev2::Reauthenticate{{}, step.profile});
    case ReloadAction::keep:
    case ReloadAction::rekey:
      break;
  }
  for (const ChildStep& child : step.children) {
    if (child.action != ReloadAction::remove) continue;
    for (const base::ChildId id : children_of(parts_.status(), step.profile, child.child))
      parts_.command(ikev2::TerminateChild{{}, id});
  }
  parts_.command(ikev2::ReplacePeer{fresh, true});
  if (step.action == ReloadAction::rekey) {
    for (const auto& sa : parts_.status().ike_sas) {
      if (sa.profile == step.profile && sa.state == "established")
        parts_.command(ikev2::RekeyIkeSa{{}, sa.spi_i});
    }
  }
  for (const ChildStep& child : step.children) change_child(*fresh, child);
}

// What was up comes up again, also where nobody but a command had asked for it.
void ReloadRunner::replace(const std::string& name, const ikev2::PeerConfigPtr& fresh) {
  const ikev2::EngineStatus status = parts_.status();
  const ikev2::ProfileStatus* profile = profile_of(status, name);
  const bool was_up = profile != nullptr && profile->actual != "down";
  parts_.command(ikev2::RemovePeer{name});
  parts_.command(ikev2::AddPeer{fresh});
  if (was_up && fresh->can_initiate()) parts_.command(ikev2::Initiate{{}, name, {}});
}

void ReloadRunner::change_child(const ikev2::PeerConfig& peer, const ChildStep& step) {
  const ikev2::EngineStatus status = parts_.status();
  const auto ids = children_of(status, peer.name, step.child);
  if (step.action == ReloadAction::rekey) {
    for (const base::ChildId id : ids) parts_.command(ikev2::RekeyOneChild{{}, id});
  } else if (step.action == ReloadAction::replace) {
    for (const base::ChildId id : ids) bring_up_again(peer.name, step.child, id);
  }
  const ikev2::ChildConfig* child = peer.find_child(step.child);
  const ikev2::ProfileStatus* profile = profile_of(status, peer.name);
  if (child == nullptr || child->start != ikev2::Start::up || !ids.empty()) return;
  if (profile != nullptr && profile->desired == "up")
    parts_.command(ikev2::Initiate{{}, peer.name, step.child});
}

// The peer has deleted the old child before it is asked for the new one: its selectors may be the same.
void ReloadRunner::bring_up_again(const std::string& profile, const std::string& child, base::ChildId old) {
  const ikev2::PeerConfig* peer = parts_.config.find(profile);
  if (peer == nullptr || !peer->can_initiate()) return parts_.command(ikev2::TerminateChild{{}, old});
  const auto id = parts_.requests.add([](const std::string&) {},
                                      [this, profile, child](const base::Status&) {
                                        boost::asio::post(parts_.io, [this, profile, child] {
                                          parts_.command(ikev2::Initiate{{}, profile, child});
                                        });
                                      });
  parts_.command(ikev2::TerminateChild{id, old});
}

}  // namespace daemon_app
