// Profiles and IKE SAs.
#include <algorithm>
#include <memory>

#include "apps/daemon/clock.h"
#include "apps/daemon/listing/table.h"
#include "control/model.h"

namespace daemon_app {
namespace {

using nlohmann::json;

// Children in one row, and those whose sums are no dearer than a row of another table.
constexpr std::size_t kChildren = 16, kChildrenSummed = 128;

bool wanted(const ikev2::IkeSaOutline& sa, const ListingOptions& options) {
  if (!options.profile.empty() && sa.profile != options.profile) return false;
  return !options.responder_spi || sa.spi_r.value == *options.responder_spi;
}

control::ChildSums sums_of(const ikev2::IkeSaOutline& sa, const DataplaneStatus& seen, base::Instant now) {
  control::ChildSums sums;
  sums.children = sa.children.size();
  for (const auto& [id, traffic] : seen.children) {
    sums.bytes_in += traffic.bytes_in;
    sums.bytes_out += traffic.bytes_out;
  }
  for (const base::Instant rekey_at : sa.rekey_at) {
    const auto left = rekey_at > now ? base::whole_seconds(rekey_at - now) : 0;
    if (left > 0 && (sums.rekey_in_s == 0 || left < sums.rekey_in_s)) sums.rekey_in_s = left;
  }
  return sums;
}

// The sums over the children, which are left out themselves, as are the nonces: thousands of such rows are
// for people.
json brief_row(const ListingParts& parts, const ikev2::IkeSaOutline& outline) {
  auto sa = parts.engine.ike_sa(outline.id, {}, false);
  if (!sa) return nullptr;
  sa->nonce_i.clear();
  sa->nonce_r.clear();
  const base::Instant now = monotonic_now();
  control::IkeSaView view = make_ike_sa_view(*sa, {}, now);
  view.sums = sums_of(outline, parts.glance(outline.children), now);
  return control::to_json(view);
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

// `id` is the place of the IKE SA among those that were there when the listing began.
Table brief_table(const ListingParts& parts, std::vector<ikev2::IkeSaOutline> outlines) {
  Table table{"ike_sas", {}, nullptr, nullptr};
  for (std::size_t i = 0; i < outlines.size(); ++i) {
    const auto cost = static_cast<std::uint32_t>(1 + outlines[i].children.size() / kChildrenSummed);
    table.keys.push_back({i, 0, cost, false, {}});
  }
  const auto shared = std::make_shared<const std::vector<ikev2::IkeSaOutline>>(std::move(outlines));
  table.row = [parts, shared](const Table::Key& key, const DataplaneStatus&) {
    return brief_row(parts, (*shared)[key.id]);
  };
  return table;
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
  auto outlines = parts.engine.outline();
  std::erase_if(outlines, [&](const ikev2::IkeSaOutline& sa) { return !wanted(sa, options); });
  if (options.brief) return brief_table(parts, std::move(outlines));
  Table table{"ike_sas", {}, nullptr, nullptr};
  for (const auto& sa : outlines) add_keys(sa, table.keys);
  table.names = [](const Table::Key& key, Names& names) {
    names.insert(names.end(), key.children.begin(), key.children.end());
  };
  table.row = [parts, options](const Table::Key& key, const DataplaneStatus& dataplane) {
    return whole_row(parts, options, key, dataplane);
  };
  return table;
}

}  // namespace daemon_app
