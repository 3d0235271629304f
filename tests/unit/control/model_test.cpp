#include "control/model.h"

#include <catch2/catch_test_macros.hpp>

#include "tests/unit/control/sample.h"
#include "tests/unit/control/schema.h"

using control::status_from_json;
using control::to_json;
using nlohmann::json;

TEST_CASE("The status of the interface reference is printed exactly") {
  const json expected = json::parse(sample::kInterface);
  CHECK(to_json(sample::status()) == expected);
  CHECK(to_json(sample::ike_sa()) == expected["ike_sas"][0]);
}

TEST_CASE("An AEAD suite has a null integrity algorithm") {
  control::StatusView view = sample::status();
  view.ike_sas[0].integ.reset();
  view.ike_sas[0].children[0].integ.reset();
  const json out = to_json(view);
  CHECK(out["ike_sas"][0]["integ"].is_null());
  CHECK(out["ike_sas"][0]["children"][0]["integ"].is_null());
  CHECK_FALSE(status_from_json(out).ike_sas[0].integ.has_value());
}

TEST_CASE("A last error is an object with its time and its reason") {
  const json out = to_json(sample::full());
  CHECK(out["profiles"][1]["last_error"] == json{{"at", "2026-01-02T03:04:05Z"}, {"reason", "no answer"}});
}

TEST_CASE("Reading a status back loses nothing") {
  for (const control::StatusView& view : {sample::status(), sample::full()}) {
    const json out = to_json(view);
    CHECK(to_json(status_from_json(out)) == out);
    CHECK(to_json(status_from_json(json::parse(out.dump()))) == out);
  }
  const control::StatusView back = status_from_json(to_json(sample::full()));
  CHECK(back.counters.size() == 2);
  CHECK(back.data_path.crypto == "ipsec-mb");
  CHECK(back.data_path.threads == 2);
  CHECK(back.data_path.offloads == std::vector<std::string>{"tso", "gso", "gro"});
  CHECK(back.ike_sas[0].children[0].replay_bits == 0x8000000000000001);
  CHECK(back.ike_sas[0].children[0].keys->integ_out == "44");
  CHECK(back.ike_sas[0].stats->sa_auth == 6);
  CHECK(back.profiles[1].last_error->reason == "no answer");
}

TEST_CASE("Keys appear only where the view holds them") {
  const std::string without = to_json(sample::status()).dump();
  CHECK(without.find("keys") == std::string::npos);
  CHECK(without.find("sk_") == std::string::npos);
  CHECK(to_json(sample::full())["ike_sas"][0]["keys"]["sk_ei"] == "e1");
}

TEST_CASE("A status with missing fields or fields of wrong types is read as far as it goes") {
  for (const char* text : {"null", "[]", "7", "{}", R"({"profiles": 3, "ike_sas": {"a": 1}})",
                           R"({"ike_sas": [7, {"children": [null], "established_s": "x", "keys": 3}]})",
                           R"({"version": 1, "counters": {"a": -1}, "profiles": [{"last_error": []}]})"}) {
    INFO(text);
    const control::StatusView view = status_from_json(json::parse(text));
    CHECK(view.version.empty());
    CHECK(view.counters.empty());
  }
}

TEST_CASE("Every status keeps to the published schema") {
  for (const control::StatusView& view :
       {control::StatusView{"0", 0, {}, {}, {}, {}}, sample::status(), sample::full()})
    CHECK(schema::check_file(to_json(view), "docs/schema/status.schema.json").empty());
  CHECK(schema::check_file(json::parse(sample::kInterface), "docs/schema/status.schema.json").empty());
  json wrong = to_json(sample::status());
  wrong["ike_sas"][0]["children"][0]["spi_in"] = "c0b2";
  CHECK(schema::check_file(wrong, "docs/schema/status.schema.json") ==
        "$.ike_sas[0].children[0].spi_in does not match \"^[0-9a-f]{8}$\"");
}
