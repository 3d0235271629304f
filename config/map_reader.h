// Reads one map key by key, and at the end complains of every key that nobody asked for.
#pragma once

#include <fmt/core.h>

#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "base/result.h"
#include "config/yaml_tree.h"

namespace config {

class MapReader {
 public:
  // A `node` that is a map, or nothing at all (an empty map); anything else is reported here, once. `name` is
  // the key of the map, for messages. `at` stands for the map where something is missing in it.
  MapReader(const YamlNode& node, std::string name, Place at, Diagnostics& diagnostics);

  // The value of a key, or nullptr where it is left out. Asking makes the key a known one.
  const YamlNode* find(std::string_view key);
  const YamlEntry* find_entry(std::string_view key);
  // The map below a key, an empty one where it is left out.
  MapReader map(std::string_view key);
  // Whether the map can be read at all; where not, nothing more needs to be said of it.
  bool sound() const { return sound_; }
  bool has(std::string_view key) const { return node_ != nullptr && node_->find(key) != nullptr; }
  Place place() const { return at_; }
  const std::string& name() const { return name_; }
  Diagnostics& diagnostics() const { return diagnostics_; }

  // Reports each key that was not asked for. Where `secret`, a key may be a secret in the wrong place, and is
  // not repeated.
  void finish(bool secret = false);

 private:
  const YamlNode* node_ = nullptr;  // a map, or nullptr
  std::string name_;
  Place at_;
  Diagnostics& diagnostics_;
  bool sound_ = true;
  std::vector<std::string_view> known_;  // literals
};

// The text of a scalar; anything else is reported: "port: expected a single value, found a list".
std::optional<std::string_view> scalar_text(const YamlNode& node, std::string_view key, Diagnostics& out);
// A list, or a single value in place of a list of one. Reported and empty where it is neither, or an empty
// list.
std::vector<YamlNodePtr> list_items(const YamlEntry& entry, Diagnostics& out);
// "KEY: REASON" at the place of the node.
void report(const YamlNode& node, std::string_view key, const base::Error& error, Diagnostics& out);

// Reads a scalar by `parse` (text -> base::Result<T>) into `target`, which keeps its value where the key is
// left out or wrong. True where it was read.
template <class T, class Parse>
bool read(MapReader& map, std::string_view key, T& target, Parse parse) {
  const YamlNode* node = map.find(key);
  if (node == nullptr) return false;
  const auto text = scalar_text(*node, key, map.diagnostics());
  if (!text) return false;
  auto value = parse(*text);
  if (value.has_error()) {
    report(*node, key, value.error(), map.diagnostics());
    return false;
  }
  target = std::move(*value);
  return true;
}

// The same for each item of a list; wrong items are reported and left out.
template <class T, class Parse>
void read_list(MapReader& map, std::string_view key, std::vector<T>& target, Parse parse) {
  const YamlEntry* entry = map.find_entry(key);
  if (entry == nullptr) return;
  std::vector<T> values;
  for (const YamlNodePtr& item : list_items(*entry, map.diagnostics())) {
    const auto text = scalar_text(*item, key, map.diagnostics());
    if (!text) continue;
    auto value = parse(*text, *item);
    if (value.has_error()) {
      report(*item, key, value.error(), map.diagnostics());
    } else {
      values.push_back(std::move(*value));
    }
  }
  if (!values.empty()) target = std::move(values);
}

}  // namespace config
