// Events for whoever watches.
#include "apps/daemon/monitor.h"

#include <catch2/catch_test_macros.hpp>

#include "control/client.h"
#include "control/protocol.h"
#include "tests/unit/control/harness.h"
#include "tests/unit/control/schema.h"

namespace {

using namespace daemon_app;
using Kind = ikev2::Report::Kind;
using nlohmann::json;

const StatusTimes kTimes{
    {}, base::Instant(std::chrono::seconds(1012)), WallTime(std::chrono::seconds(1795341600))};

ikev2::ChildStatus sample_child() {
  ikev2::ChildStatus child;
  child.id = base::ChildId(3);
  child.name = "net";
  child.state = "installed";
  child.suite.cipher = {crypto::Encr::aes_gcm_16, 256, crypto::Integ::none};
  child.selectors = {{*spd::TrafficSelector::parse("10.1.0.0/16")},
                     {*spd::TrafficSelector::parse("10.2.0.0/16")}};
  return child;
}

ikev2::Report child_report(Kind kind) {
  ikev2::IkeSaStatus sa;
  sa.profile = "pr1";
  sa.state = "established";
  sa.local.endpoint = {*base::IpAddress::parse("192.0.2.1"), 500};
  sa.remote.endpoint = {*base::IpAddress::parse("192.0.2.2"), 500};
  sa.suite = {{crypto::Encr::aes_gcm_16, 256, crypto::Integ::none},
              crypto::Prf::hmac_sha2_256,
              crypto::Ke::curve25519};
  sa.children.push_back(sample_child());
  ikev2::Report report;
  report.kind = kind;
  report.profile = "pr1";
  report.child = "net";
  report.log = {base::LogLevel::info, "child-up", "child net installed", {}};
  report.ike_sa = std::make_shared<const ikev2::IkeSaStatus>(std::move(sa));
  report.child_sa = std::make_shared<const ikev2::ChildStatus>(sample_child());
  return report;
}

ikev2::Actions actions_of(ikev2::Report report) {
  ikev2::Actions actions;
  actions.push_back(ikev2::AllClosed{});
  actions.push_back(std::move(report));
  return actions;
}

class Watcher : public control::Responder {
 public:
  void step(const std::string& text) override { steps.push_back(text); }
  void send(const std::string& line) override { lines.push_back(line); }
  void when_sent(std::function<void()> next) override { next(); }
  void when_gone(std::function<void()> on_gone) override { gone = std::move(on_gone); }
  void finish(control::Answer answer) override { ended = answer.ok; }

  std::vector<std::string> steps, lines;
  std::function<void()> gone;
  bool ended = false;
};

struct World {
  std::vector<bool> watched;
  Monitor monitor{{[this](bool on) { watched.push_back(on); },
                   [](const std::vector<base::ChildId>& ids) {
                     DataplaneStatus status;
                     for (const auto id : ids) status.children[id].packets_in = 7;
                     return status;
                   }}};
};

}  // namespace

TEST_CASE("Every kind of report has its name of the interface and keeps to the schema") {
  const std::pair<Kind, const char*> kinds[] = {
      {Kind::ike_up, "ike-up"},           {Kind::ike_down, "ike-down"},
      {Kind::ike_rekeyed, "ike-rekeyed"}, {Kind::child_up, "child-up"},
      {Kind::child_down, "child-down"},   {Kind::child_rekeyed, "child-rekeyed"},
      {Kind::failure, "failure"},         {Kind::address_changed, "address-changed"},
      {Kind::acquire, "acquire"}};
  for (const auto& [kind, name] : kinds) {
    const auto event = make_event(child_report(kind), {}, kTimes);
    REQUIRE(event.has_value());
    INFO(event->dump());
    CHECK((*event)["event"] == name);
    CHECK(schema::check_file(*event, "docs/schema/event.schema.json").empty());
  }
  CHECK_FALSE(make_event(child_report(Kind::log), {}, kTimes).has_value());
}

TEST_CASE("An event carries the objects of status, with the traffic so far") {
  DataplaneStatus dataplane;
  dataplane.children[base::ChildId(3)].bytes_out = 840;
  const json event = *make_event(child_report(Kind::child_down), dataplane, kTimes);
  CHECK(event["at"].get<std::string>().substr(0, 4) == "2026");
  CHECK(event["profile"] == "pr1");
  CHECK(event["child_name"] == "net");
  CHECK(event["message"] == "child net installed");
  CHECK(event["child"]["bytes_out"] == 840);
  CHECK(event["ike_sa"]["children"][0]["local_ts"] == json{"10.1.0.0/16"});
}

TEST_CASE("An acquire tells the packet, and has no SA") {
  ikev2::Report report;
  report.kind = Kind::acquire;
  report.profile = "pr1";
  report.child = "net";
  report.log = {
      base::LogLevel::info, "acquire", "a packet asks", {{"packet", "10.1.0.1/32 === 10.2.0.1/32"}}};
  const json event = *make_event(report, {}, kTimes);
  CHECK(event["packet"] == "10.1.0.1/32 === 10.2.0.1/32");
  CHECK_FALSE(event.contains("ike_sa"));
  CHECK(schema::check_file(event, "docs/schema/event.schema.json").empty());
}

TEST_CASE("Nothing is rendered while nobody watches, and the engine is told who does") {
  World world;
  CHECK(world.monitor.lines_of(actions_of(child_report(Kind::child_up))).empty());
  const auto first = std::make_shared<Watcher>(), second = std::make_shared<Watcher>();
  world.monitor.add(first);
  world.monitor.add(second);
  CHECK(world.watched == std::vector<bool>{true});
  CHECK(first->steps == std::vector<std::string>{"watching"});
  const auto lines = world.monitor.lines_of(actions_of(child_report(Kind::child_up)));
  REQUIRE(lines.size() == 1);
  CHECK(control::parse_reply(lines[0])->event->at("child").at("packets_in") == 7);
  world.monitor.publish(lines);
  CHECK((first->lines == lines && second->lines == lines));
  CHECK(world.monitor.lines_of(actions_of(child_report(Kind::log))).empty());

  first->gone();
  world.monitor.publish(lines);
  CHECK(first->lines.size() == 1);
  CHECK(second->lines.size() == 2);
  second->gone();
  CHECK(world.watched == std::vector<bool>{true, false});
}

TEST_CASE("The end of the daemon ends the watching") {
  World world;
  const auto watcher = std::make_shared<Watcher>();
  world.monitor.add(watcher);
  world.monitor.finish();
  CHECK(watcher->ended);
  watcher->gone();  // changes nothing any more
}

TEST_CASE("A watcher that reads nothing is disconnected and forgotten") {
  const harness::Folder folder;
  std::promise<void> forgotten;
  Monitor monitor({[&](bool on) {
                     if (!on) forgotten.set_value();
                   },
                   [](const auto&) { return DataplaneStatus(); }});
  auto options = harness::options_at(folder.file("s"));
  options.max_queue = 100'000;
  std::promise<void> watched;
  harness::Running server(options, [&](const control::Request&, const auto& responder) {
    monitor.add(responder);
    watched.set_value();
  });
  harness::Client client(folder.file("s"));
  client.send(control::write(control::Request{"monitor", json::object(), false}));
  watched.get_future().wait();
  server.run([&] {
    const auto lines = monitor.lines_of(actions_of(child_report(Kind::child_up)));
    for (int i = 0; i < 2000; ++i) monitor.publish(lines);
  });
  CHECK(forgotten.get_future().wait_for(std::chrono::seconds(10)) == std::future_status::ready);
  CHECK(server.counters().slow == 1);
}
