// A JSON object whose arrays grow row by row, written as they do: what thousands of rows come to costs no
// more at the end than each of them.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

namespace daemon_app {

class Document {
 public:
  // Begins an array; later rows are of it. Each key once.
  void array(const std::string& key);
  // One with "continues": true adds its "children" to the row before.
  void row(nlohmann::json row);
  // The whole object, with these members behind the arrays. Once.
  std::string finish(const nlohmann::json& members);

 private:
  void key(const std::string& name);
  void end_row();
  void end_array();

  std::string text_ = "{";
  bool any_ = false, open_ = false, any_rows_ = false;
  bool children_ = false, any_children_ = false;  // of the row that is under way; some of them are there
};

}  // namespace daemon_app
