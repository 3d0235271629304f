#include "ikev2/exchange/limits.h"

#include <algorithm>

namespace ikev2 {
namespace {

struct Counted {
  std::size_t standing = 0, all = 0;  // of the identity
  std::size_t profile = 0;            // standing, of every identity
};

// The other IKE SAs of the same profile whose peers have proved who they are.
Counted count_others(const Context& context) {
  const IkeSa& sa = context.sa;
  Counted counted;
  for (const IkeSa* other : context.core.sas.all()) {
    if (!is_of_same_profile(sa, *other) || other->lifecycle == Lifecycle::connecting) continue;
    const bool stands = other->lifecycle == Lifecycle::established && !other->replaced;
    const bool same = other->remote_id == sa.remote_id;
    counted.all += same ? 1 : 0;
    counted.standing += same && stands ? 1 : 0;
    counted.profile += stands ? 1 : 0;
  }
  return counted;
}

}  // namespace

std::optional<std::string> no_room_for_child(const Context& context, bool rekeys) {
  const auto& children = context.sa.children;
  const std::size_t limit = context.core.config.children_per_ike;
  const auto in_use = static_cast<std::size_t>(
      std::count_if(children.begin(), children.end(), [](const ChildSa& child) { return !child.replaced; }));
  if ((rekeys || in_use < limit) && children.size() < 2 * limit + 2) return {};
  return "the IKE SA has " + std::to_string(children.size()) + " children, limits.children is " +
         std::to_string(limit);
}

std::optional<std::string> no_room_for_ike_sa(const Context& context) {
  const EngineConfig& config = context.core.config;
  const Counted others = count_others(context);
  if (others.standing >= config.ike_per_identity) {
    return context.sa.remote_id.text() + " has " + std::to_string(others.standing) +
           " IKE SAs already, limits.ike_per_identity is " + std::to_string(config.ike_per_identity);
  }
  if (others.profile >= config.ike_per_profile) {
    return "profile " + context.sa.peer->name + " has " + std::to_string(others.profile) +
           " IKE SAs already, limits.ike_per_profile is " + std::to_string(config.ike_per_profile);
  }
  return {};
}

std::optional<std::string> no_room_for_successor(const Context& context) {
  const std::size_t limit = 2 * context.core.config.ike_per_identity;
  if (count_others(context).all < limit) return {};
  return context.sa.remote_id.text() + " has " + std::to_string(limit) +
         " IKE SAs that it has replaced and not deleted";
}

bool is_storm(Context& context) {
  // Whoever brings up all its children at once, and rekeys them, stays below that.
  constexpr base::Duration kWindow = std::chrono::seconds(10);
  constexpr std::size_t kBase = 64;
  IkeSa& sa = context.sa;
  if (context.now - sa.requests_from >= kWindow) {
    sa.requests_from = context.now;
    sa.requests = 0;
  }
  return ++sa.requests > kBase + 2 * context.core.config.children_per_ike;
}

}  // namespace ikev2
