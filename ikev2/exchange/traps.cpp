#include "ikev2/exchange/traps.h"

#include <algorithm>
#include <utility>

#include "ikev2/exchange/child_setup.h"
#include "ikev2/exchange/lifecycle.h"

namespace ikev2 {
namespace {

// A TS payload counts its selectors in one octet (RFC 7296 3.13).
constexpr std::size_t kMaxSelectors = 255;

bool covers(const spd::SelectorPair& outer, const spd::SelectorPair& inner) {
  return spd::covered(inner.local, outer.local) && spd::covered(inner.remote, outer.remote);
}

// The child of that name that carries traffic, of whichever IKE SA of the profile.
const ChildSa* installed_child(Core& core, const PeerRuntime& peer, const std::string& name) {
  for (const IkeSa* sa : core.sas.all()) {
    if (!sa->peer || sa->peer->name != peer.config->name || sa->lifecycle != Lifecycle::established) continue;
    if (const ChildSa* child = sa->find_installed(name)) return child;
  }
  return nullptr;
}

bool is_worked_on(Core& core, const PeerRuntime& peer, const std::string& name) {
  const auto sas = core.sas.all();
  return std::any_of(sas.begin(), sas.end(), [&](const IkeSa* sa) {
    return sa->peer && sa->peer->name == peer.config->name && sa->coming_up.count(name) != 0;
  });
}

// Nothing where a side is not known before there is an SA; the loader of the configuration refuses that.
std::optional<spd::SelectorPair> selectors_of(const PeerConfig& peer, const ChildConfig& child) {
  spd::SelectorPair pair{child.local_ts, child.remote_ts};
  if (pair.local.empty() && peer.local_address) pair.local = {spd::TrafficSelector::of(*peer.local_address)};
  const auto* remote = std::get_if<base::IpAddress>(&peer.remote_address);
  if (pair.remote.empty() && remote != nullptr) pair.remote = {spd::TrafficSelector::of(*remote)};
  if (pair.local.empty() || pair.remote.empty()) return {};
  return pair;
}

std::map<std::string, spd::SelectorPair> wanted_traps(const PeerConfig& peer) {
  std::map<std::string, spd::SelectorPair> wanted;
  if (!peer.can_initiate()) return wanted;
  for (const ChildConfig& child : peer.children) {
    if (child.start != Start::trap) continue;
    if (auto selectors = selectors_of(peer, child)) wanted.emplace(child.name, std::move(*selectors));
  }
  return wanted;
}

InstallTrap to_install(const PeerConfig& peer, const std::string& child, const spd::SelectorPair& selectors) {
  InstallTrap action{peer.name, child, selectors, {}, {}};
  if (peer.local_address) action.local.address = *peer.local_address;
  if (const auto* remote = std::get_if<base::IpAddress>(&peer.remote_address))
    action.remote.address = *remote;
  return action;
}

void report_packet(const PeerRuntime& peer, const Acquire& event, base::LogLevel level,
                   const std::string& message, Actions& out) {
  Report r;
  r.kind = Report::Kind::acquire;
  r.profile = peer.config->name;
  r.child = event.child;
  r.log = {level,
           "acquire",
           message,
           {{"profile", r.profile},
            {"child", event.child},
            {"packet", spd::text(event.packet.local) + " === " + spd::text(event.packet.remote)}}};
  out.push_back(std::move(r));
}

}  // namespace

void stand_traps(Core& core, PeerRuntime& peer, Actions& out) {
  auto wanted = core.shutting_down ? decltype(peer.traps)() : wanted_traps(*peer.config);
  for (const auto& [child, selectors] : peer.traps) {
    if (wanted.count(child) == 0) out.push_back(RemoveTrap{peer.config->name, child});
  }
  for (const auto& [child, selectors] : wanted) {
    const auto found = peer.traps.find(child);
    if (found == peer.traps.end() || found->second != selectors)
      out.push_back(to_install(*peer.config, child, selectors));
  }
  peer.traps = std::move(wanted);
}

void place_traps(const PeerRuntime& peer, const base::Endpoint& local, const base::Endpoint& remote,
                 Actions& out) {
  for (const auto& [child, selectors] : peer.traps) {
    InstallTrap action = to_install(*peer.config, child, selectors);
    if (local.address.is_set()) action.local = local;
    if (remote.address.is_set()) action.remote = remote;
    out.push_back(std::move(action));
  }
}

void remove_traps(PeerRuntime& peer, Actions& out) {
  for (const auto& [child, selectors] : peer.traps) out.push_back(RemoveTrap{peer.config->name, child});
  peer.traps.clear();
}

void trap_children_of(Context& context, PeerRuntime& peer) {
  const IkeSa& sa = context.sa;
  if (peer.config->liveness_action != LivenessAction::trap || !peer.config->can_initiate()) return;
  if (sa.user_terminated || sa.replaced || context.core.shutting_down) return;
  for (const ChildSa& child : sa.children) {
    if (child.state != ChildState::installed || child.replaced) continue;
    const auto selectors = configured_selectors(sa, child.config);
    if (!peer.traps.emplace(child.config.name, selectors).second) continue;
    InstallTrap action = to_install(*peer.config, child.config.name, selectors);
    action.local = sa.local;
    action.remote = sa.remote;
    context.out.push_back(std::move(action));
  }
}

bool take_acquire(Core& core, PeerRuntime& peer, const Acquire& event, Actions& out) {
  if (peer.config->find_child(event.child) == nullptr || peer.acquires.count(event.child) != 0) return false;
  const ChildSa* const child = installed_child(core, peer, event.child);
  if (child == nullptr) {
    report_packet(peer, event, base::LogLevel::info, "a packet asks for child " + event.child, out);
    peer.acquires.emplace(event.child, event.packet);
    return true;
  }
  // It met the trap just before the child was there; or the peer has narrowed that packet away.
  const bool fits = covers(child->selectors, event.packet);
  if (!fits) {
    report_packet(peer, event, base::LogLevel::warning,
                  "child " + event.child + " is up, but the peer takes only " +
                      spd::text(child->selectors.local) + " === " + spd::text(child->selectors.remote),
                  out);
  }
  out.push_back(AnswerAcquire{event.profile, event.child, fits ? base::Duration{} : retry_wait(core, peer)});
  return false;
}

void answer_acquires(Core& core, PeerRuntime& peer, Actions& out) {
  for (auto it = peer.acquires.begin(); it != peer.acquires.end();) {
    if (is_worked_on(core, peer, it->first)) {
      ++it;
      continue;
    }
    const ChildSa* const child = installed_child(core, peer, it->first);
    const bool up = child != nullptr && covers(child->selectors, it->second);
    // After a failure packets are dropped for a while: each of them would begin it anew.
    out.push_back(
        AnswerAcquire{peer.config->name, it->first, up ? base::Duration{} : retry_wait(core, peer)});
    it = peer.acquires.erase(it);
  }
}

bool packets_wait(const Context& context, const std::string& child) {
  const PeerRuntime* peer = context.core.peers.find(context.sa.peer->name);
  return peer != nullptr && peer->acquires.count(child) != 0;
}

void name_packet_first(const Context& context, const std::string& child, spd::SelectorPair& offer) {
  const PeerRuntime* peer = context.core.peers.find(context.sa.peer->name);
  if (peer == nullptr) return;
  const auto found = peer->acquires.find(child);
  if (found == peer->acquires.end() || !covers(offer, found->second)) return;
  if (!found->second.has_both_sides()) return;  // asked for without a packet
  // RFC 7296 2.9: "the initiator … SHOULD include as the first Traffic Selector in each of TSi and TSr a very
  // specific Traffic Selector including the addresses in the packet triggering the request".
  const auto put_first = [](spd::TrafficSelectors& list, const spd::TrafficSelector& first) {
    if (list.front() != first && list.size() < kMaxSelectors) list.insert(list.begin(), first);
  };
  put_first(offer.local, found->second.local.front());
  put_first(offer.remote, found->second.remote.front());
}

}  // namespace ikev2
