// A YAML document as a tree of our own, in which every node knows its place, and duplicate keys are found.
// yaml_tree.cpp is the only file that names yaml-cpp.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "config/diagnostics.h"

namespace config {

struct YamlNode;
using YamlNodePtr = std::shared_ptr<const YamlNode>;

struct YamlEntry {
  std::string key;
  Place place;  // of the key
  YamlNodePtr value;
};

struct YamlNode {
  enum class Kind : std::uint8_t { null, scalar, sequence, map };
  Kind kind = Kind::null;
  Place place;                     // for null: of its key
  std::string text;                // of a scalar
  std::vector<YamlNodePtr> items;  // of a sequence
  std::vector<YamlEntry> entries;  // of a map: each key once
  std::size_t weight = 1;          // nodes in it, those of aliases counted each time

  YamlNode() = default;
  YamlNode(const YamlNode&) = delete;
  YamlNode& operator=(const YamlNode&) = delete;
  ~YamlNode();  // wipes the text, which may be a secret

  bool is_null() const { return kind == Kind::null; }
  bool is_scalar() const { return kind == Kind::scalar; }
  bool is_sequence() const { return kind == Kind::sequence; }
  bool is_map() const { return kind == Kind::map; }
  const YamlEntry* find(std::string_view key) const;
};

// The one document of a text; nullptr where it cannot be read, or holds nothing. What is wrong goes to
// `diagnostics`: bad syntax, duplicate keys (the first one stays), keys that are no words, a second document,
// nesting or aliases without measure. Never throws.
YamlNodePtr parse_yaml(const std::string& text, Diagnostics& diagnostics);

// "map", "list", "value" or "nothing", for messages.
std::string_view kind_name(const YamlNode& node);

}  // namespace config
