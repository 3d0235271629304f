#include "esp/counters.h"

namespace esp {
namespace {

struct Row {
  std::string_view name, unit, description;
};
constexpr std::array<Row, kCounters> kRows = {{
#define COUNTER(identifier, text, unit, description) {text, #unit, description},
#include "esp/counters.def"
#undef COUNTER
}};

const Row& row(Counter counter) { return kRows.at(static_cast<std::size_t>(counter)); }

}  // namespace

std::string_view name(Counter counter) { return row(counter).name; }
std::string_view unit(Counter counter) { return row(counter).unit; }
std::string_view description(Counter counter) { return row(counter).description; }

}  // namespace esp
