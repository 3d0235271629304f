// Reads the words of a command one by one; the first error stays.
#pragma once

#include <fmt/format.h>

#include <charconv>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace ctl {

class WordReader {
 public:
  explicit WordReader(const std::vector<std::string>& words) : words_(words) {}

  bool at_end() const { return next_ >= words_.size() || wrong_; }
  // Takes the next word where it is this one.
  bool take(std::string_view word) {
    if (at_end() || words_[next_] != word) return false;
    ++next_;
    return true;
  }
  // The next word, whatever it is; `what` names it where it is missing.
  std::string word(std::string_view what) {
    if (at_end()) {
      fail(fmt::format("{} is missing", what));
      return {};
    }
    return words_[next_++];
  }
  // All that are left, with a space between.
  std::string rest(std::string_view what) {
    std::string out = word(what);
    while (!at_end()) out += " " + words_[next_++];
    return out;
  }
  // A decimal number, or 0x and hexadecimal.
  std::uint64_t number(std::string_view what, std::uint64_t most) {
    const std::string text = word(what);
    const auto value = wrong_ ? std::nullopt : parse(text);
    if (value && *value <= most) return *value;
    fail(fmt::format("{}: '{}' is no number up to {}", what, text, most));
    return 0;
  }
  // "A - B", also written together.
  std::pair<std::string, std::string> range(std::string_view what) {
    const std::string first = word(what);
    if (const std::size_t dash = first.find('-'); dash != std::string::npos && dash > 0)
      return {first.substr(0, dash), first.substr(dash + 1)};
    if (!take("-")) fail(fmt::format("{}: A - B is needed", what));
    return {first, word(what)};
  }
  // The word that nobody wants.
  void not_understood() {
    if (!at_end()) fail(fmt::format("'{}' is not understood here", words_[next_]));
  }
  void fail(std::string reason) {
    if (!wrong_) wrong_ = std::move(reason);
  }
  base::Status finish() {
    not_understood();
    if (wrong_) return base::local_error(*wrong_);
    return {};
  }

  static std::optional<std::uint64_t> parse(std::string_view text) {
    const bool hex = text.substr(0, 2) == "0x";
    if (hex) text.remove_prefix(2);
    std::uint64_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, hex ? 16 : 10);
    if (error != std::errc() || end != text.data() + text.size()) return {};
    return value;
  }

 private:
  const std::vector<std::string>& words_;
  std::size_t next_ = 0;
  std::optional<std::string> wrong_;
};

}  // namespace ctl
