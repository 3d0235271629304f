// What ProtectedPaths asks for, installed in the kernel.
#pragma once

#include <map>
#include <set>
#include <vector>

#include "tun/protected_paths.h"

namespace tun {

// The way from one state to the next is without a gap: the guard stands before the first route leads into the
// device, what stays is not touched, and what goes, goes last. The cost is that of what changed.
class RoutingTable {
 public:
  // Without a guard (where nf_tables is missing) rules stand in for it.
  RoutingTable(Netlink& netlink, ClearTextGuard* guard, const RoutingOptions& options)
      : netlink_(netlink), guard_(guard), options_(options) {}

  // Takes the changes of `paths`, always the same object. After an error they are installed in part, and that
  // is known; the next call continues from there, with changes or without.
  base::Status apply(ProtectedPaths& paths);
  // Removes everything, and forgets it.
  base::Status clear();
  // Whether all that was asked for is installed.
  bool is_complete() const { return destinations_.empty() && pairs_.empty() && !rules_left_; }

 private:
  base::Status work(const ProtectedPaths& paths);
  base::Status add_guard(const ProtectedPaths& paths);
  base::Status add_rules(const std::vector<Rule>& wanted);
  base::Status change_routes(const ProtectedPaths& paths);
  base::Status remove_rules(const std::vector<Rule>& wanted);
  base::Status remove_guard(const ProtectedPaths& paths);

  Netlink& netlink_;
  ClearTextGuard* guard_;
  const RoutingOptions options_;
  // Installed:
  std::map<base::Prefix, Route> routes_;
  std::vector<Rule> rules_;
  std::set<GuardPair> guarded_;
  // Not yet looked at:
  std::set<base::Prefix> destinations_;
  std::set<GuardPair> pairs_;
  bool rules_left_ = false;
};

}  // namespace tun
