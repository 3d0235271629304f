#include "config/write_yaml.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <filesystem>

namespace config {

namespace {

constexpr std::size_t kStep = 2;  // spaces of each level

bool is_one_of(std::string_view word, std::initializer_list<std::string_view> words) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

// Words and paths that YAML takes as they stand, in block and in flow style.
bool is_plain(std::string_view text) {
  if (text.empty() || is_one_of(text, {"null", "Null", "NULL", "true", "false", "yes", "no", "on", "off"}))
    return false;
  const auto letter_or_digit = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
  };
  if (!letter_or_digit(text.front()) && text.front() != '/') return false;
  return std::all_of(text.begin(), text.end(), [&](char c) {
    return letter_or_digit(c) || c == '/' || c == '_' || c == '-' || c == '.';
  });
}

// Control characters by their number; octets from 0x80 on are UTF-8 and stay.
std::string quoted(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    const auto octet = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (octet < 0x20 || octet == 0x7f) {
      out += fmt::format("\\x{:02x}", octet);
    } else {
      out += c;
    }
  }
  return out + "\"";
}

// Where in the tree the writer is: the key, and the one above it.
struct Where {
  std::string_view key, parent;
  Where below(std::string_view next) const { return {next, key}; }
};

bool is_secret_word(std::string_view key) { return is_one_of(key, {"psk", "encr_key", "integ_key"}); }

// A secret stands as a text, below `hex`, or in the file that `file` names.
bool holds_secret(const Where& at) {
  return is_secret_word(at.key) || (at.key == "hex" && is_secret_word(at.parent));
}

bool names_file(const Where& at) {
  if (at.key == "file" && is_secret_word(at.parent)) return true;
  return at.parent == "signature" && is_one_of(at.key, {"key", "cert", "ca", "crl"});
}

class Writer {
 public:
  explicit Writer(const WriteOptions& options) : options_(options) {}

  std::string scalar(const YamlNode& node, const Where& at) const {
    if (holds_secret(at) && !options_.secrets) return quoted(kLeftOut);
    if (!names_file(at)) return yaml_scalar(node.text);
    const auto path = std::filesystem::path(options_.directory) / std::filesystem::path(node.text);
    return yaml_scalar(path.lexically_normal().string());
  }

  // In one line.
  std::string flow(const YamlNode& node, const Where& at) const {
    if (node.is_scalar()) return scalar(node, at);
    std::string out;
    if (node.is_sequence()) {
      for (const auto& item : node.items) out += (out.empty() ? "" : ", ") + flow(*item, at);
      return "[" + out + "]";
    }
    for (const YamlEntry& entry : node.entries) {
      out += fmt::format("{}{}: {}", out.empty() ? "" : ", ", yaml_scalar(entry.key),
                         flow(*entry.value, at.below(entry.key)));
    }
    return node.is_map() ? "{" + out + "}" : "null";
  }

  std::string block(const YamlNode& node, std::size_t indent, const Where& at) const {
    const std::string margin(indent, ' ');
    std::string out;
    if (node.is_map()) {
      for (const YamlEntry& one : node.entries) out += entry(one.key, *one.value, indent, at);
      return out.empty() ? margin + "{}\n" : out;
    }
    if (!node.is_sequence() || !holds_maps(node)) return margin + flow(node, at) + "\n";
    for (const auto& item : node.items) out += margin + "- " + flow(*item, at) + "\n";
    return out;
  }

  std::string entry(std::string_view key, const YamlNode& node, std::size_t indent, const Where& at) const {
    const std::string head = std::string(indent, ' ') + yaml_scalar(key) + ":";
    const Where here = at.below(key);
    const bool deep = (node.is_map() && !node.entries.empty() && key != "auth") || holds_maps(node);
    if (!deep) return head + " " + flow(node, here) + "\n";
    return head + "\n" + block(node, indent + kStep, here);
  }

 private:
  static bool holds_maps(const YamlNode& node) {
    return node.is_sequence() &&
           std::any_of(node.items.begin(), node.items.end(), [](const auto& item) { return item->is_map(); });
  }

  const WriteOptions& options_;
};

}  // namespace

std::string write_yaml(const YamlNode& node, std::size_t indent, const WriteOptions& options) {
  return Writer(options).block(node, indent, {});
}

std::string write_yaml_entry(std::string_view key, const YamlNode& node, std::size_t indent,
                             const WriteOptions& options) {
  return Writer(options).entry(key, node, indent, {});
}

std::string yaml_scalar(std::string_view text) { return is_plain(text) ? std::string(text) : quoted(text); }

}  // namespace config
