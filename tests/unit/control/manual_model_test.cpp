#include <catch2/catch_test_macros.hpp>

#include "control/manual_model.h"

using nlohmann::json;

namespace {

control::ManualView sample() {
  control::ManualView view;
  control::ManualSaView sa;
  sa.index = 3;
  sa.id = 10;
  sa.protocol = "esp";
  sa.spi = 1001;
  sa.source = "192.168.100.3";
  sa.destination = "192.168.100.2";
  sa.outbound = true;
  sa.bytes_life = {84, 1000, 2000};
  sa.idle_s = 7;
  sa.keys = control::ManualKeyView{"00", "11"};
  view.sas.push_back(sa);
  view.groups = {{"tun0x3d0@192.0.2.1", "esp0x3e8@192.0.2.1"}};
  view.spds = {1, 2};
  control::ManualPolicyView policy;
  policy.spd = 1;
  policy.priority = -10;
  policy.action = "protect";
  policy.sa_id = 10;
  view.policies.push_back(policy);
  view.bindings.push_back({"eth0", 1});
  return view;
}

}  // namespace

TEST_CASE("The model of manual keying survives JSON and back") {
  const json written = control::to_json(sample());
  CHECK(written["sas"][0]["bytes_life"] == json({{"current", 84}, {"soft", 1000}, {"hard", 2000}}));
  CHECK(written["policies"][0]["priority"] == -10);
  const control::ManualView read = control::manual_from_json(written);
  CHECK(control::to_json(read) == written);
  CHECK(read.sas.at(0).idle_s == 7u);
  CHECK(read.groups == sample().groups);
}

TEST_CASE("What an SA does not say is left out of its JSON") {
  control::ManualView view = sample();
  view.sas[0].id.reset();
  view.sas[0].keys.reset();
  view.sas[0].idle_s.reset();
  const json sa = control::to_json(view)["sas"][0];
  CHECK_FALSE(sa.contains("id"));
  CHECK_FALSE(sa.contains("keys"));
  CHECK_FALSE(sa.contains("idle_s"));
}

TEST_CASE("Fields of a wrong type keep their defaults") {
  const auto view = control::manual_from_json(
      {{"sas", {{{"spi", "x"}, {"id", nullptr}, {"life", 3}, {"inbound", 1}, {"keys", 5}}}},
       {"groups", 7},
       {"policies", {1, "x"}}});
  REQUIRE(view.sas.size() == 1);
  CHECK(view.sas[0].spi == 0);
  CHECK_FALSE(view.sas[0].id);
  CHECK(view.groups.empty());
  CHECK(view.policies.size() == 2);
  CHECK(control::manual_from_json(nullptr).sas.empty());
}
