// Listings as they arrive from the daemon, part by part.
#include "apps/ctl/listing.h"

#include <catch2/catch_test_macros.hpp>
#include <sstream>
#include <utility>

#include "apps/ctl/handlers.h"
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
