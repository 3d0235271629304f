// Listings as they arrive from the daemon, part by part.
#include "apps/ctl/listing.h"

#include <catch2/catch_test_macros.hpp>
#include <fstream>
#include <sstream>
#include <utility>

#include "apps/ctl/handlers.h"
#include "control/profile_config.h"
#include "tests/unit/control/fake_list.h"
#include "tests/unit/control/harness.h"
#include "tests/unit/control/sample.h"

using nlohmann::json;

namespace {

struct Outcome {
  int status;
  std::string out, err;
};

struct Daemon {
  explicit Daemon(control::Handler handler)
      : server(harness::options_at(folder.file("s")), std::move(handler)) {}
  harness::Folder folder;
  harness::Running server;

  Outcome operator()(std::vector<std::string> args) const {
    args.insert(args.begin(), {"-s", folder.file("s")});
    std::ostringstream out, err;
    ctl::Terminal terminal{out, err};
    const int status = ctl::run(args, terminal);
    return {status, out.str(), err.str()};
  }
};

std::string part(const char* table, const json& row) {
  return control::write_part({{table, json::array({row})}});
}

// The sample's IKE SA without its children, and with one of that name.
json ike_sa(const char* child, bool continues) {
  control::IkeSaView view = sample::status().ike_sas[0];
  view.children.resize(1);
  view.children[0].name = child;
  json row = control::to_json(view);
  if (continues) row["continues"] = true;
  return row;
}

}  // namespace

TEST_CASE("An IKE SA that comes in several rows is one in the JSON, whose arrays are all there") {
  const Daemon daemon([](const auto&, const auto& responder) {
    responder->send(part("ike_sas", ike_sa("a", false)));
    responder->send(part("ike_sas", ike_sa("b", true)));
    responder->send(part("ike_sas", ike_sa("c", false)));
    responder->finish(control::succeeded({{"version", "0.1.0"}, {"uptime_s", 3}, {"spds", json::array()}}));
  });
  const Outcome o = daemon({"--json", "status"});
  CHECK(o.status == 0);
  const json status = json::parse(o.out);
  REQUIRE(status["ike_sas"].size() == 2);
  REQUIRE(status["ike_sas"][0]["children"].size() == 2);
  CHECK(status["ike_sas"][0]["children"][1]["name"] == "b");
  CHECK_FALSE(status["ike_sas"][0].contains("continues"));
  CHECK(status["ike_sas"][1]["children"][0]["name"] == "c");
  CHECK(status["profiles"] == json::array());
  CHECK(status["uptime_s"] == 3);
  CHECK_FALSE(status.contains("spds"));
}

TEST_CASE("Sums of an IKE SA that comes in several rows are added up, and status prints them") {
  const Daemon daemon([](const control::Request& request, const auto& responder) {
    const control::StatusView view = sample::status();
    if (request.args["brief"] != 64) return responder->finish(control::failed("failed", "no brief listing"));
    responder->send(part("profiles", control::to_json(view.profiles[0])));
    for (const bool continues : {false, true}) {
      json row = ike_sa("a", continues);
      row["children"] = json::array();
      row["sums"] = {{"children", 16}, {"bytes_in", 1024}, {"bytes_out", 10}, {"rekey_in_s", 60}};
      responder->send(part("ike_sas", row));
    }
    responder->finish(control::succeeded({{"version", "0.1.0"}, {"uptime_s", 3}}));
  });
  const Outcome o = daemon({"status"});
  CHECK(o.out.find("1 IKE SA, 32 child SAs") != std::string::npos);
  CHECK(o.out.find("2.0 KiB") != std::string::npos);
  CHECK(o.out.find("children  32, too many to name each") != std::string::npos);
}

TEST_CASE("A listing that the daemon breaks off has its reason on a line of its own") {
  const Daemon daemon([](const auto&, const auto& responder) {
    responder->send(part("ike_sas", ike_sa("a", false)));
    responder->finish(control::failed("failed", "it is over"));
  });
  const Outcome o = daemon({"--json", "show", "ikev2", "sa"});
  CHECK(o.status == ctl::kRefused);
  CHECK(o.err == "ikectl: it is over\n");
  const std::size_t end = o.out.find('\n');
  REQUIRE(end != std::string::npos);
  CHECK(json::parse(o.out.substr(end + 1))["error"]["reason"] == "it is over");
}

TEST_CASE("Rows are handed over while the daemon is still making others") {
  std::shared_ptr<control::Responder> held;
  Daemon daemon([&](const auto&, const std::shared_ptr<control::Responder>& responder) {
    responder->send(part("groups", json::array({"esp0x100@192.0.2.1"})));
    held = responder;
  });
  ctl::Invocation invocation;
  invocation.socket = daemon.folder.file("s");
  std::ostringstream out, err;
  ctl::Terminal terminal{out, err};
  int status = -1, rows = 0;
  // The daemon answers once the row is here: were rows kept for the answer, there would never be one.
  const auto on_row = [&](const std::string& table, const json& row) {
    CHECK(table == "groups");
    CHECK(row == json::array({"esp0x100@192.0.2.1"}));
    ++rows;
    daemon.server.run([&] { std::exchange(held, nullptr)->finish(control::succeeded()); });
  };
  CHECK(ctl::list(invocation, terminal, {{"tables", {"groups"}}}, on_row, status));
  CHECK(status == ctl::kDone);
  CHECK(rows == 1);
}

TEST_CASE("show ipsec in the page's form is printed from one listing, row by row") {
  auto manual = std::make_shared<control::ManualView>();
  manual->sas.resize(2);
  manual->sas[0].id = 10;
  manual->spds = {1};
  manual->policies.resize(1);
  manual->policies[0].spd = 1;
  manual->policies[0].direction = "outbound";
  manual->policies[0].local = manual->policies[0].remote = "10.0.0.0/8";
  const Daemon daemon([manual](const control::Request& request, const auto& responder) {
    if (request.args["manual"] != false) return responder->finish(control::failed("failed", "manual twice"));
    sample::fake_list(request, sample::status(), *manual, responder);
  });
  const Outcome o = daemon({"show", "ipsec", "--format", "wiki"});
  CHECK(o.status == 0);
  std::size_t from = 0;
  for (const char* line : {"sa 10 spi 0 ", "spd 1\n", " outbound policies\n", "  priority 0 ",
                           " inbound policies\n", "tunnel interfaces\n", "  ipsec0 seq\n"}) {
    INFO(line);
    const std::size_t at = o.out.find(line, from);
    REQUIRE(at != std::string::npos);
    from = at + 1;
  }
  CHECK(o.out.find("sa 0 ") == std::string::npos);  // the page has SAs with a number alone
}

TEST_CASE("show ikev2 profile prints profiles as they come") {
  const Daemon daemon([](const auto&, const auto& responder) {
    for (const char* name : {"a", "b"}) {
      control::ProfileConfigView profile;
      profile.name = name;
      responder->send(part("profile_configs", control::to_json(profile)));
    }
    responder->finish(control::succeeded(json::object()));
  });
  CHECK(daemon({"show", "ikev2", "profile"}).out == "profile a\nprofile b\n");
  const json list = json::parse(daemon({"--json", "show", "ikev2", "profile"}).out);
  REQUIRE(list["profiles"].size() == 2);
  CHECK(list["profiles"][1]["name"] == "b");
}

TEST_CASE("config save puts the lines together that come, and tells what they leave out") {
  const Daemon daemon([](const auto&, const auto& responder) {
    for (const char* lines : {"a: 1\n", "b: 2\n"}) responder->send(part("yaml", lines));
    responder->finish(control::succeeded({{"by_command", {{"sas", 2}, {"groups", 0}, {"policies", 1}}}}));
  });
  const Outcome o = daemon({"config", "save"});
  CHECK(o.status == 0);
  CHECK(o.out == "a: 1\nb: 2\n");
  CHECK(o.err.find("2 SAs, 1 policy") != std::string::npos);
  CHECK(json::parse(daemon({"--json", "config", "save"}).out)["yaml"] == "a: 1\nb: 2\n");
  const std::string file = daemon.folder.file("saved");
  REQUIRE(daemon({"config", "save", file}).status == 0);
  std::ifstream in(file);
  CHECK(std::string(std::istreambuf_iterator<char>(in), {}) == "a: 1\nb: 2\n");
}
