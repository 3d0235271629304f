#include "ikev2/exchange/children.h"

#include <algorithm>

#include "ikev2/exchange/lifecycle.h"
#include "ikev2/exchange/report.h"
#include "ikev2/exchange/tasks.h"
#include "ikev2/exchange/traps.h"

namespace ikev2 {
namespace {

// How long the inbound SA of a child that was replaced takes packets that were under way.
constexpr base::Duration kLinger = std::chrono::seconds(2);
// How long the old IKE SA stands beside the one that has taken over by a new authentication.
constexpr base::Duration kHandover = std::chrono::seconds(1);

// The old IKE SA goes once what is under way on its children has arrived.
void retire_reauthenticated(Context& context, IkeSa& old) {
  Context before{context.core, old, context.now, context.out};
  old.replaced = true;
  for (ChildSa& child : old.children) mark_replaced(before, child);
  context.core.deadlines.set(owner_of(old), DeadlineKind::handover, context.now + kHandover);
}

// All children that were wanted have come up or failed: whoever waits is told. An IKE SA without any of them
// is of no use.
void finish_coming_up(Context& context) {
  IkeSa& sa = context.sa;
  if (!sa.coming_up.empty()) return;
  const base::Status outcome = sa.coming_up_error ? base::Status(*sa.coming_up_error) : base::Status();
  for (const RequestId request : sa.waiting) context.out.push_back(RequestDone{request, outcome});
  sa.waiting.clear();
  sa.coming_up_error.reset();
  if (outcome.has_value()) {
    if (IkeSa* old = sa.reauthenticates ? context.core.sas.find(*sa.reauthenticates) : nullptr) {
      retire_reauthenticated(context, *old);
    }
    sa.reauthenticates.reset();
    return;
  }
  const bool any = std::any_of(sa.children.begin(), sa.children.end(),
                               [](const ChildSa& child) { return child.state == ChildState::installed; });
  if (!any) delete_ike_sa(context.core, sa, outcome.error().reason, context.now, context.out);
}

void note_failure(Context& context, const std::string& child, const base::Error& error) {
  report_failure(context, child, "child-failed", error.reason);
  PeerRuntime* peer = context.core.peers.find(context.sa.peer->name);
  if (peer == nullptr) return;
  peer->last_error = LastError{context.now, error.reason};
  peer->failures += 1;
  // One that came up on command or because of a packet waits for the next of these.
  const auto wanted = wanted_children(*peer);
  if (std::find(wanted.begin(), wanted.end(), child) != wanted.end())
    plan_retry(context.core, *peer, context.now);
}

void answer_packets(Context& context) {
  if (PeerRuntime* peer = context.core.peers.find(context.sa.peer->name))
    answer_acquires(context.core, *peer, context.out);
}

// Those that will be asked for already.
std::unordered_set<std::string_view> asked_for(const IkeSa& sa) {
  std::unordered_set<std::string_view> names;
  for (const Task& task : sa.tasks) {
    if (const auto* create = std::get_if<CreateChild>(&task)) names.insert(create->name);
  }
  return names;
}

// The peer gives up a child that another replaces, here or in an IKE SA that takes over from this one: it is
// ready for that (RFC 7296 2.8).
void use_successors(Context& context, const ChildSa& gone) {
  for (IkeSa* sa : context.core.sas.of_peer(context.sa.peer->name, context.sa.remote_id)) {
    Context next{context.core, *sa, context.now, context.out};
    for (ChildSa& child : sa->children) {
      if (child.config.name == gone.config.name) use_child(next, child);
    }
  }
}

}  // namespace

void bring_up_children(Context& context, const std::vector<std::string>& names) {
  IkeSa& sa = context.sa;
  // A queue does not move what is in it when it grows.
  auto asked = asked_for(sa);
  const auto installed = sa.installed_names();
  for (const std::string& name : names) {
    if (installed.count(name) != 0) continue;
    sa.coming_up.insert(name);
    if (asked.insert(name).second) sa.tasks.push_back(CreateChild{name});
  }
  finish_coming_up(context);
  run_tasks(context);
}

void child_came_up(Context& context, const std::string& name) {
  if (context.sa.coming_up.erase(name) == 0) return;
  answer_packets(context);
  finish_coming_up(context);
}

void child_failed(Context& context, const std::string& name, const base::Error& error) {
  IkeSa& sa = context.sa;
  note_failure(context, name, error);
  if (sa.coming_up.erase(name) == 0) return;
  if (!sa.coming_up_error) sa.coming_up_error = error;
  answer_packets(context);
  finish_coming_up(context);
}

void mark_replaced(Context& context, ChildSa& child) {
  if (child.state == ChildState::installed) child.state = ChildState::rekeyed;
  child.replaced = true;
  context.core.deadlines.cancel(owner_of(child.id), DeadlineKind::rekey);
  context.core.deadlines.cancel(owner_of(child.id), DeadlineKind::switch_over);
}

void use_child(Context& context, ChildSa& child) {
  if (!child.outbound_waits || child.stopped || child.state != ChildState::installed) return;
  child.outbound_waits = false;
  context.core.deadlines.cancel(owner_of(child.id), DeadlineKind::switch_over);
  context.out.push_back(UseChild{child.id});
}

void stop_child(Context& context, ChildSa& child) {
  if (child.stopped) return;
  child.stopped = true;
  context.core.deadlines.cancel_all(owner_of(child.id));
  context.out.push_back(RemoveChild{child.id});
}

void remove_child(Context& context, base::ChildId id, const std::string& reason) {
  IkeSa& sa = context.sa;
  Core& core = context.core;
  ChildSa* found = sa.find_child(id);
  if (found == nullptr) return;
  const ChildSa child = std::move(*found);
  sa.children.erase(sa.children.begin() + (found - sa.children.data()));
  core.deadlines.cancel_all(owner_of(id));
  core.child_owner.erase(id);
  core.remote_networks.remove(id);
  if (child.stopped) {
    core.spis.release(child.spi_in);
  } else {
    core.lingering[id] = child.spi_in;
  }
  if (!child.replaced) {
    end_lingering(core, id, context.out);
    report(context, child, Report::Kind::child_down, base::LogLevel::info, "child-down",
           "child " + child.config.name + " is down: " + reason);
    PeerRuntime* peer = core.peers.find(sa.peer->name);
    const auto wanted = peer != nullptr && sa.lifecycle == Lifecycle::established
                            ? wanted_children(*peer)
                            : std::vector<std::string>();
    if (std::find(wanted.begin(), wanted.end(), child.config.name) != wanted.end()) {
      plan_retry(core, *peer, context.now);
    }
    return;
  }
  if (!child.stopped) core.deadlines.set(owner_of(id), DeadlineKind::linger, context.now + kLinger);
  use_successors(context, child);
}

void end_lingering(Core& core, base::ChildId child, Actions& out) {
  const auto found = core.lingering.find(child);
  if (found == core.lingering.end()) return;
  out.push_back(RemoveChild{child});
  core.spis.release(found->second);
  core.lingering.erase(found);
}

void move_children(Context& context, IkeSa& successor) {
  IkeSa& old = context.sa;
  for (ChildSa& child : old.children) {
    context.core.child_owner[child.id] = successor.id;
    successor.children.push_back(std::move(child));
  }
  old.children.clear();
  for (std::deque<Task>* tasks : {&old.tasks, &old.deferred}) {
    for (Task& task : *tasks) {
      if (const auto* rekey = std::get_if<RekeyIke>(&task)) {
        // That is what has just come to pass.
        if (rekey->request) context.out.push_back(RequestDone{*rekey->request, {}});
      } else if (!std::holds_alternative<Probe>(task)) {
        successor.tasks.push_back(std::move(task));
      }
    }
    tasks->clear();
  }
  std::swap(successor.coming_up, old.coming_up);
  std::swap(successor.coming_up_error, old.coming_up_error);
  std::swap(successor.waiting, old.waiting);
  std::swap(successor.waiting_deletion, old.waiting_deletion);
}

std::vector<std::string> wanted_children(const PeerRuntime& peer) {
  std::vector<std::string> names;
  if (!peer.wanted) return names;
  for (const ChildConfig& child : peer.config->children) {
    if (child.start == Start::up && peer.stopped.count(child.name) == 0) names.push_back(child.name);
  }
  return names;
}

std::vector<std::string> all_children(const PeerConfig& peer) {
  std::vector<std::string> names;
  for (const ChildConfig& child : peer.children) names.push_back(child.name);
  return names;
}

}  // namespace ikev2
