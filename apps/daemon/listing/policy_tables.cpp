// Policies of SPDs, and eroutes.
#include <algorithm>
#include <tuple>

#include "apps/daemon/clock.h"
#include "apps/daemon/listing/table.h"
#include "apps/daemon/manual/describe.h"
#include "control/listing/ipsec_spd.h"
#include "control/listing/klips.h"

namespace daemon_app {
namespace {

using nlohmann::json;

// What an eroute stands by in ipsec_eroute(5): its networks, the most specific first among those that begin
// alike.
using Place = std::tuple<base::IpAddress, int, base::IpAddress, int>;

Place place_of(const spd::TrafficSelector& local, const spd::TrafficSelector& remote) {
  const auto bits = [](const spd::TrafficSelector& side) {
    const auto prefix = base::as_prefix(side.range);
    return prefix ? prefix->length : 0;
  };
  return {local.range.first, -bits(local), remote.range.first, -bits(remote)};
}

json policy_row(const ManualTable& table, std::uint64_t index) {
  const auto found = table.policies().find(index);
  if (found == table.policies().end()) return nullptr;
  return control::to_json(describe_policy(found->second, table));
}

// That of a child, for one pair of its selectors.
json child_row(const ListingParts& parts, const Table::Key& key) {
  const auto sa = parts.engine.ike_sa(key.owner, key.children, false);
  if (!sa || sa->children.empty()) return nullptr;
  const auto view = make_ike_sa_view(*sa, parts.glance(key.children), monotonic_now());
  const auto eroutes = control::listing::child_eroutes(view, view.children.front());
  if (key.id >= eroutes.size()) return nullptr;
  return {
      {"eroute", control::to_json(eroutes[key.id])}, {"local", view.local.id}, {"remote", view.remote.id}};
}

using Placed = std::vector<std::pair<Place, Table::Key>>;

void place_manual(const ManualTable& table, Placed& out) {
  for (const auto& [index, policy] : table.policies()) {
    if (policy.spec.spd == config::ManualPolicy::kEroutes)
      out.emplace_back(place_of(policy.spec.local, policy.spec.remote), Table::Key{index, 0, 1, true, {}});
  }
}

// Pairs of selectors are counted as child_eroutes() lists them.
void place_children(const ikev2::Engine& engine, Placed& out) {
  for (const auto& sa : engine.outline(true)) {
    for (std::size_t i = 0; i < sa.children.size(); ++i) {
      std::uint64_t pair = 0;
      for (const auto& local : sa.selectors[i].local) {
        for (const auto& remote : sa.selectors[i].remote)
          out.emplace_back(place_of(local, remote), Table::Key{pair++, sa.id, 1, false, {sa.children[i]}});
      }
    }
  }
}

}  // namespace

Table list_policies(const ListingParts& parts, const ListingOptions& options) {
  Table table{"policies", {}, nullptr, nullptr};
  struct Ranked {
    std::uint32_t spd;
    std::size_t section;  // 0: the SPD itself
    std::uint64_t index;
  };
  std::vector<Ranked> all;
  for (const auto& [spd, interfaces] : parts.manual.spds()) all.push_back({spd, 0, 0});
  for (const ManualPolicyEntry* policy : in_order(parts.manual)) {
    if (policy->spec.spd == config::ManualPolicy::kEroutes) continue;
    const bool outbound = policy->spec.direction == spd::Direction::outbound;
    const auto section = control::listing::spd_section(outbound, std::string(spd::name(policy->spec.action)),
                                                       policy->spec.local.range.first.is_v6());
    all.push_back({policy->spec.spd, 1 + section, policy->index});
  }
  std::stable_sort(all.begin(), all.end(), [](const Ranked& a, const Ranked& b) {
    return std::tie(a.spd, a.section) < std::tie(b.spd, b.section);
  });
  for (const Ranked& one : all) {
    if (!options.spd || *options.spd == one.spd) table.keys.push_back({one.index, one.spd, 1, true, {}});
  }
  table.row = [parts](const Table::Key& key, const DataplaneStatus&) -> json {
    if (key.id == 0) return {{"spd", key.owner}};
    json policy = policy_row(parts.manual, key.id);
    return policy.is_null() ? json() : json{{"policy", std::move(policy)}};
  };
  return table;
}

Table list_manual_policies(const ListingParts& parts, const ListingOptions&) {
  Table table{"manual_policies", {}, nullptr, nullptr};
  for (const ManualPolicyEntry* policy : in_order(parts.manual))
    table.keys.push_back({policy->index, 0, 1, true, {}});
  table.row = [parts](const Table::Key& key, const DataplaneStatus&) {
    return policy_row(parts.manual, key.id);
  };
  return table;
}

Table list_eroutes(const ListingParts& parts, const ListingOptions&) {
  Table table{"eroutes", {}, nullptr, nullptr};
  Placed placed;
  place_manual(parts.manual, placed);
  place_children(parts.engine, placed);
  std::stable_sort(placed.begin(), placed.end(),
                   [](const auto& a, const auto& b) { return a.first < b.first; });
  for (auto& [place, key] : placed) table.keys.push_back(std::move(key));
  table.row = [parts](const Table::Key& key, const DataplaneStatus&) -> json {
    if (!key.manual) return child_row(parts, key);
    json eroute = policy_row(parts.manual, key.id);
    return eroute.is_null() ? json() : json{{"eroute", std::move(eroute)}};
  };
  return table;
}

}  // namespace daemon_app
