// IPsec SAs: those of children and those that are keyed by hand.
#include <algorithm>

#include "apps/daemon/clock.h"
#include "apps/daemon/listing/table.h"
#include "apps/daemon/manual/describe.h"
#include "control/listing/ipsec_sa.h"
#include "control/model.h"

namespace daemon_app {
namespace {

using nlohmann::json;

void add_names(const ManualTable& table, std::uint64_t index, Names& names) {
  const auto found = table.sas().find(index);
  if (found == table.sas().end()) return;
  names.push_back(found->second.in_name);
  names.push_back(found->second.out_name);
}

json manual_row(const ListingParts& parts, const ListingOptions& options, std::uint64_t index,
                const DataplaneStatus& dataplane) {
  const auto found = parts.manual.sas().find(index);
  if (found == parts.manual.sas().end()) return nullptr;
  return control::to_json(
      describe_sa(found->second, parts.manual, dataplane, monotonic_now(), options.secrets));
}

json child_row(const ListingParts& parts, const ListingOptions& options, const Table::Key& key,
               const DataplaneStatus& dataplane) {
  const auto sa = parts.engine.ike_sa(key.owner, key.children, options.secrets);
  if (!sa || sa->children.empty()) return nullptr;
  return {{"ike_sa", control::to_json(make_ike_sa_view(*sa, dataplane, monotonic_now()))}};
}

// The first of its indexes in the listing.
std::uint64_t first_index(const Table::Key& key) {
  return key.manual ? control::listing::manual_sa_index(key.id) : control::listing::child_sa_index(key.id);
}

bool has_index(const Table::Key& key, std::uint64_t index) {
  const std::uint64_t first = first_index(key);
  return index == first || (!key.manual && index == first + 1);
}

}  // namespace

Table list_ipsec_sas(const ListingParts& parts, const ListingOptions& options) {
  Table table{"ipsec_sas", {}, nullptr, nullptr};
  const auto add = [&](Table::Key key) {
    if (!options.index || has_index(key, *options.index)) table.keys.push_back(std::move(key));
  };
  for (const auto& sa : parts.engine.outline()) {
    for (const base::ChildId child : sa.children) add({child.value, sa.id, 1, false, {child}});
  }
  if (options.manual) {
    for (const auto& [index, sa] : parts.manual.sas()) add({index, 0, 1, true, {}});
  }
  std::sort(table.keys.begin(), table.keys.end(),
            [](const Table::Key& a, const Table::Key& b) { return first_index(a) < first_index(b); });
  table.names = [parts](const Table::Key& key, Names& names) {
    if (key.manual) return add_names(parts.manual, key.id, names);
    names.push_back(key.children.front());
  };
  table.row = [parts, options](const Table::Key& key, const DataplaneStatus& dataplane) -> json {
    if (!key.manual) return child_row(parts, options, key, dataplane);
    json sa = manual_row(parts, options, key.id, dataplane);
    return sa.is_null() ? json() : json{{"manual", std::move(sa)}};
  };
  return table;
}

Table list_manual_sas(const ListingParts& parts, const ListingOptions& options) {
  Table table{"manual_sas", {}, nullptr, nullptr};
  for (const auto& [index, sa] : parts.manual.sas()) {
    if (!options.numbered || sa.spec.id) table.keys.push_back({index, 0, 1, true, {}});
  }
  table.names = [parts](const Table::Key& key, Names& names) { add_names(parts.manual, key.id, names); };
  table.row = [parts, options](const Table::Key& key, const DataplaneStatus& dataplane) {
    return manual_row(parts, options, key.id, dataplane);
  };
  return table;
}

Table list_groups(const ListingParts& parts, const ListingOptions&) {
  Table table{"groups", {}, nullptr, nullptr};
  for (const auto& [index, group] : parts.manual.groups()) table.keys.push_back({index, 0, 1, true, {}});
  table.row = [parts](const Table::Key& key, const DataplaneStatus&) -> json {
    const auto found = parts.manual.groups().find(key.id);
    if (found == parts.manual.groups().end()) return nullptr;
    return describe_group(found->second, parts.manual);
  };
  return table;
}

}  // namespace daemon_app
