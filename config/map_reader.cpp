#include "config/map_reader.h"

#include <algorithm>

#include "config/suggest.h"

namespace config {

MapReader::MapReader(const YamlNode& node, std::string name, Place at, Diagnostics& diagnostics)
    : name_(std::move(name)), at_(at), diagnostics_(diagnostics) {
  if (node.is_map()) {
    node_ = &node;
  } else if (!node.is_null()) {
    sound_ = false;
    diagnostics_.error(node.place, fmt::format("{}: expected a map, found {}", name_, kind_name(node)));
  }
}

const YamlEntry* MapReader::find_entry(std::string_view key) {
  known_.push_back(key);
  return node_ == nullptr ? nullptr : node_->find(key);
}

const YamlNode* MapReader::find(std::string_view key) {
  const YamlEntry* entry = find_entry(key);
  return entry == nullptr ? nullptr : entry->value.get();
}

MapReader MapReader::map(std::string_view key) {
  static const YamlNode kNothing;
  const YamlEntry* entry = find_entry(key);
  if (entry == nullptr) return {kNothing, std::string(key), at_, diagnostics_};
  return {*entry->value, std::string(key), entry->place, diagnostics_};
}

void MapReader::finish(bool secret) {
  if (node_ == nullptr) return;
  for (const YamlEntry& entry : node_->entries) {
    if (std::find(known_.begin(), known_.end(), entry.key) != known_.end()) continue;
    const std::string hint = did_you_mean(entry.key, known_);
    const std::string key = secret && hint.empty() ? "" : " " + quote(entry.key);
    diagnostics_.error(entry.place, fmt::format("unknown key{} in {}{}", key, name_, hint));
  }
}

std::optional<std::string_view> scalar_text(const YamlNode& node, std::string_view key, Diagnostics& out) {
  if (node.is_scalar()) return node.text;
  out.error(node.place, fmt::format("{}: expected a single value, found {}", key, kind_name(node)));
  return {};
}

std::vector<YamlNodePtr> list_items(const YamlEntry& entry, Diagnostics& out) {
  const YamlNode& node = *entry.value;
  if (node.is_scalar()) return {entry.value};
  if (!node.is_sequence()) {
    out.error(node.place, fmt::format("{}: expected a list, found {}", entry.key, kind_name(node)));
  } else if (node.items.empty()) {
    out.error(node.place, fmt::format("{}: the list is empty; leave the key out for the default", entry.key));
  }
  return node.items;
}

void report(const YamlNode& node, std::string_view key, const base::Error& error, Diagnostics& out) {
  out.error(node.place, fmt::format("{}: {}", key, error.reason));
}

}  // namespace config
