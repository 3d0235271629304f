#include "config/diagnostics.h"

#include <fmt/core.h>

#include <algorithm>
#include <tuple>
#include <unordered_set>

namespace config {

std::string Diagnostic::text() const {
  return fmt::format("{}:{}:{}: {}: {}", where.file, where.line, where.column,
                     severity == Severity::error ? "error" : "warning", message);
}

bool LoadResult::ok() const {
  return std::none_of(diagnostics.begin(), diagnostics.end(),
                      [](const Diagnostic& d) { return d.severity == Diagnostic::Severity::error; });
}

void Diagnostics::add(Diagnostic::Severity severity, Place at, std::string message) {
  // One line for a terminal, whatever a reason from elsewhere quotes.
  constexpr std::size_t kMost = 400;
  if (message.size() > kMost) message.replace(kMost, std::string::npos, "...");
  std::replace_if(
      message.begin(), message.end(), [](char c) { return (c >= 0 && c < 0x20) || c == 0x7f; }, '?');
  if (severity == Diagnostic::Severity::error) errors_.insert(at);
  list_.push_back({severity, {file_, at.line, at.column}, std::move(message)});
}

std::vector<Diagnostic> Diagnostics::take() {
  const auto place = [](const Diagnostic& d) { return std::tie(d.where.line, d.where.column); };
  std::stable_sort(list_.begin(), list_.end(),
                   [&](const Diagnostic& a, const Diagnostic& b) { return place(a) < place(b); });
  // A node that aliases name several times is read several times, and says the same each time.
  std::unordered_set<std::string> seen;
  std::erase_if(list_, [&](const Diagnostic& d) { return !seen.insert(d.text()).second; });
  errors_.clear();
  return std::exchange(list_, {});
}

std::string quote(std::string_view text) {
  constexpr std::size_t kMost = 60;
  std::string out = "\"";
  for (const char c : text.substr(0, kMost)) {
    const auto octet = static_cast<unsigned char>(c);
    if (octet < 0x20 || octet >= 0x7f) {
      out += fmt::format("\\x{:02x}", octet);
    } else {
      out += c;
    }
  }
  if (text.size() > kMost) out += "...";
  return out + "\"";
}

}  // namespace config
