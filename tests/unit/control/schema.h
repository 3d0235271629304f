// Enough of JSON Schema to hold our output against docs/schema: type, required, properties, items, enum,
// pattern, minimum, additionalProperties, $ref into $defs of this file or another.
#pragma once

#include <fstream>
#include <nlohmann/json.hpp>
#include <regex>
#include <stdexcept>
#include <string>

namespace schema {

using nlohmann::json;

// A file of the repository.
inline std::string repository_file(const std::string& path) {
  std::ifstream in(IKEV2D_SOURCE_DIR "/" + path);
  if (!in) throw std::runtime_error("cannot read " + path);
  return {std::istreambuf_iterator<char>(in), {}};
}

inline bool has_type(const json& value, const std::string& type) {
  if (type == "integer") return value.is_number_integer();
  if (type == "string") return value.is_string();
  if (type == "boolean") return value.is_boolean();
  if (type == "object") return value.is_object();
  if (type == "array") return value.is_array();
  if (type == "null") return value.is_null();
  throw std::runtime_error("a type this validator does not know: " + type);
}

// Empty, or what is wrong and where.
inline std::string check(const json& value, const json& rule, const json& root, const std::string& at = "$") {
  if (rule.contains("$ref")) {  // "#/$defs/NAME", of this file or behind the name of another
    const std::string target = rule["$ref"].get<std::string>();
    const std::size_t hash = target.find('#');
    const std::string name = target.substr(hash + 8);
    if (hash == 0) return check(value, root["$defs"].at(name), root, at);
    const json other = json::parse(repository_file("docs/schema/" + target.substr(0, hash)));
    return check(value, other["$defs"].at(name), other, at);
  }
  if (rule.contains("type")) {
    const json types = rule["type"].is_array() ? rule["type"] : json::array({rule["type"]});
    bool any = false;
    for (const json& type : types) any = any || has_type(value, type.get<std::string>());
    if (!any) return at + " is not of type " + rule["type"].dump();
  }
  if (rule.contains("enum") &&
      std::find(rule["enum"].begin(), rule["enum"].end(), value) == rule["enum"].end())
    return at + " is none of " + rule["enum"].dump();
  if (rule.contains("pattern") && value.is_string() &&
      !std::regex_search(value.get<std::string>(), std::regex(rule["pattern"].get<std::string>())))
    return at + " does not match " + rule["pattern"].dump();
  if (rule.contains("minimum") && value.is_number() && value < rule["minimum"]) return at + " is too small";
  if (value.is_array() && rule.contains("items"))
    for (std::size_t i = 0; i < value.size(); ++i)
      if (auto wrong = check(value[i], rule["items"], root, at + "[" + std::to_string(i) + "]");
          !wrong.empty())
        return wrong;
  if (!value.is_object()) return {};
  const json properties = rule.value("properties", json::object());
  for (const json& name : rule.value("required", json::array()))
    if (!value.contains(name.get<std::string>())) return at + " lacks " + name.dump();
  for (const auto& [name, member] : value.items()) {
    const bool known = properties.contains(name);
    if (!known && !rule.contains("additionalProperties")) return at + " has the undocumented field " + name;
    if (auto wrong =
            check(member, known ? properties[name] : rule["additionalProperties"], root, at + "." + name);
        !wrong.empty())
      return wrong;
  }
  return {};
}

inline std::string check_file(const json& value, const std::string& path) {
  const json root = json::parse(repository_file(path));
  return check(value, root, root);
}

}  // namespace schema
