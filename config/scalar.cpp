#include "config/scalar.h"

#include <fmt/core.h>

#include <algorithm>
#include <charconv>
#include <limits>

namespace config {

namespace {

using std::chrono::nanoseconds;

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

// Takes the digits in front of `text`; false where there are none, or too many.
bool take_digits(std::string_view& text, std::uint64_t& out) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out);
  if (error != std::errc{}) return false;
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  return true;
}

// Takes the letters in front of `text`.
std::string_view take_letters(std::string_view& text) {
  const auto end = std::find_if_not(text.begin(), text.end(), is_letter);
  const auto letters = text.substr(0, static_cast<std::size_t>(end - text.begin()));
  text.remove_prefix(letters.size());
  return letters;
}

// Nanoseconds in a unit, largest first; 0 for an unknown one.
std::uint64_t unit_of_time(std::string_view unit) {
  using namespace std::chrono_literals;
  constexpr std::pair<std::string_view, nanoseconds> kUnits[] = {{"d", 24h},    {"h", 1h}, {"m", 1min},
                                                                 {"min", 1min}, {"s", 1s}, {"ms", 1ms}};
  for (const auto& [name, length] : kUnits) {
    if (name == unit) return static_cast<std::uint64_t>(length.count());
  }
  return 0;
}

base::Error no_duration(std::string_view text) {
  return base::local_error(quote(text) + " is no duration: write 90s, 15m or 24h");
}

}  // namespace

base::Result<base::Duration> parse_duration(std::string_view text) {
  constexpr std::uint64_t kMost = 3650ull * 24 * 3600 * 1'000'000'000;
  std::uint64_t total = 0, last_unit = std::numeric_limits<std::uint64_t>::max();
  std::string_view rest = text;
  if (!rest.empty() && std::all_of(rest.begin(), rest.end(), is_digit)) {
    std::uint64_t seconds = 0;
    if (!take_digits(rest, seconds) || seconds > kMost / 1'000'000'000) {
      return base::local_error(quote(text) + " is more than ten years");
    }
    return base::Duration(static_cast<std::int64_t>(seconds * 1'000'000'000));
  }
  do {
    std::uint64_t count = 0;
    if (!take_digits(rest, count)) return no_duration(text);
    const std::uint64_t unit = unit_of_time(take_letters(rest));
    if (unit == 0 || unit >= last_unit) return no_duration(text);
    if (count > kMost / unit || total + count * unit > kMost) {
      return base::local_error(quote(text) + " is more than ten years");
    }
    total += count * unit;
    last_unit = unit;
  } while (!rest.empty());
  return base::Duration(static_cast<std::int64_t>(total));
}

base::Result<base::Duration> parse_positive_duration(std::string_view text) {
  ASSIGN_OR_RETURN(const base::Duration value, parse_duration(text));
  if (value == base::Duration::zero()) return base::local_error("must be longer than 0");
  return value;
}

base::Result<std::uint64_t> parse_size(std::string_view text) {
  constexpr std::pair<std::string_view, std::uint64_t> kUnits[] = {
      {"", 1},
      {"B", 1},
      {"kB", 1000},
      {"MB", 1000'000},
      {"GB", 1000'000'000},
      {"TB", 1000'000'000'000},
      {"KiB", 1ull << 10},
      {"MiB", 1ull << 20},
      {"GiB", 1ull << 30},
      {"TiB", 1ull << 40},
  };
  std::string_view rest = text;
  std::uint64_t count = 0;
  if (take_digits(rest, count)) {
    for (const auto& [name, octets] : kUnits) {
      if (name != rest) continue;
      if (count > std::numeric_limits<std::uint64_t>::max() / octets) break;
      return count * octets;
    }
  }
  return base::local_error(quote(text) + " is no size: write 4096, 500MB or 10GiB");
}

base::Result<std::uint64_t> parse_number(std::string_view text, std::uint64_t least, std::uint64_t most) {
  const bool hex = text.starts_with("0x") || text.starts_with("0X");
  const std::string_view digits = hex ? text.substr(2) : text;
  std::uint64_t value = 0;
  const auto [end, error] =
      std::from_chars(digits.data(), digits.data() + digits.size(), value, hex ? 16 : 10);
  if (error != std::errc{} || end != digits.data() + digits.size() || value < least || value > most) {
    return base::local_error(fmt::format("{} is no number from {} to {}", quote(text), least, most));
  }
  return value;
}

base::Result<std::uint16_t> parse_port(std::string_view text) {
  ASSIGN_OR_RETURN(const std::uint64_t value, parse_number(text, 1, 65535));
  return static_cast<std::uint16_t>(value);
}

base::Result<bool> parse_bool(std::string_view text) {
  if (text == "true" || text == "yes" || text == "on") return true;
  if (text == "false" || text == "no" || text == "off") return false;
  return base::local_error(quote(text) + " is neither true nor false");
}

base::Result<std::uint32_t> parse_mode(std::string_view text) {
  std::uint32_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, 8);
  if (error != std::errc{} || end != text.data() + text.size() || value > 0777) {
    return base::local_error(quote(text) + " is no file mode: write it in octal, as \"0660\"");
  }
  return value;
}

base::Result<std::string> parse_interface(std::string_view text) {
  constexpr std::size_t kLongest = 15;  // IFNAMSIZ without its terminator
  const bool printable = std::all_of(text.begin(), text.end(), [](char c) { return c > ' ' && c < 0x7f; });
  if (text.empty() || text.size() > kLongest || !printable || text == "." || text == ".." ||
      text.find_first_of("/:%") != std::string_view::npos) {
    return base::local_error(quote(text) +
                             " is no name of a Linux interface (1 to 15 characters, none of /:%)");
  }
  return std::string(text);
}

bool is_name(std::string_view text) {
  constexpr std::size_t kLongest = 64;
  return !text.empty() && text.size() <= kLongest && std::all_of(text.begin(), text.end(), [](char c) {
    return is_letter(c) || is_digit(c) || c == '_' || c == '-' || c == '.';
  });
}

}  // namespace config
