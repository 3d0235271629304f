#include "apps/daemon/listing/document.h"

#include <utility>

#include "control/protocol.h"

namespace daemon_app {

using nlohmann::json;

void Document::key(const std::string& name) {
  if (std::exchange(any_, true)) text_ += ',';
  text_ += control::dump(name) + ':';
}

// A row with children stays open behind the last of them.
void Document::end_row() {
  if (std::exchange(children_, false)) text_ += "]}";
}

void Document::end_array() {
  end_row();
  if (std::exchange(open_, false)) text_ += ']';
}

void Document::array(const std::string& name) {
  end_array();
  key(name);
  text_ += '[';
  open_ = true;
  any_rows_ = false;
}

void Document::row(json row) {
  const bool continues = row.is_object() && row.erase("continues") != 0;
  json children;
  if (row.is_object() && row.contains("children")) children = std::move(row["children"]);
  if (!children.is_array() || !continues || !children_) {  // else it belongs to the row before
    end_row();
    if (std::exchange(any_rows_, true)) text_ += ',';
    if (!children.is_array()) {
      text_ += control::dump(row);
      return;
    }
    row.erase("children");
    std::string head = control::dump(row);
    head.pop_back();
    text_ += head + (row.empty() ? "" : ",") + "\"children\":[";
    children_ = true;
    any_children_ = false;
  }
  for (const json& child : children) {
    if (std::exchange(any_children_, true)) text_ += ',';
    text_ += control::dump(child);
  }
}

std::string Document::finish(const json& members) {
  end_array();
  for (const auto& [name, value] : members.items()) {
    key(name);
    text_ += control::dump(value);
  }
  text_ += '}';
  return std::move(text_);
}

}  // namespace daemon_app
