// `ikectl explain negotiate`: two files, no daemon.
#include <catch2/catch_test_macros.hpp>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "apps/ctl/handlers.h"
#include "tests/unit/control/harness.h"
#include "tests/unit/control/schema.h"

using nlohmann::json;

namespace {

struct Outcome {
  int status;
  std::string out, err;
};

Outcome ikectl(const std::vector<std::string>& args) {
  std::ostringstream out, err;
  ctl::Terminal terminal{out, err};
  const int status = ctl::run(args, terminal);
  return {status, out.str(), err.str()};
}

// What one side says; the defaults fit the other side.
struct Profile {
  bool mirrored = false;
  std::string psk = "Vpp123", ike = "[aes-cbc-256/hmac-sha1/sha1-96/modp-2048]",
              esp = "[aes-cbc-192/sha1-96/esn/no-esn]", remote_id = "", local_ts = "";

  std::string text() const {
    const std::string here = mirrored ? "2" : "1", there = mirrored ? "1" : "2";
    return "profiles:\n  pr1:\n    local: {address: 192.0.2." + here + ", id: 'fqdn:gw" + here +
           ".test', auth: {psk: " + psk + "}}\n    remote: {address: 192.0.2." + there + ", id: '" +
           (remote_id.empty() ? "fqdn:gw" + there + ".test" : remote_id) + "', auth: {psk: " + psk +
           "}}\n    ike: {proposals: " + ike + "}\n    children:\n      net:\n        local_ts: [" +
           (local_ts.empty() ? "10." + here + ".0.0/16" : local_ts) + "]\n        remote_ts: [10." + there +
           ".0.0/16]\n        proposals: " + esp + "\n";
  }
};

Outcome explain(const Profile& first, Profile second, std::vector<std::string> options = {}) {
  const harness::Folder folder;
  second.mirrored = true;
  for (const auto& [name, profile] : {std::pair<const char*, const Profile*>("a.yaml", &first),
                                      std::pair<const char*, const Profile*>("b.yaml", &second)}) {
    std::ofstream(folder.file(name)) << profile->text();
    std::filesystem::permissions(folder.file(name), std::filesystem::perms(0600));
  }
  std::vector<std::string> args = {"explain", "negotiate",           folder.file("a.yaml"),
                                   "pr1",     folder.file("b.yaml"), "pr1"};
  args.insert(args.end(), options.begin(), options.end());
  return ikectl(args);
}

json explain_json(const Profile& first, const Profile& second, int status) {
  const Outcome o = explain(first, second, {"--json"});
  INFO(o.err);
  CHECK(o.status == status);
  json out = json::parse(o.out);
  CHECK(schema::check_file(out, "docs/schema/explain-negotiate.schema.json").empty());
  return out;
}

}  // namespace

TEST_CASE("Two profiles that fit agree, transform by transform") {
  const Outcome o = explain({}, {});
  INFO(o.out << o.err);
  CHECK(o.status == 0);
  CHECK(o.err.empty());
  for (const char* line :
       {"first:  pr1 of a.yaml (initiates)\n", "\nIKE SA: agreed\n", "  encryption   aes-cbc-256\n",
        "  PRF          hmac-sha1\n", "  key exchange modp-2048\n",
        "  identities   fqdn:gw1.test and fqdn:gw2.test\n", "\nchild net: agreed\n",
        "  encryption   aes-cbc-192\n", "  numbers      esn\n", "  mode         tunnel, in UDP\n",
        "  first rekey  works, without a key exchange\n"}) {
    INFO(line);
    CHECK(o.out.find(line) != std::string::npos);
  }
}

TEST_CASE("Of several transforms the one that both have is chosen, and both lists are shown") {
  Profile first, second;
  first.ike = "[aes-gcm-256/hmac-sha2-256/curve25519, aes-cbc-128/hmac-sha2-256/hmac-sha2-256-128/modp-2048]";
  second.ike = "[aes-cbc-128/hmac-sha2-256/hmac-sha2-256-128/ecp-256/modp-2048]";
  const json out = explain_json(first, second, 0);
  CHECK(out["agreed"] == true);
  const json& ike = out["ike_sa"]["transforms"];
  CHECK(ike["encr"]["chosen"] == "aes-cbc-128");
  CHECK(ike["ke"]["chosen"] == "modp-2048");
  CHECK(ike["encr"]["first"] == json{"aes-gcm-16-256", "aes-cbc-128"});
  CHECK(ike["ke"]["second"] == json{"ecp-256", "modp-2048"});
  CHECK(out["children"][0]["initiator_ts"] == json{"10.1.0.0/16"});
}

TEST_CASE("The first reason why not is that of the side that refuses") {
  Profile other;
  other.ike = "[aes-cbc-128/hmac-sha1/sha1-96/modp-2048]";
  const json proposals = explain_json({}, other, 1);
  CHECK(proposals["agreed"] == false);
  CHECK(proposals["ike_sa"]["agreed"] == false);
  REQUIRE_FALSE(proposals["reasons"].empty());
  const std::string reason = proposals["reasons"][0];
  CHECK(reason.find("pr1 of b.yaml: ") == 0);
  CHECK(reason.find("offered aes-cbc-256, allowed aes-cbc-128") != std::string::npos);
  const Outcome text = explain({}, other);
  CHECK(text.err == "ikectl: " + reason + "\n");
}

TEST_CASE("Secrets and identities that do not fit are named") {
  Profile other;
  other.psk = "other";
  const json secret = explain_json({}, other, 1);
  CHECK(secret["ike_sa"]["agreed"] == false);
  CHECK(secret.dump().find("Vpp123") == std::string::npos);
  CHECK_FALSE(secret["reasons"].empty());
  other = {};
  other.remote_id = "fqdn:somebody.else.test";
  const json identity = explain_json({}, other, 1);
  REQUIRE_FALSE(identity["reasons"].empty());
  CHECK(identity["reasons"][0].get<std::string>().find("gw1.test") != std::string::npos);
}

TEST_CASE("A child that does not fit leaves the IKE SA agreed") {
  Profile other;
  other.esp = "[aes-cbc-128/sha1-96/esn/no-esn]";
  const json out = explain_json({}, other, 1);
  CHECK(out["ike_sa"]["agreed"] == true);
  CHECK(out["children"][0]["agreed"] == false);
  REQUIRE_FALSE(out["reasons"].empty());
  CHECK(out["reasons"][0].get<std::string>().find("aes-cbc-192") != std::string::npos);
}

TEST_CASE("A key exchange that fits only until the first rekeying is told beforehand") {
  Profile first, second;
  first.esp = "[aes-cbc-192/sha1-96/modp-2048/no-esn]";
  second.esp = "[aes-cbc-192/sha1-96/ecp-256/no-esn]";
  const json out = explain_json(first, second, 1);
  CHECK(out["children"][0]["agreed"] == true);
  CHECK(out["children"][0]["rekey"]["agreed"] == false);
  CHECK(out["children"][0]["rekey"]["reason"].get<std::string>().find("modp-2048") != std::string::npos);
  second.esp = first.esp;
  CHECK(explain_json(first, second, 0)["children"][0]["transforms"]["ke"]["chosen"] == "modp-2048");
}

TEST_CASE("Selectors are narrowed to what both admit") {
  Profile first;
  first.local_ts = "10.0.0.0/8";
  const json out = explain_json(first, {}, 0);
  CHECK(out["children"][0]["initiator_ts"] == json{"10.1.0.0/16"});
}

TEST_CASE("Files and profiles that are of no use are refused") {
  const harness::Folder folder;
  std::ofstream(folder.file("a.yaml")) << Profile().text();
  std::ofstream(folder.file("bad.yaml")) << "profiles: [\n";
  const std::string a = folder.file("a.yaml"), bad = folder.file("bad.yaml");
  CHECK(ikectl({"explain", "negotiate", a, "pr1"}).status == 2);
  const Outcome none = ikectl({"explain", "negotiate", a, "pr2", a, "pr1"});
  CHECK(none.status == 1);
  CHECK(none.err == "ikectl: " + a + " has no profile 'pr2'\n");
  CHECK(ikectl({"explain", "negotiate", bad, "pr1", a, "pr1"}).err.find("bad.yaml:") != std::string::npos);
}
