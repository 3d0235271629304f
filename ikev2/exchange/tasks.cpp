#include "ikev2/exchange/tasks.h"

#include <algorithm>

#include "ikev2/exchange/mobike.h"
#include "ikev2/sa/lifetime.h"

namespace ikev2 {
namespace {

bool same(const CreateChild& a, const CreateChild& b) { return a.name == b.name; }
bool same(const RekeyChild& a, const RekeyChild& b) { return a.child == b.child && !b.request; }
bool same(const RekeyIke&, const RekeyIke& b) { return !b.request; }
bool same(const DeleteChild& a, const DeleteChild& b) { return a.child == b.child; }
bool same(const RefuseChild& a, const RefuseChild& b) { return a.spi_in == b.spi_in; }
bool same(const Probe&, const Probe&) { return true; }

bool same_task(const Task& a, const Task& b) {
  return std::visit(
      [&](const auto& one) {
        const auto* other = std::get_if<std::decay_t<decltype(one)>>(&b);
        return other != nullptr && same(one, *other);
      },
      a);
}

}  // namespace

void enqueue(Context& context, Task task) {
  auto& tasks = context.sa.tasks;
  const bool known =
      std::any_of(tasks.begin(), tasks.end(), [&](const Task& waiting) { return same_task(waiting, task); });
  if (!known) tasks.push_back(std::move(task));
  run_tasks(context);
}

void run_tasks(Context& context) {
  IkeSa& sa = context.sa;
  const auto idle = [&] { return std::holds_alternative<Idle>(sa.ours.state); };
  if (!idle() || sa.lifecycle == Lifecycle::connecting) return;
  if (sa.delete_pending) {
    (void)begin_ike_deletion(context);
    return;
  }
  // RFC 7296 2.25.2: while the peer's rekey of the IKE SA is being answered, nothing new is begun on this
  // one.
  const bool replacing = std::holds_alternative<RekeyResponding>(sa.theirs.state);
  // The peer has to know where we are before it can answer anything else.
  if (!replacing && begin_mobility_exchange(context)) return;
  while (!replacing && sa.lifecycle == Lifecycle::established && idle() && !sa.tasks.empty()) {
    Task task = std::move(sa.tasks.front());
    sa.tasks.pop_front();
    if (std::visit([&](auto& one) { return begin(context, one); }, task)) return;
  }
}

void defer(Context& context, Task task) {
  context.sa.deferred.push_back(std::move(task));
  // RFC 7296 2.25: the peer "SHOULD NOT immediately retry". Two to four seconds, at random, so that two sides
  // that refuse each other come apart.
  const auto wait = scaled(std::chrono::seconds(2), 1.0 + fraction(context.core.rng));
  context.core.deadlines.set(owner_of(context.sa), DeadlineKind::deferred, context.now + wait);
}

bool refused_too_long(Context& context, NotifyType type) {
  constexpr base::Duration kPatience = std::chrono::minutes(3);
  auto& since = context.sa.refused_since;
  if (type != NotifyType::temporary_failure) {
    since.reset();
    return false;
  }
  if (!since) since = context.now;
  return context.now - *since >= kPatience;
}

Closed give_up_refused() {
  return {"the peer has answered TEMPORARY_FAILURE for minutes: the two sides do not agree on what stands",
          true, true};
}

void resume_deferred(Context& context) {
  auto tasks = std::move(context.sa.deferred);
  context.sa.deferred.clear();
  for (Task& task : tasks) enqueue(context, std::move(task));
}

}  // namespace ikev2
