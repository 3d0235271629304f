// What is configured: profile by profile, and as YAML.
#include <algorithm>
#include <memory>

#include "apps/daemon/listing/table.h"
#include "apps/daemon/profile_view.h"

namespace daemon_app {

using nlohmann::json;

// Octets of one row of YAML, or the end of the line in which they are reached.
constexpr std::size_t kTextOfRow = 32768;

Table list_profile_configs(const ListingParts& parts, const ListingOptions& options) {
  Table table{"profile_configs", {}, nullptr, nullptr};
  const auto names = std::make_shared<std::vector<std::string>>();
  for (const auto& [name, profile] : parts.config.profiles()) {
    if (!options.profile.empty() && name != options.profile) continue;
    const std::size_t children = profile.peer == nullptr ? 0 : profile.peer->children.size();
    table.keys.push_back({names->size(), 0, static_cast<std::uint32_t>(1 + children), false, {}});
    names->push_back(name);
  }
  table.row = [parts, names, secrets = options.secrets](const Table::Key& key,
                                                        const DataplaneStatus&) -> json {
    const auto found = parts.config.profiles().find((*names)[key.id]);
    if (found == parts.config.profiles().end()) return nullptr;
    return control::to_json(make_profile_config_view(found->first, found->second, secrets));
  };
  return table;
}

// The text is of one moment, so it is made at once; what is dear is its way through JSON.
Table list_yaml(const ListingParts& parts, const ListingOptions& options) {
  Table table{"yaml", {}, nullptr, nullptr};
  const auto text = std::make_shared<const std::string>(parts.config.save(options.secrets));
  for (std::size_t at = 0; at < text->size();) {
    const std::size_t line = text->find('\n', std::min(at + kTextOfRow, text->size()));
    const std::size_t end = std::min(line, text->size() - 1) + 1;
    table.keys.push_back({at, end - at, 16, false, {}});
    at = end;
  }
  table.row = [text](const Table::Key& key, const DataplaneStatus&) {
    return text->substr(key.id, key.owner);
  };
  return table;
}

}  // namespace daemon_app
