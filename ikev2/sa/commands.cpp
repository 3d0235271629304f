#include "ikev2/sa/commands.h"

#include <algorithm>

#include "ikev2/exchange/children.h"
#include "ikev2/exchange/lifecycle.h"
#include "ikev2/exchange/peer_path.h"
#include "ikev2/exchange/report.h"
#include "ikev2/exchange/tasks.h"
#include "ikev2/exchange/traps.h"

namespace ikev2 {
namespace {

void done(const std::optional<RequestId>& request, base::Status status, Actions& out) {
  if (request) out.push_back(RequestDone{*request, std::move(status)});
}

std::vector<IkeSa*> sas_of(Core& core, const std::string& peer) {
  auto all = core.sas.all();
  std::erase_if(all, [&](const IkeSa* sa) { return !sa->peer || sa->peer->name != peer; });
  return all;
}

// The IKE SA of that profile that carries its children now, or nullptr.
IkeSa* standing_sa(Core& core, const std::string& peer) {
  IkeSa* newest = nullptr;
  for (IkeSa* sa : sas_of(core, peer)) {
    if (sa->lifecycle == Lifecycle::established && !sa->replaced) newest = sa;
  }
  return newest;
}

void terminate_child(Core& core, IkeSa& sa, const Terminate& command, base::Instant now, Actions& out) {
  Context context{core, sa, now, out};
  std::vector<base::ChildId> found;
  for (const ChildSa& child : sa.children) {
    if (child.config.name == *command.child && child.state == ChildState::installed)
      found.push_back(child.id);
  }
  if (found.empty()) {
    return done(command.request, base::local_error("child " + *command.child + " is not up"), out);
  }
  if (PeerRuntime* peer = core.peers.find(command.peer)) peer->stopped.insert(*command.child);
  if (command.request) sa.waiting_deletion.push_back(*command.request);
  for (const base::ChildId id : found) enqueue(context, DeleteChild{id});
}

// The IKE SA of a child, or nullptr.
IkeSa* owner_of_child(Core& core, base::ChildId child) {
  const auto found = core.child_owner.find(child);
  return found == core.child_owner.end() ? nullptr : core.sas.find(found->second);
}

// SAs that stand take over the version that their profile has now. Those that are coming up keep the one that
// they began with: what they have offered is of that.
void adopt(Core& core, const PeerConfigPtr& config) {
  for (IkeSa* sa : sas_of(core, config->name)) {
    if (sa->lifecycle == Lifecycle::connecting) continue;
    sa->peer = config;
    for (ChildSa& child : sa->children) {
      if (const ChildConfig* fresh = config->find_child(child.config.name)) child.config = *fresh;
    }
  }
}

// Wants these children: of the IKE SA that stands or that is coming up, else of a new one.
void bring_up(Core& core, PeerRuntime& peer, const std::vector<std::string>& names,
              const std::optional<RequestId>& request, base::Instant now, Actions& out) {
  const std::string& profile = peer.config->name;
  if (IkeSa* sa = standing_sa(core, profile)) {
    Context context{core, *sa, now, out};
    if (request) sa->waiting.push_back(*request);
    return bring_up_children(context, names);
  }
  for (IkeSa* sa : sas_of(core, profile)) {
    if (sa->lifecycle != Lifecycle::connecting || !sa->initiator) continue;
    sa->coming_up.insert(names.begin(), names.end());
    if (request) sa->waiting.push_back(*request);
    return;
  }
  initiate(core, peer, names, request, now, out);
}

struct CommandRunner {
  Core& core;
  base::Instant now;
  Actions& out;

  void operator()(const AddPeer& command) {
    PeerRuntime& peer = core.peers.put(command.peer);
    stand_traps(core, peer, out);
    const auto wanted = wanted_children(peer);
    if (!wanted.empty() && peer.config->can_initiate()) initiate(core, peer, wanted, {}, now, out);
  }
  void operator()(const ReplacePeer& command) {
    const PeerRuntime* old = core.peers.find(command.peer->name);
    const bool terminated = old != nullptr && starts_up(*old->config) && !old->wanted;
    PeerRuntime& peer = core.peers.put(command.peer);
    if (terminated) peer.wanted = false;
    std::erase_if(peer.stopped, [&](const auto& name) { return command.peer->find_child(name) == nullptr; });
    if (command.standing_too) adopt(core, command.peer);
    stand_traps(core, peer, out);
  }
  void operator()(const RemovePeer& command) {
    for (IkeSa* sa : sas_of(core, command.name)) {
      sa->user_terminated = true;
      delete_ike_sa(core, *sa, "its profile is removed", now, out);
    }
    if (PeerRuntime* peer = core.peers.find(command.name)) {
      core.deadlines.cancel_all(owner_of(*peer));
      remove_traps(*peer, out);
    }
    core.peers.remove(command.name);
  }

  void operator()(const Initiate& command) {
    PeerRuntime* peer = core.peers.find(command.peer);
    if (peer == nullptr)
      return done(command.request, base::local_error("no profile is named " + command.peer), out);
    if (auto status = may_initiate(*peer->config, command); status.has_error()) {
      return done(command.request, std::move(status), out);
    }
    const auto names = command.child ? std::vector{*command.child} : all_children(*peer->config);
    for (const std::string& child : names) peer->stopped.erase(child);
    bring_up(core, *peer, names, command.request, now, out);
  }

  void operator()(const Rekey& command) {
    IkeSa* sa = standing_sa(core, command.peer);
    if (sa == nullptr) return done(command.request, not_up(command.peer), out);
    Context context{core, *sa, now, out};
    if (!command.child) return enqueue(context, RekeyIke{command.request});
    const ChildSa* child = sa->find_installed(*command.child);
    if (child == nullptr) {
      return done(command.request, base::local_error("child " + *command.child + " is not up"), out);
    }
    enqueue(context, RekeyChild{child->id, command.request});
  }

  void operator()(const RekeyIkeSa& command) {
    IkeSa* sa = by_spi_i(command.spi_i);
    if (sa == nullptr || sa->lifecycle != Lifecycle::established || sa->replaced) {
      return done(command.request, base::local_error("there is no such IKE SA, or it does not stand"), out);
    }
    Context context{core, *sa, now, out};
    enqueue(context, RekeyIke{command.request});
  }

  void operator()(const RekeyOneChild& command) {
    IkeSa* sa = owner_of_child(core, command.child);
    if (sa == nullptr) return done(command.request, base::local_error("the child is not up"), out);
    Context context{core, *sa, now, out};
    enqueue(context, RekeyChild{command.child, command.request});
  }

  void operator()(const TerminateChild& command) {
    IkeSa* sa = owner_of_child(core, command.child);
    const ChildSa* child = sa == nullptr ? nullptr : sa->find_child(command.child);
    if (child == nullptr) return done(command.request, base::local_error("the child is not up"), out);
    Context context{core, *sa, now, out};
    if (PeerRuntime* peer = core.peers.find(sa->peer->name)) peer->stopped.insert(child->config.name);
    if (command.request) sa->waiting_deletion.push_back(*command.request);
    enqueue(context, DeleteChild{command.child});
  }

  // The others of the profile stay; after the last one nothing of it is wanted any more, as with Terminate.
  void operator()(const TerminateIkeSa& command) {
    IkeSa* sa = by_spi_i(command.spi_i);
    if (sa == nullptr) return done(command.request, base::local_error("there is no such IKE SA"), out);
    PeerRuntime* peer = sa->peer ? core.peers.find(sa->peer->name) : nullptr;
    if (peer != nullptr && sas_of(core, sa->peer->name).size() == 1) peer->wanted = false;
    if (command.request) sa->waiting_deletion.push_back(*command.request);
    sa->user_terminated = true;
    delete_ike_sa(core, *sa, "terminated by command", now, out);
  }

  IkeSa* by_spi_i(base::IkeSpi spi) {
    for (IkeSa* sa : core.sas.all()) {
      if (sa->spi_i == spi) return sa;
    }
    return nullptr;
  }

  void operator()(const Reauthenticate& command) {
    IkeSa* sa = standing_sa(core, command.peer);
    PeerRuntime* peer = core.peers.find(command.peer);
    if (sa == nullptr || peer == nullptr) return done(command.request, not_up(command.peer), out);
    if (!peer->config->can_initiate()) {
      return done(command.request,
                  base::local_error("profile " + command.peer + " names no single peer: it can only respond"),
                  out);
    }
    reauthenticate(core, *peer, *sa, command.request, now, out);
  }

  void operator()(const Terminate& command) {
    const auto sas = sas_of(core, command.peer);
    if (sas.empty()) return terminate_trap(command);
    if (command.child) return terminate_child(core, *sas.back(), command, now, out);
    if (PeerRuntime* peer = core.peers.find(command.peer)) {
      peer->wanted = false;
      stand_traps(core, *peer, out);
    }
    if (command.request) sas.back()->waiting_deletion.push_back(*command.request);
    for (IkeSa* sa : sas) {
      sa->user_terminated = true;
      delete_ike_sa(core, *sa, "terminated by command", now, out);
    }
  }

  void operator()(const Shutdown&) {
    core.shutting_down = true;
    if (core.sas.size() == 0) out.push_back(AllClosed{});
    for (IkeSa* sa : core.sas.all()) delete_ike_sa(core, *sa, "the daemon stops", now, out);
  }

  // What a dead peer has left standing goes by command; the traps of `start: trap` stay.
  void terminate_trap(const Terminate& command) {
    PeerRuntime* peer = core.peers.find(command.peer);
    const std::size_t before = peer == nullptr ? 0 : peer->traps.size();
    if (peer != nullptr) stand_traps(core, *peer, out);
    const bool went = peer != nullptr && peer->traps.size() < before;
    done(command.request, went ? base::Status() : base::Status(not_up(command.peer)), out);
  }

  base::Error not_up(const std::string& name) {
    const bool known = core.peers.find(name) != nullptr;
    return base::local_error(known ? "profile " + name + " is not up" : "no profile is named " + name);
  }

  static base::Status may_initiate(const PeerConfig& peer, const Initiate& command) {
    if (!peer.can_initiate()) {
      return base::local_error("profile " + peer.name + " names no single peer: it can only respond");
    }
    if (command.child && peer.find_child(*command.child) == nullptr) {
      return base::local_error("profile " + peer.name + " has no child " + *command.child);
    }
    return {};
  }
};

struct ChildEventRunner {
  Core& core;
  base::Instant now;
  Actions& out;

  IkeSa* owner(base::ChildId child) { return owner_of_child(core, child); }
  void operator()(const Acquire& event) {
    PeerRuntime* peer = core.peers.find(event.profile);
    if (peer == nullptr || core.shutting_down || !take_acquire(core, *peer, event, out)) return;
    // A pause between two tries at what is to be up all the time is over with this one.
    auto names = wanted_children(*peer);
    names.push_back(event.child);
    bring_up(core, *peer, names, {}, now, out);
  }
  // RFC 7296 2.8: an SA is replaced before it has carried all that it may; one that has is closed.
  void operator()(const Expired& event) {
    IkeSa* sa = owner(event.child);
    if (sa == nullptr) return;
    Context context{core, *sa, now, out};
    if (event.hard) {
      if (ChildSa* child = sa->find_child(event.child)) stop_child(context, *child);
      return enqueue(context, DeleteChild{event.child});
    }
    enqueue(context, RekeyChild{event.child, {}});
  }
  void operator()(const Inactive& event) {
    IkeSa* sa = owner(event.child);
    if (sa == nullptr) return;
    Context context{core, *sa, now, out};
    report(context, Report::Kind::log, base::LogLevel::info, "child-inactive",
           "no packet for as long as the profile allows: the child is deleted");
    if (PeerRuntime* peer = core.peers.find(sa->peer->name))
      peer->stopped.insert(sa->find_child(event.child)->config.name);
    enqueue(context, DeleteChild{event.child});
  }
  void operator()(const PacketSeen& event) {
    IkeSa* sa = owner(event.child);
    if (sa == nullptr) return;
    Context context{core, *sa, now, out};
    heard_from_peer(context);
    if (ChildSa* child = sa->find_child(event.child)) use_child(context, *child);
    if (std::holds_alternative<Probing>(sa->ours.state))
      sa->ours.give_up_at = now + sa->peer->liveness_timeout;
  }
  void operator()(const PeerMoved& event) {
    IkeSa* sa = owner(event.child);
    if (sa == nullptr) return;
    Context context{core, *sa, now, out};
    follow_packets(context, event.remote);
  }
};

}  // namespace

void run_command(Core& core, const Command& command, base::Instant now, Actions& out) {
  std::visit(CommandRunner{core, now, out}, command);
}

void run_child_event(Core& core, const ChildEvent& event, base::Instant now, Actions& out) {
  std::visit(ChildEventRunner{core, now, out}, event);
}

}  // namespace ikev2
