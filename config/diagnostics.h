// Collects errors and warnings while a file is read, and hands them back in order of the file.
#pragma once

#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "config/model.h"

namespace config {

// A point in the file being read. Both count from 1.
struct Place {
  int line = 1, column = 1;
  auto operator<=>(const Place&) const = default;
};

class Diagnostics {
 public:
  explicit Diagnostics(std::string file) : file_(std::move(file)) {}

  void error(Place at, std::string message) { add(Diagnostic::Severity::error, at, std::move(message)); }
  void warning(Place at, std::string message) { add(Diagnostic::Severity::warning, at, std::move(message)); }
  // Whether an error stands at exactly this place: what was read there is not to be trusted.
  bool error_at(Place at) const { return errors_.contains(at); }
  std::size_t error_count() const { return errors_.size(); }  // places with an error
  const std::string& file() const { return file_; }
  // Everything in order of the file, each text once; leaves this empty.
  std::vector<Diagnostic> take();

 private:
  void add(Diagnostic::Severity severity, Place at, std::string message);

  std::string file_;
  std::vector<Diagnostic> list_;
  std::set<Place> errors_;
};

// Text of a user for a message: in quotes, unprintable octets as \xNN, at most 60 octets of it.
std::string quote(std::string_view text);

}  // namespace config
