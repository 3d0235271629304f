#include "tun/routing_table.h"

#include <algorithm>

namespace tun {

namespace {

bool holds(const std::vector<Rule>& rules, const Rule& rule) {
  return std::find(rules.begin(), rules.end(), rule) != rules.end();
}

}  // namespace

base::Status RoutingTable::apply(ProtectedPaths& paths) {
  ProtectedPaths::Changed changed = paths.take_changed();
  destinations_.merge(changed.destinations);
  pairs_.merge(changed.pairs);
  return work(paths);
}

base::Status RoutingTable::clear() {
  for (const auto& [destination, route] : routes_) destinations_.insert(destination);
  pairs_.insert(guarded_.begin(), guarded_.end());
  const ProtectedPaths none("", options_, 0, 0);
  return work(none);
}

base::Status RoutingTable::work(const ProtectedPaths& paths) {
  const std::vector<Rule> wanted = paths.rules();
  rules_left_ = true;  // until the end
  RETURN_IF_ERROR(add_guard(paths));
  RETURN_IF_ERROR(add_rules(wanted));
  RETURN_IF_ERROR(change_routes(paths));
  RETURN_IF_ERROR(remove_rules(wanted));
  RETURN_IF_ERROR(remove_guard(paths));
  rules_left_ = false;
  return {};
}

base::Status RoutingTable::add_guard(const ProtectedPaths& paths) {
  std::vector<GuardPair> missing;
  std::copy_if(pairs_.begin(), pairs_.end(), std::back_inserter(missing),
               [&](const GuardPair& pair) { return paths.is_guarded(pair) && guarded_.count(pair) == 0; });
  // What a bypass has opened closes at once, together with what holds in its place.
  std::vector<GuardPair> closed;
  std::copy_if(pairs_.begin(), pairs_.end(), std::back_inserter(closed), [&](const GuardPair& pair) {
    return pair.level && pair.pass && !paths.is_guarded(pair) && guarded_.count(pair) != 0;
  });
  if (guard_ != nullptr) {
    RETURN_IF_ERROR(guard_->change({paths.passes(), missing, closed}));
    guarded_.insert(missing.begin(), missing.end());
    for (const GuardPair& pair : closed) guarded_.erase(pair);
  }
  for (const GuardPair& pair : missing) {
    if (guard_ == nullptr) {
      for (const Rule& rule : rules_of(pair, options_)) RETURN_IF_ERROR(netlink_.add_rule(rule));
      guarded_.insert(pair);
    }
    pairs_.erase(pair);
  }
  return {};
}

base::Status RoutingTable::add_rules(const std::vector<Rule>& wanted) {
  for (const Rule& rule : wanted) {
    if (holds(rules_, rule)) continue;
    RETURN_IF_ERROR(netlink_.add_rule(rule));
    rules_.push_back(rule);
  }
  return {};
}

// What is new comes before what goes: a route may stand in for a narrower one.
base::Status RoutingTable::change_routes(const ProtectedPaths& paths) {
  for (auto at = destinations_.begin(); at != destinations_.end();) {
    const std::optional<Route> wanted = paths.route_to(*at);
    const auto found = routes_.find(*at);
    if (!wanted && found != routes_.end()) {
      ++at;
      continue;
    }
    if (wanted && (found == routes_.end() || found->second != *wanted)) {
      RETURN_IF_ERROR(netlink_.add_route(*wanted));  // takes the place of an older one
      routes_[*at] = *wanted;
    }
    at = destinations_.erase(at);
  }
  while (!destinations_.empty()) {
    const auto found = routes_.find(*destinations_.begin());
    RETURN_IF_ERROR(netlink_.remove_route(found->second));
    routes_.erase(found);
    destinations_.erase(destinations_.begin());
  }
  return {};
}

base::Status RoutingTable::remove_rules(const std::vector<Rule>& wanted) {
  for (std::size_t i = rules_.size(); i-- > 0;) {
    if (holds(wanted, rules_[i])) continue;
    RETURN_IF_ERROR(netlink_.remove_rule(rules_[i]));
    rules_.erase(rules_.begin() + static_cast<std::ptrdiff_t>(i));
  }
  return {};
}

base::Status RoutingTable::remove_guard(const ProtectedPaths& paths) {
  std::vector<GuardPair> superfluous;
  std::copy_if(pairs_.begin(), pairs_.end(), std::back_inserter(superfluous),
               [&](const GuardPair& pair) { return !paths.is_guarded(pair) && guarded_.count(pair) != 0; });
  if (guard_ != nullptr && !superfluous.empty()) {
    RETURN_IF_ERROR(guard_->change({paths.passes(), {}, superfluous}));
  }
  for (const GuardPair& pair : superfluous) {
    if (guard_ == nullptr) {
      for (const Rule& rule : rules_of(pair, options_)) RETURN_IF_ERROR(netlink_.remove_rule(rule));
    }
    guarded_.erase(pair);
    pairs_.erase(pair);
  }
  pairs_.clear();  // the rest is as it was
  return {};
}

}  // namespace tun
