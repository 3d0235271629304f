#include "apps/daemon/reload.h"

#include <algorithm>
#include <array>

namespace daemon_app {
namespace {

using ikev2::ChildConfig;
using ikev2::PeerConfig;

// Collects the keys that differ and the strongest action among them.
class Differences {
 public:
  template <class T>
  void compare(const char* key, const T& running, const T& fresh, ReloadAction action) {
    if (!(running == fresh)) note(key, action);
  }
  void note(const char* key, ReloadAction action) {
    why.emplace_back(key);
    strongest = std::max(strongest, action);
  }

  std::vector<std::string> why;
  ReloadAction strongest = ReloadAction::keep;
};

ikev2::AuthConfig without_credential(ikev2::AuthConfig auth) {
  auth.credential = {};
  return auth;
}

// The profile without its children and the names of its credentials.
PeerConfig bare(PeerConfig peer) {
  peer.children.clear();
  peer.local_auth.credential = peer.remote_auth.credential = {};
  return peer;
}

// What an IKE SA has agreed on with the peer, or has proved, needs a new one; the rest can wait for the next.
Differences compare_ike(const PeerConfig& running, const PeerConfig& fresh, bool same_secrets) {
  using enum ReloadAction;
  Differences out;
  out.compare("local.address", running.local_address, fresh.local_address, replace);
  out.compare("remote.address", running.remote_address, fresh.remote_address, replace);
  out.compare("remote.port", running.remote_port, fresh.remote_port, replace);
  out.compare("local.id", running.local_id, fresh.local_id, reauth);
  out.compare("remote.id", running.remote_id, fresh.remote_id, reauth);
  const bool same_auth = same_secrets &&
                         without_credential(running.local_auth) == without_credential(fresh.local_auth) &&
                         without_credential(running.remote_auth) == without_credential(fresh.remote_auth);
  if (!same_auth) out.note("auth", reauth);
  out.compare("encap", running.encap, fresh.encap, reauth);
  out.compare("mobike", running.mobike, fresh.mobike, reauth);
  out.compare("ike.reauth", running.reauth, fresh.reauth, reauth);
  out.compare("ike.proposals", running.proposals, fresh.proposals, rekey);
  out.compare("ike.lifetime", running.lifetime, fresh.lifetime, rekey);
  out.compare("ike.childless", running.childless, fresh.childless, keep);
  out.compare("initial_contact", running.initial_contact, fresh.initial_contact, keep);
  out.compare("liveness.delay", running.liveness_delay, fresh.liveness_delay, keep);
  out.compare("liveness.timeout", running.liveness_timeout, fresh.liveness_timeout, keep);
  out.compare("liveness.action", running.liveness_action, fresh.liveness_action, keep);
  out.compare("retry", running.retry, fresh.retry, keep);
  // What a version knows beyond these keys is not told apart: a new IKE SA is right in any case.
  if (out.why.empty() && !(bare(running) == bare(fresh))) out.note("other keys", replace);
  return out;
}

// A rekeyed child has the selectors and the mode of the old one (RFC 7296 2.9.2).
ChildStep compare_child(const ChildConfig& running, const ChildConfig& fresh) {
  using enum ReloadAction;
  Differences out;
  out.compare("local_ts", running.local_ts, fresh.local_ts, replace);
  out.compare("remote_ts", running.remote_ts, fresh.remote_ts, replace);
  out.compare("mode", running.mode, fresh.mode, replace);
  out.compare("proposals", running.proposals, fresh.proposals, rekey);
  out.compare("proposals", running.ike_group_on_rekey, fresh.ike_group_on_rekey, rekey);
  out.compare("sha2_256_96", running.sha2_256_96, fresh.sha2_256_96, rekey);
  out.compare("lifetime", running.lifetime, fresh.lifetime, rekey);
  out.compare("lifetime_bytes", running.lifetime_bytes, fresh.lifetime_bytes, rekey);
  out.compare("lifetime_packets", running.lifetime_packets, fresh.lifetime_packets, rekey);
  out.compare("replay_window", running.replay_window, fresh.replay_window, rekey);
  out.compare("tfc.pad_to", running.tfc_size, fresh.tfc_size, rekey);
  out.compare("tfc.dummy_every", running.dummy_every, fresh.dummy_every, rekey);
  out.compare("inactivity", running.inactivity, fresh.inactivity, rekey);
  out.compare("jitter", running.jitter, fresh.jitter, keep);
  out.compare("handover", running.handover, fresh.handover, keep);
  out.compare("start", running.start, fresh.start, keep);
  out.why.erase(std::unique(out.why.begin(), out.why.end()), out.why.end());
  // What a version knows beyond these keys is not told apart: a new child is right in any case.
  if (out.why.empty() && !(running == fresh)) out.note("other keys", replace);
  return {fresh.name, out.strongest, std::move(out.why)};
}

std::vector<ChildStep> compare_children(const PeerConfig& running, const PeerConfig& fresh) {
  std::vector<ChildStep> out;
  for (const ChildConfig& child : fresh.children) {
    const ChildConfig* old = running.find_child(child.name);
    out.push_back(old == nullptr ? ChildStep{child.name, ReloadAction::add, {}} : compare_child(*old, child));
  }
  for (const ChildConfig& child : running.children) {
    if (fresh.find_child(child.name) == nullptr) out.push_back({child.name, ReloadAction::remove, {}});
  }
  return out;
}

bool same_names(const std::vector<ChildStep>& children) {
  return std::none_of(children.begin(), children.end(), [](const ChildStep& step) {
    return step.action == ReloadAction::add || step.action == ReloadAction::remove;
  });
}

}  // namespace

std::string_view name(ReloadAction action) {
  constexpr std::array<std::string_view, 6> kNames = {"keep", "rekey", "reauth", "replace", "add", "remove"};
  return kNames[static_cast<std::size_t>(action)];
}

bool ProfileStep::changes() const {
  return action != ReloadAction::keep || !why.empty() ||
         std::any_of(children.begin(), children.end(), [](const ChildStep& step) {
           return step.action != ReloadAction::keep || !step.why.empty();
         });
}

ProfileStep compare_profiles(const PeerConfig& running, const PeerConfig& fresh, bool same_secrets) {
  Differences ike = compare_ike(running, fresh, same_secrets);
  ProfileStep out{fresh.name, ike.strongest, std::move(ike.why), compare_children(running, fresh)};
  // Only who can call a peer can make a new IKE SA first, and it makes the children that it has.
  if (out.action == ReloadAction::reauth && !(fresh.can_initiate() && same_names(out.children)))
    out.action = ReloadAction::replace;
  if (out.action > ReloadAction::rekey) out.children.clear();
  return out;
}

}  // namespace daemon_app
