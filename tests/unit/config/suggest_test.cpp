#include "config/suggest.h"

#include <catch2/catch_test_macros.hpp>

TEST_CASE("the edit distance counts insertions, deletions, replacements and swaps") {
  CHECK(config::edit_distance("", "") == 0);
  CHECK(config::edit_distance("", "abc") == 3);
  CHECK(config::edit_distance("abc", "") == 3);
  CHECK(config::edit_distance("lifetime", "lifetime") == 0);
  CHECK(config::edit_distance("lifetme", "lifetime") == 1);
  CHECK(config::edit_distance("liftime", "lifetine") == 2);
  CHECK(config::edit_distance("adress", "address") == 1);
  CHECK(config::edit_distance("abcd", "acbd") == 1);
}

TEST_CASE("the nearest known word is suggested, and none where nothing is near") {
  const std::vector<std::string_view> known = {"address", "auth", "id", "port"};
  CHECK(config::nearest("adress", known) == "address");
  CHECK(config::nearest("prot", known) == "port");
  CHECK(config::nearest("ib", known) == "id");
  CHECK(config::nearest("certificate", known).empty());
  CHECK(config::did_you_mean("adress", known) == "; did you mean \"address\"?");
  CHECK(config::did_you_mean("certificate", known).empty());
  CHECK(config::nearest(std::string(10'000, 'a'), known).empty());
}
