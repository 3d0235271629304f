// Whole tables that are written as they are made.
#include "apps/daemon/listing/document.h"

#include <catch2/catch_test_macros.hpp>

using daemon_app::Document;
using nlohmann::json;

TEST_CASE("An object that is written row by row is the JSON of those rows") {
  Document document;
  document.array("empty");
  document.array("numbers");
  document.row(1);
  document.row("two");
  document.array("last");
  document.row({{"a", "\xff"}});  // no UTF-8
  CHECK(json::parse(document.finish({{"version", "0.1.0"}, {"list", {1}}})) ==
        json{{"empty", json::array()},
             {"numbers", {1, "two"}},
             {"last", json::array({json{{"a", "\uFFFD"}}})},
             {"version", "0.1.0"},
             {"list", {1}}});
  CHECK(Document().finish(json::object()) == "{}");
}

TEST_CASE("Rows that continue another are one with it") {
  Document document;
  document.array("sas");
  document.row({{"id", 1}, {"children", {1, 2}}});
  document.row({{"id", 1}, {"children", {3}}, {"continues", true}});
  document.row({{"id", 2}, {"children", json::array()}});
  document.row({{"id", 2}, {"children", {4}}, {"continues", true}});
  document.row({{"children", {5}}});
  document.array("others");
  document.row({{"children", {6}}, {"continues", true}});  // the one before it has gone
  const json whole = json::parse(document.finish({{"z", 1}}));
  CHECK(whole == json::parse(R"({"sas": [{"id": 1, "children": [1, 2, 3]}, {"id": 2, "children": [4]},
                                         {"children": [5]}], "others": [{"children": [6]}], "z": 1})"));
}
