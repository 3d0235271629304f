#include "ikev2/sa/commands.h"

#include <algorithm>

#include "ikev2/exchange/lifecycle.h"
#include "ikev2/exchange/report.h"

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

bool has_child(const IkeSa& sa, const std::optional<std::string>& name) {
  return std::any_of(sa.children.begin(), sa.children.end(), [&](const ChildSa& child) {
    return child.state == ChildState::installed && (!name || child.config.name == *name);
  });
}

void terminate_child(Core& core, IkeSa& sa, const Terminate& command, base::Instant now, Actions& out) {
  Context context{core, sa, now, out};
  bool any = false;
  for (const ChildSa& child : sa.children) {
    if (child.config.name != *command.child || child.state == ChildState::deleting) continue;
    sa.child_deletes_pending.push_back(child.id);
    any = true;
  }
  if (!any) return done(command.request, base::local_error("child " + *command.child + " is not up"), out);
  if (command.request) sa.waiting_deletion.push_back(*command.request);
  send_pending(context);
}

struct CommandRunner {
  Core& core;
  base::Instant now;
  Actions& out;

  void operator()(const AddPeer& command) {
    PeerRuntime& peer = core.peers.put(command.peer);
    if (peer.wanted && peer.config->can_initiate()) initiate(core, peer, {}, {}, now, out);
  }
  void operator()(const ReplacePeer& command) { core.peers.put(command.peer); }
  void operator()(const RemovePeer& command) {
    for (IkeSa* sa : sas_of(core, command.name)) {
      sa->user_terminated = true;
      delete_ike_sa(core, *sa, "its profile is removed", now, out);
    }
    if (PeerRuntime* peer = core.peers.find(command.name)) core.deadlines.cancel_all(owner_of(*peer));
    core.peers.remove(command.name);
  }

  void operator()(const Initiate& command) {
    PeerRuntime* peer = core.peers.find(command.peer);
    if (peer == nullptr)
      return done(command.request, base::local_error("no profile is named " + command.peer), out);
    if (auto status = may_initiate(*peer->config, command); status.has_error()) {
      return done(command.request, std::move(status), out);
    }
    for (IkeSa* sa : sas_of(core, command.peer)) {
      if (sa->lifecycle == Lifecycle::established && has_child(*sa, command.child))
        return done(command.request, {}, out);
      if (sa->lifecycle != Lifecycle::connecting || !sa->initiator) continue;
      if (command.request) sa->waiting.push_back(*command.request);
      return;
    }
    initiate(core, *peer, command.child, command.request, now, out);
  }

  void operator()(const Terminate& command) {
    const auto sas = sas_of(core, command.peer);
    if (sas.empty()) {
      const bool known = core.peers.find(command.peer) != nullptr;
      return done(command.request,
                  base::local_error(known ? "profile " + command.peer + " is not up"
                                          : "no profile is named " + command.peer),
                  out);
    }
    if (command.child) return terminate_child(core, *sas.back(), command, now, out);
    if (PeerRuntime* peer = core.peers.find(command.peer)) peer->wanted = false;
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

  static base::Status may_initiate(const PeerConfig& peer, const Initiate& command) {
    if (!peer.can_initiate()) {
      return base::local_error("profile " + peer.name + " names no single peer: it can only respond");
    }
    if (command.child && peer.find_child(*command.child) == nullptr) {
      return base::local_error("profile " + peer.name + " has no child " + *command.child);
    }
    if (!command.child && peer.children.size() > 1) {
      return base::local_error(
          "profile " + peer.name + " has " + std::to_string(peer.children.size()) +
          " children, and this version brings up one for each IKE SA: name it with --child");
    }
    return {};
  }
};

struct ChildEventRunner {
  Core& core;
  base::Instant now;
  Actions& out;

  IkeSa* owner(base::ChildId child) {
    for (IkeSa* sa : core.sas.all()) {
      if (sa->find_child(child) != nullptr) return sa;
    }
    return nullptr;
  }
  void operator()(const Acquire& event) {
    run_command(core, Initiate{{}, event.profile, event.child}, now, out);
  }
  void operator()(const Expired& event) {
    IkeSa* sa = owner(event.child);
    if (sa != nullptr && event.hard)
      delete_ike_sa(core, *sa, "the lifetime of a child in bytes or packets is over", now, out);
  }
  void operator()(const Inactive& event) {
    IkeSa* sa = owner(event.child);
    if (sa != nullptr) sa->child_deletes_pending.push_back(event.child);
  }
  void operator()(const PacketSeen& event) {
    IkeSa* sa = owner(event.child);
    if (sa == nullptr) return;
    Context context{core, *sa, now, out};
    heard_from_peer(context);
    if (std::holds_alternative<Probing>(sa->ours.state))
      sa->ours.give_up_at = now + sa->peer->liveness_timeout;
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
