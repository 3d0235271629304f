#include <catch2/catch_test_macros.hpp>
#include <cstdlib>
#include <fstream>
#include <set>
#include <sstream>

#include "esp/counters.h"

namespace {

const char* const kFile = IKEV2D_SOURCE_DIR "/docs/counters.md";

std::string document() {
  std::string out =
      "# Counters\n\n"
      "Generated from `esp/counters.def` by the test `counters_doc_test.cpp`: run `unit_esp` with "
      "`IKEV2D_UPDATE=1` "
      "to\nwrite it again. Each shard counts for itself; status shows the sums.\n\n"
      "| counter | unit | counts |\n|---|---|---|\n";
  for (std::size_t i = 0; i < esp::kCounters; ++i) {
    const auto counter = static_cast<esp::Counter>(i);
    out += "| `" + std::string(esp::name(counter)) + "` | " + std::string(esp::unit(counter)) + " | " +
           std::string(esp::description(counter)) + " |\n";
  }
  out +=
      "\nBeside them status shows `in-lost` (packets that found no buffer, no queue or came cut short, "
      "before any "
      "pipeline\nsaw them), `ike-lost` (the same of IKE messages), and `ike-` followed by each name in "
      "`ikev2/counters.h`: why the\nengine dropped or refused a message. `control-denied` (not permitted), "
      "`control-turned-away` (no place was free),\n`control-displaced` (silent, and another needed the "
      "place) and "
      "`control-slow-reader` count clients of the control\nsocket that were refused or thrown out.\n";
  return out;
}

}  // namespace

TEST_CASE("docs/counters.md lists the counters as they are") {
  if (std::getenv("IKEV2D_UPDATE") != nullptr) std::ofstream(kFile) << document();
  std::ifstream file(kFile);
  std::stringstream text;
  text << file.rdbuf();
  CHECK(text.str() == document());
}

TEST_CASE("every counter has a name of its own, a unit and a description") {
  std::set<std::string_view> names;
  for (std::size_t i = 0; i < esp::kCounters; ++i) {
    const auto counter = static_cast<esp::Counter>(i);
    CHECK(names.insert(esp::name(counter)).second);
    CHECK((esp::unit(counter) == "packets" || esp::unit(counter) == "octets"));
    CHECK_FALSE(esp::description(counter).empty());
  }
}

TEST_CASE("a counter adds up and leaves the others alone") {
  esp::Counters counters;
  counters.add(esp::Counter::in_replay);
  counters.add(esp::Counter::in_replay, 4);
  CHECK(counters.get(esp::Counter::in_replay) == 5);
  CHECK(counters.get(esp::Counter::in_padding) == 0);
}
