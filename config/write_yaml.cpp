#include "config/write_yaml.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <utility>

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

// Appends to one text: thousands of SAs are written while others wait.
class Writer {
 public:
  explicit Writer(const WriteOptions& options) : options_(options) {}

  // In one line.
  void flow(const YamlNode& node, const Where& at) {
    if (node.is_scalar()) return scalar(node, at);
    if (!node.is_sequence() && !node.is_map()) return add("null");
    const char* between = "";
    add(node.is_map() ? "{" : "[");
    for (const auto& item : node.items) {
      add(std::exchange(between, ", "));
      flow(*item, at);
    }
    for (const YamlEntry& entry : node.entries) {
      add(std::exchange(between, ", "));
      text(entry.key);
      add(": ");
      flow(*entry.value, at.below(entry.key));
    }
    add(node.is_map() ? "}" : "]");
  }

  void block(const YamlNode& node, std::size_t indent, const Where& at) {
    if (node.is_map() && !node.entries.empty()) {
      for (const YamlEntry& one : node.entries) entry(one.key, *one.value, indent, at);
      return;
    }
    if (!holds_maps(node)) return line(indent, "", node, at);
    for (const auto& item : node.items) line(indent, "- ", *item, at);
  }

  void entry(std::string_view key, const YamlNode& node, std::size_t indent, const Where& at) {
    const Where here = at.below(key);
    const bool deep = (node.is_map() && !node.entries.empty() && key != "auth") || holds_maps(node);
    out_.append(indent, ' ');
    text(key);
    add(deep ? ":\n" : ":");
    if (deep) return block(node, indent + kStep, here);
    line(1, "", node, here);
  }

  std::string take() { return std::move(out_); }

 private:
  void add(std::string_view part) { out_ += part; }

  void text(std::string_view value) {
    if (is_plain(value)) return add(value);
    add(quoted(value));
  }

  void scalar(const YamlNode& node, const Where& at) {
    if (holds_secret(at) && !options_.secrets) return add(quoted(kLeftOut));
    if (!names_file(at)) return text(node.text);
    const auto path = std::filesystem::path(options_.directory) / std::filesystem::path(node.text);
    text(path.lexically_normal().string());
  }

  // One line of a block, behind so many spaces and the mark of a list.
  void line(std::size_t indent, std::string_view mark, const YamlNode& node, const Where& at) {
    out_.append(indent, ' ');
    add(mark);
    flow(node, at);
    add("\n");
  }

  static bool holds_maps(const YamlNode& node) {
    return node.is_sequence() &&
           std::any_of(node.items.begin(), node.items.end(), [](const auto& item) { return item->is_map(); });
  }

  const WriteOptions& options_;
  std::string out_;
};

}  // namespace

std::string write_yaml(const YamlNode& node, std::size_t indent, const WriteOptions& options) {
  Writer writer(options);
  writer.block(node, indent, {});
  return writer.take();
}

std::string write_yaml_entry(std::string_view key, const YamlNode& node, std::size_t indent,
                             const WriteOptions& options) {
  Writer writer(options);
  writer.entry(key, node, indent, {});
  return writer.take();
}

std::string yaml_scalar(std::string_view text) { return is_plain(text) ? std::string(text) : quoted(text); }

}  // namespace config
