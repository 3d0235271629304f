// The tables that the command "list" streams. Which rows a table has is looked up in one go, which is cheap;
// each row is made when its turn comes, and is left out where it has gone meanwhile.
#pragma once

#include <functional>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "apps/daemon/manual/table.h"
#include "apps/daemon/running_config.h"
#include "apps/daemon/status_view.h"
#include "ikev2/engine.h"

namespace daemon_app {

using Names = std::vector<base::ChildId>;

struct ListingParts {
  const ikev2::Engine& engine;
  const ManualTable& manual;
  // Of the data path (Dataplane::observe, later, and Dataplane::glance).
  std::function<void(Names names, std::function<void(DataplaneStatus)> done)> observe;
  std::function<DataplaneStatus(const Names& names)> glance;
  const RunningConfig& config;
};

// What the request asks for.
struct ListingOptions {
  bool secrets = false;
  bool brief = false;     // IKE SAs with sums in the place of their children
  bool manual = true;     // SAs that are keyed by hand too
  bool numbered = false;  // of manual SAs those with an id alone
  std::string profile;    // that one alone; empty: all
  std::optional<std::uint64_t> responder_spi, index, spd;
};

struct Table {
  // One row, or a part of one.
  struct Key {
    std::uint64_t id = 0, owner = 0;  // what they name is the table's affair
    std::uint32_t cost = 1;           // in rows
    bool manual = false;
    Names children;  // of the row, where it has some
  };
  std::string name;  // in the parts that are sent
  std::vector<Key> keys;
  // What the row wants to know of the data path; null: nothing.
  std::function<void(const Key& key, Names& names)> names;
  // Null where it has gone.
  std::function<nlohmann::json(const Key& key, const DataplaneStatus& dataplane)> row;
};

// {"name", "desired", "actual", "last_error"} as in status.
Table list_profiles(const ListingParts& parts, const ListingOptions& options);
// What profiles are configured with (control/profile_config.h).
Table list_profile_configs(const ListingParts& parts, const ListingOptions& options);
// Whole lines of what `config save` writes.
Table list_yaml(const ListingParts& parts, const ListingOptions& options);
// IKE SAs as in status. One with many children comes in several rows, one behind the other: those behind the
// first have "continues": true.
Table list_ike_sas(const ListingParts& parts, const ListingOptions& options);
// {"ike_sa": {…}} with one child, or {"manual": {…}}, in the order of `show ipsec sa`.
Table list_ipsec_sas(const ListingParts& parts, const ListingOptions& options);
// SAs as in manual-list.
Table list_manual_sas(const ListingParts& parts, const ListingOptions& options);
// Lists of SAIDs.
Table list_groups(const ListingParts& parts, const ListingOptions& options);
// {"spd": 1}, then {"policy": {…}} for each of its policies, in the order of VPP's eight lists.
Table list_policies(const ListingParts& parts, const ListingOptions& options);
// Policies and eroutes as in manual-list.
Table list_manual_policies(const ListingParts& parts, const ListingOptions& options);
// {"eroute": {…}, "local": ID, "remote": ID}, children's too, by their networks.
Table list_eroutes(const ListingParts& parts, const ListingOptions& options);

}  // namespace daemon_app
