// Profiles and IKE SAs.
#include <algorithm>
#include <memory>

#include "apps/daemon/clock.h"
#include "apps/daemon/listing/table.h"
#include "control/model.h"

namespace daemon_app {
namespace {

using nlohmann::json;

// Children in one row.
constexpr std::size_t kChildren = 16;

bool wanted(const ikev2::IkeSaOutline& sa, const ListingOptions& options) {
  if (!options.profile.empty() && sa.profile != options.profile) return false;
  return !options.responder_spi || sa.spi_r.value == *options.responder_spi;
}

control::ChildSums sums_of(const std::vector<ikev2::ChildStatus>& children, const DataplaneStatus& seen,
                           base::Instant now) {
  control::ChildSums sums;
  sums.children = children.size();
  for (const auto& [id, traffic] : seen.children) {
    sums.bytes_in += traffic.bytes_in;
    sums.bytes_out += traffic.bytes_out;
  }
  for (const ikev2::ChildStatus& child : children) {
    const auto left = child.rekey_at > now ? base::whole_seconds(child.rekey_at - now) : 0;
    if (left > 0 && (sums.rekey_in_s == 0 || left < sums.rekey_in_s)) sums.rekey_in_s = left;
  }
  return sums;
}

// The sums over the children, which are left out themselves.
json brief_row(const ListingParts& parts, const Table::Key& key) {
  auto sa = parts.engine.ike_sa(key.id, key.children, false);
  if (!sa) return nullptr;
  const base::Instant now = monotonic_now();
  const auto sums = sums_of(sa->children, parts.glance(key.children), now);
  sa->children.clear();
  control::IkeSaView view = make_ike_sa_view(*sa, {}, now);
  view.sums = sums;
  json row = control::to_json(view);
  if (key.owner != 0) row["continues"] = true;
  return row;
}

json whole_row(const ListingParts& parts, const ListingOptions& options, const Table::Key& key,
               const DataplaneStatus& dataplane) {
  const auto sa = parts.engine.ike_sa(key.id, key.children, options.secrets);
  if (!sa) return nullptr;
  json row = control::to_json(make_ike_sa_view(*sa, dataplane, monotonic_now()));
  if (key.owner != 0) row["continues"] = true;
  return row;
}

// `owner` is not 0 in rows behind the first of an IKE SA.
void add_keys(const ikev2::IkeSaOutline& sa, std::vector<Table::Key>& keys) {
  std::size_t at = 0;
  do {
    const std::size_t count = std::min(kChildren, sa.children.size() - at);
    const auto from = sa.children.begin() + static_cast<std::ptrdiff_t>(at);
    keys.push_back({sa.id, at, static_cast<std::uint32_t>(1 + count), false,
                    Names(from, from + static_cast<std::ptrdiff_t>(count))});
    at += count;
  } while (at < sa.children.size());
}

}  // namespace

Table list_profiles(const ListingParts& parts, const ListingOptions& options) {
  auto profiles = std::make_shared<std::vector<control::ProfileView>>(
      make_status_view(parts.engine.summary(), {}, {{}, monotonic_now(), std::chrono::system_clock::now()})
          .profiles);
  std::erase_if(*profiles, [&](const control::ProfileView& profile) {
    return !options.profile.empty() && profile.name != options.profile;
  });
  Table table{"profiles", {}, nullptr, nullptr};
  for (std::size_t i = 0; i < profiles->size(); ++i) table.keys.push_back({i, 0, 1, false, {}});
  table.row = [profiles](const Table::Key& key, const DataplaneStatus&) {
    return control::to_json((*profiles)[key.id]);
  };
  return table;
}

Table list_ike_sas(const ListingParts& parts, const ListingOptions& options) {
  Table table{"ike_sas", {}, nullptr, nullptr};
  for (const auto& sa : parts.engine.outline()) {
    if (wanted(sa, options)) add_keys(sa, table.keys);
  }
  if (options.brief) {
    table.row = [parts](const Table::Key& key, const DataplaneStatus&) { return brief_row(parts, key); };
    return table;
  }
  table.names = [](const Table::Key& key, Names& names) {
    names.insert(names.end(), key.children.begin(), key.children.end());
  };
  table.row = [parts, options](const Table::Key& key, const DataplaneStatus& dataplane) {
    return whole_row(parts, options, key, dataplane);
  };
  return table;
}

}  // namespace daemon_app
