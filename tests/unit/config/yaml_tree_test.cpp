#include "config/yaml_tree.h"

#include "support.h"

using namespace config;

namespace {

config_test::Lines complaints(const std::string& text) {
  Diagnostics diagnostics("f");
  (void)parse_yaml(text, diagnostics);
  LoadResult result;
  result.diagnostics = diagnostics.take();
  return config_test::lines_of(result);
}

}  // namespace

TEST_CASE("nodes know their places, counted from 1") {
  Diagnostics diagnostics("f");
  const auto root = parse_yaml("a: 1\nb:\n  c: [x, \"y\"]\n  d:\n", diagnostics);
  REQUIRE(root);
  CHECK(root->is_map());
  CHECK(root->find("a")->place == Place{1, 1});
  CHECK(root->find("a")->value->place == Place{1, 4});
  const auto& b = *root->find("b")->value;
  CHECK(b.find("c")->place == Place{3, 3});
  CHECK(b.find("c")->value->place == Place{3, 6});
  CHECK(b.find("c")->value->items[1]->place == Place{3, 10});
  CHECK(b.find("c")->value->items[1]->text == "y");
  // A value that is not there stands where its key does.
  CHECK(b.find("d")->value->is_null());
  CHECK(b.find("d")->value->place == Place{4, 3});
  CHECK(diagnostics.error_count() == 0);
}

TEST_CASE("duplicate keys are found at every level, and the first one stays") {
  Diagnostics diagnostics("f");
  const auto root = parse_yaml("a: 1\nb: {c: 1, c: 2}\na: 2\n", diagnostics);
  REQUIRE(root);
  CHECK(root->find("a")->value->text == "1");
  CHECK(root->entries.size() == 2);
  CHECK(complaints("a: 1\nb: {c: 1, c: 2}\nd:\n  - e: 1\n    e: 2\na: 2\n") ==
        config_test::Lines{"f:2:11: error: \"c\" is given twice: the first is in line 2",
                           "f:5:5: error: \"e\" is given twice: the first is in line 4",
                           "f:6:1: error: \"a\" is given twice: the first is in line 1"});
  CHECK(complaints("a: 1\n\"a\": 2\n") ==
        config_test::Lines{"f:2:1: error: \"a\" is given twice: the first is in line 1"});
}

TEST_CASE("aliases share what they name") {
  Diagnostics diagnostics("f");
  const auto root = parse_yaml("a: &x {k: v}\nb: *x\n", diagnostics);
  REQUIRE(root);
  CHECK(root->find("b")->value == root->find("a")->value);
}

TEST_CASE("aliases that contain themselves or repeat without measure are refused") {
  CHECK(complaints("a: &x [*x]\n") ==
        config_test::Lines{"f:1:8: error: not YAML: an alias within what it names"});
  std::string bomb = "l0: &l0 [x, x, x, x, x, x, x, x, x, x]\n";
  for (int i = 1; i < 9; ++i) {
    const std::string below = "*l" + std::to_string(i - 1);
    bomb += "l" + std::to_string(i) + ": &l" + std::to_string(i) + " [";
    for (int k = 0; k < 10; ++k) bomb += (k == 0 ? "" : ", ") + below;
    bomb += "]\n";
  }
  const auto lines = complaints(bomb);
  REQUIRE(lines.size() == 1);
  CHECK_THAT(lines[0], Catch::Matchers::EndsWith("error: not YAML: aliases repeat too much"));
}

TEST_CASE("a second document, a key that is no word and nesting without end are refused") {
  CHECK(complaints("a: 1\n---\nb: 2\n") ==
        config_test::Lines{"f:2:1: error: expected one document and nothing behind it"});
  CHECK(complaints("[a, b]: 1\n") == config_test::Lines{"f:1:1: error: a key must be a word"});
  CHECK(complaints("? {a: b}\n: 1\n") == config_test::Lines{"f:1:3: error: a key must be a word"});
  const auto lines = complaints(std::string(100'000, '['));
  REQUIRE(lines.size() == 1);
  CHECK_THAT(lines[0], Catch::Matchers::EndsWith("error: not YAML: nested too deeply"));
}

TEST_CASE("a stray comma is an error, not an endless row of documents") {
  CHECK(complaints(", a: b") ==
        config_test::Lines{"f:1:1: error: expected one document and nothing behind it"});
}

TEST_CASE("what is no YAML is one error with its place") {
  const auto lines = complaints("a: 1\nb: [1, 2\nc: }\n");
  REQUIRE(lines.size() == 1);
  CHECK_THAT(lines[0], Catch::Matchers::StartsWith("f:3:"));
  CHECK_THAT(lines[0], Catch::Matchers::ContainsSubstring("error: not YAML: "));
  CHECK(complaints("a: 1\n\tb: 2\n").size() == 1);
  CHECK(complaints("a: *nowhere\n").size() == 1);
}
