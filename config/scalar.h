// Single values as users write them. Errors are of family local, and their reasons quote the text.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/ip.h"
#include "base/result.h"
#include "base/time.h"
#include "config/diagnostics.h"
#include "config/suggest.h"
#include "ikev2/config.h"

namespace config {

// "90s", "15m", "24h", "7d", "500ms", also "1h30m"; digits alone are seconds. At most ten years.
base::Result<base::Duration> parse_duration(std::string_view text);
// The same, but not zero.
base::Result<base::Duration> parse_positive_duration(std::string_view text);
// Octets: "10GiB", "500MB", "4096"; units kB MB GB TB (powers of 1000), KiB MiB GiB TiB (powers of 1024), B.
base::Result<std::uint64_t> parse_size(std::string_view text);
// A decimal number, or 0x and hexadecimal, within the bounds.
base::Result<std::uint64_t> parse_number(std::string_view text, std::uint64_t least, std::uint64_t most);
// 1 to 65535.
base::Result<std::uint16_t> parse_port(std::string_view text);
// true, false, yes, no, on, off.
base::Result<bool> parse_bool(std::string_view text);
// Permission bits in octal, as chmod writes them: "0660".
base::Result<std::uint32_t> parse_mode(std::string_view text);
// A unicast address, or 0.0.0.0 and :: where `unspecified` is allowed.
base::Result<base::IpAddress> parse_address(std::string_view text, bool unspecified);
// An address, a prefix, a host name (RFC 1123 2.1), or "any".
base::Result<ikev2::RemoteAddress> parse_remote_address(std::string_view text);
// A name that Linux takes for a network interface.
base::Result<std::string> parse_interface(std::string_view text);

// Letters, digits, '_', '-', '.'; at most 64.
bool is_name(std::string_view text);

// One of a few words.
template <class T>
base::Result<T> parse_word(std::string_view text,
                           std::initializer_list<std::pair<std::string_view, T>> words) {
  std::vector<std::string_view> known;
  std::string list;
  for (const auto& [word, value] : words) {
    if (word == text) return value;
    known.push_back(word);
    list += (list.empty() ? "" : ", ") + std::string(word);
  }
  return base::local_error(quote(text) + " is none of " + list + did_you_mean(text, known));
}

}  // namespace config
