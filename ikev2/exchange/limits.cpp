#include "ikev2/exchange/limits.h"

#include <algorithm>

namespace ikev2 {
namespace {

// Of these, those that carry traffic; not this one.
std::size_t count_standing(const Context& context, const std::vector<IkeSa*>& sas) {
  return static_cast<std::size_t>(std::count_if(sas.begin(), sas.end(), [&](const IkeSa* other) {
    return other != &context.sa && other->lifecycle == Lifecycle::established && !other->replaced;
  }));
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
  SaTable& sas = context.core.sas;
  const std::string& profile = context.sa.peer->name;
  const std::size_t of_peer = count_standing(context, sas.of_peer(profile, context.sa.remote_id));
  if (of_peer >= config.ike_per_identity) {
    return context.sa.remote_id.text() + " has " + std::to_string(of_peer) +
           " IKE SAs already, limits.ike_per_identity is " + std::to_string(config.ike_per_identity);
  }
  // They are looked at one by one only where there may be too many.
  if (sas.count_of_profile(profile) < config.ike_per_profile) return {};
  const std::size_t of_profile = count_standing(context, sas.of_profile(profile));
  if (of_profile >= config.ike_per_profile) {
    return "profile " + profile + " has " + std::to_string(of_profile) +
           " IKE SAs already, limits.ike_per_profile is " + std::to_string(config.ike_per_profile);
  }
  return {};
}

std::optional<std::string> no_room_for_successor(const Context& context) {
  const std::size_t limit = 2 * context.core.config.ike_per_identity;
  // This one is among them.
  if (context.core.sas.of_peer(context.sa.peer->name, context.sa.remote_id).size() <= limit) return {};
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
