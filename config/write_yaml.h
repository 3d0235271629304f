// From a tree back to YAML that loads again: what `ikectl config save` prints.
#pragma once

#include <string>
#include <string_view>

#include "config/yaml_tree.h"

namespace config {

// What stands where an inline secret would, in a text without secrets. The loader refuses it: nobody shall
// have a word that everybody knows as a secret by mistake.
constexpr std::string_view kLeftOut = "[redacted]";

struct WriteOptions {
  bool secrets = false;   // else inline PSKs and manual keys are kLeftOut
  std::string directory;  // absolute: what relative names of files in the tree are relative to
};

// A map, a list or a scalar, each line indented by `indent` spaces, with a newline at the end. Names of files
// come out absolute, so that the text may be put anywhere.
std::string write_yaml(const YamlNode& node, std::size_t indent, const WriteOptions& options);
// One map entry: "name:" and what is below it.
std::string write_yaml_entry(std::string_view key, const YamlNode& node, std::size_t indent,
                             const WriteOptions& options);

// A scalar or key that YAML reads back as exactly this text: in quotes where it could be anything else.
std::string yaml_scalar(std::string_view text);

}  // namespace config
