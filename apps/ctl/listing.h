// Tables of the daemon as they arrive, row by row.
#pragma once

#include <functional>
#include <nlohmann/json.hpp>
#include <optional>
#include <ostream>
#include <set>
#include <string>

#include "apps/ctl/commands.h"
#include "control/manual_model.h"
#include "control/model.h"

namespace ctl {

using OnRow = std::function<void(const std::string& table, const nlohmann::json& row)>;

// Asks for a listing (apps/daemon/listing/lister.h says what `args` are) and hands its rows over; what they
// print is seen at once, part by part, and a terminal that waits keeps nobody waiting but ikectl itself. An
// IKE SA comes as one row with all its children. Returns what is not about single rows; nothing: refused, as
// ask().
std::optional<nlohmann::json> list(const Invocation& invocation, Terminal& terminal, nlohmann::json args,
                                   const OnRow& on_row, int& status);

// All that listings are made of.
struct Models {
  control::StatusView status;
  control::ManualView manual;
};
// The whole listing, for what cannot be printed row by row.
std::optional<Models> list_models(const Invocation& invocation, Terminal& terminal,
                                  const nlohmann::json& args, int& status);

// Prints a JSON object on one line, whose arrays arrive element by element.
class JsonPrinter {
 public:
  explicit JsonPrinter(std::ostream& out) : out_(out) {}
  // Begins that array, unless it has been begun; all of its elements come before the next one.
  void array(const std::string& key);
  void element(const std::string& key, const nlohmann::json& value);
  // A member that is there already.
  void member(const std::string& key, const nlohmann::json& value);
  void end();

 private:
  void close();

  std::ostream& out_;
  std::set<std::string> begun_;  // arrays
  std::string open_;             // the one that is
  bool any_ = false, any_elements_ = false;
};

}  // namespace ctl
