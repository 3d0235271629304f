#include "apps/ctl/klips_words.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <fstream>
#include <ostream>

#include "apps/ctl/ask.h"
#include "base/bytes.h"
#include "control/listing/text.h"

namespace ctl {

using nlohmann::json;

namespace {

constexpr int kDeepest = 8;  // files of options that name files of options

base::Status expand(const std::vector<std::string>& words, int depth, std::vector<std::string>& out) {
  for (std::size_t i = 0; i < words.size(); ++i) {
    std::string path;
    if (words[i].starts_with("--optionsfrom=")) {
      path = words[i].substr(14);
    } else if (words[i] == "--optionsfrom") {
      if (++i == words.size()) return base::local_error("--optionsfrom needs a value: FILE");
      path = words[i];
    } else {
      out.push_back(words[i]);
      continue;
    }
    std::ifstream in(path);
    if (!in || depth == kDeepest)
      return base::local_error(fmt::format("--optionsfrom: cannot read '{}'", path));
    std::vector<std::string> more;
    for (std::string word; in >> word;) more.push_back(word);
    RETURN_IF_ERROR(expand(more, depth + 1, out));
  }
  return {};
}

bool contains(const std::vector<std::string_view>& names, std::string_view name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

std::optional<base::Bytes> from_base64(std::string_view text) {
  constexpr std::string_view kDigits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  base::Bytes out;
  unsigned bits = 0;
  std::uint32_t value = 0;
  while (!text.empty() && text.back() == '=') text.remove_suffix(1);
  for (const char c : text) {
    const std::size_t digit = kDigits.find(c);
    if (digit == std::string_view::npos) return {};
    value = (value << 6 | static_cast<std::uint32_t>(digit)) & 0xffffff;
    bits += 6;
    if (bits < 8) continue;
    bits -= 8;
    out.push_back(static_cast<std::uint8_t>(value >> bits));
  }
  // What is left of the last digit is padding.
  if (bits >= 6 || (value & ((1u << bits) - 1)) != 0) return {};
  return out;
}

}  // namespace

base::Result<KlipsWords> KlipsWords::read(const std::vector<std::string>& words,
                                          const std::vector<std::string_view>& with_value,
                                          const std::vector<std::string_view>& flags) {
  KlipsWords out;
  std::vector<std::string> all;
  RETURN_IF_ERROR(expand(words, 0, all));
  for (std::size_t i = 0; i < all.size(); ++i) {
    const std::string& word = all[i];
    if (!word.starts_with("--")) {
      out.rest_.push_back(word);
      continue;
    }
    const std::size_t equals = word.find('=');
    const std::string name = word.substr(2, equals == std::string::npos ? equals : equals - 2);
    if (out.has(name)) return base::local_error(fmt::format("--{} stands twice", name));
    if (contains(flags, name) && equals == std::string::npos) {
      out.options_.emplace_back(name, "");
    } else if (!contains(with_value, name)) {
      return base::local_error(fmt::format("unknown option '{}'", word.substr(0, equals)));
    } else if (equals != std::string::npos) {
      out.options_.emplace_back(name, word.substr(equals + 1));
    } else if (++i < all.size()) {
      out.options_.emplace_back(name, all[i]);
    } else {
      return base::local_error(fmt::format("--{} needs a value", name));
    }
  }
  return out;
}

bool KlipsWords::has(std::string_view name) const { return value(name).has_value(); }

std::optional<std::string> KlipsWords::value(std::string_view name) const {
  for (const auto& [option, text] : options_) {
    if (option == name) return text;
  }
  return {};
}

std::vector<std::string> KlipsWords::which(const std::vector<std::string_view>& names) const {
  std::vector<std::string> out;
  for (const std::string_view name : names) {
    if (has(name)) out.emplace_back(name);
  }
  return out;
}

std::optional<std::uint64_t> read_c_number(std::string_view text) {
  int radix = 10;
  if (text.starts_with("0x") || text.starts_with("0X")) {
    radix = 16;
    text.remove_prefix(2);
  } else if (text.size() > 1 && text[0] == '0') {
    radix = 8;
  }
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, radix);
  if (error != std::errc() || end != text.data() + text.size()) return {};
  return value;
}

base::Result<base::Said> read_klips_sa(const std::string& family, const std::string& destination,
                                       const std::string& spi, const std::string& protocol) {
  const auto address = base::IpAddress::parse(destination);
  if (!address) return base::local_error(fmt::format("'{}' is no address", destination));
  const bool v6 = family == "inet6";
  if (!v6 && family != "inet")
    return base::local_error(fmt::format("'{}' is neither inet nor inet6", family));
  if (v6 != address->is_v6()) return base::local_error(fmt::format("{} is not of {}", destination, family));
  const auto number = read_c_number(spi);
  if (!number || *number > 0xffffffff) return base::local_error(fmt::format("'{}' is no SPI", spi));
  const std::uint8_t proto = base::said_protocol(protocol);
  if (proto == 0) return base::local_error(fmt::format("'{}' is none of ah, esp, comp, tun", protocol));
  return base::Said{proto, base::Spi(static_cast<std::uint32_t>(*number)), *address};
}

base::Result<base::Said> read_klips_sa(const KlipsWords& words) {
  const auto said = words.value("said");
  const auto parts = words.which({"edst", "spi", "proto"});
  if (said && !parts.empty()) return base::local_error("--said and --" + parts.front() + " are one too many");
  if (said) return base::parse_said(*said);
  if (parts.size() != 3) return base::local_error("an SA is needed: --said, or --edst, --spi and --proto");
  const std::string destination = *words.value("edst");
  const bool v6 = destination.find(':') != std::string::npos;
  return read_klips_sa(words.value("af").value_or(v6 ? "inet6" : "inet"), destination, *words.value("spi"),
                       *words.value("proto"));
}

base::Result<std::string> read_klips_key(std::string_view option, const std::string& text) {
  base::Bytes octets;
  if (text.starts_with("0x") && text.size() > 2 && base::from_hex(text, octets)) return base::to_hex(octets);
  if (text.starts_with("0s")) {
    const auto decoded = from_base64(std::string_view(text).substr(2));
    if (decoded && !decoded->empty()) return base::to_hex(*decoded);
  }
  return base::local_error(
      fmt::format("--{}: a key is 0x and hexadecimal of whole octets, or 0s and base64", option));
}

int klips_usage(const Invocation& invocation, Terminal& terminal, const base::Error& error) {
  return usage(invocation, terminal, error.reason);
}

int run_manual(const Invocation& invocation, Terminal& terminal, const KlipsWords& words,
               const std::string& command, json args) {
  int status = kDone;
  const std::string before = terminal.where;
  if (const auto label = words.value("label")) terminal.where += *label + ": ";
  const auto result = ask(invocation, terminal, command, std::move(args), kQuick, status);
  if (result && invocation.json) print_json(terminal, *result);
  if (result) print_warnings(terminal, *result);
  terminal.where = before;
  return status;
}

}  // namespace ctl
