// Tables that are listed some rows at a time.
#include "apps/daemon/listing/lister.h"

#include <fmt/format.h>

#include <algorithm>
#include <catch2/catch_test_macros.hpp>
#include <set>

#include "control/listing/ipsec_sa.h"
#include "tests/support/fixed_rng.h"
#include "tests/unit/apps/manual/harness.h"

using namespace manual_test;

namespace {

struct Spis : ikev2::SpiSource {
  base::Spi draw() override { return base::Spi(next++); }
  void release(base::Spi) override {}
  std::uint32_t next = 0x1000;
};

// A client that reads a part when the test says so.
struct Reader : control::Responder {
  void step(const std::string&) override {}
  void send(const std::string& line) override { parts.push_back(*control::parse_reply(line).value().part); }
  void when_sent(std::function<void()> then) override { next = std::move(then); }
  void when_gone(std::function<void()>) override {}
  void finish(control::Answer result) override { answer = std::move(result); }
  void read() { std::exchange(next, nullptr)(); }

  std::vector<json> parts;
  std::function<void()> next;
  std::optional<control::Answer> answer;
};

struct Daemon {
  config_test::TemporaryDirectory folder;
  Tables tables{folder / "state"};
  test::FakeProvider provider;
  test::FixedRng rng;
  Spis spis;
  ikev2::Engine engine{{}, provider, rng, spis};
  RunningConfig config{
      {[](const ikev2::PeerConfig& peer) { return std::make_shared<const ikev2::PeerConfig>(peer); },
       [](ikev2::CredentialId, const SharedMaterial&) {}, [](ikev2::CredentialId) {}}};
  std::size_t looked = 0;  // SAs that were asked for in the data path
  std::shared_ptr<Reader> reader = std::make_shared<Reader>();

  void add(std::size_t count) {
    for (std::size_t i = 0; i < count; ++i)
      REQUIRE(
          tables.sa(page_sa(static_cast<std::uint32_t>(i + 1), static_cast<std::uint32_t>(1000 + i))).ok());
  }
  ListingParts parts() {
    const auto observe = [this](Names names, const std::function<void(DataplaneStatus)>& done) {
      looked += names.size();
      done({});
    };
    return {engine, tables.table, observe, [](const Names&) { return DataplaneStatus(); }, config};
  }
  static json rest() { return {{"rest", true}, {"version", "0.1.0"}, {"spds", {1}}}; }
  void list(json args) { list_tables(parts(), {"list", std::move(args), false}, rest, reader); }
  void answer(const std::string& command) {
    const WholeAnswer* const form = find_whole_answer(command);
    REQUIRE(form != nullptr);
    answer_whole(parts(), *form, false, rest, reader);
  }
  void read_all() {
    while (reader->next) reader->read();
  }
};

std::vector<std::uint32_t> ids(const std::vector<json>& parts) {
  std::vector<std::uint32_t> out;
  for (const json& part : parts)
    for (const json& row : part.at("manual_sas")) out.push_back(row.at("id").get<std::uint32_t>());
  return out;
}

}  // namespace

TEST_CASE("A listing is made some rows at a time, and not before those before them have been read") {
  Daemon daemon;
  daemon.add(100);
  daemon.list({{"tables", {"manual_sas"}}});
  REQUIRE(daemon.reader->parts.size() == 1);  // the first is there long before the last
  CHECK(daemon.reader->parts[0]["manual_sas"].size() == kRowsOfPart);
  CHECK(daemon.looked == 2 * kRowsOfPart);
  CHECK_FALSE(daemon.reader->answer);
  daemon.reader->read();
  CHECK(daemon.reader->parts.size() == 2);
  daemon.read_all();
  CHECK(daemon.reader->parts.size() == 4);
  CHECK(ids(daemon.reader->parts).size() == 100);
  REQUIRE(daemon.reader->answer);
  CHECK(daemon.reader->answer->result == Daemon::rest());
}

TEST_CASE("What goes while it is listed is left out, and nothing is listed twice") {
  Daemon daemon;
  daemon.add(70);
  daemon.list({{"tables", {"manual_sas"}}});
  REQUIRE(daemon.tables.remove({{"id", 1}}).ok());   // listed already
  REQUIRE(daemon.tables.remove({{"id", 60}}).ok());  // not yet
  daemon.read_all();
  const auto listed = ids(daemon.reader->parts);
  CHECK(listed.size() == 69);
  CHECK(std::find(listed.begin(), listed.end(), 60u) == listed.end());
  CHECK(std::set<std::uint32_t>(listed.begin(), listed.end()).size() == 69);
}

TEST_CASE("A client that has gone leaves nothing behind") {
  Daemon daemon;
  daemon.add(70);
  daemon.list({{"tables", {"manual_sas"}}});
  const std::weak_ptr<Reader> reader = daemon.reader;
  daemon.reader->next = nullptr;
  daemon.reader.reset();
  CHECK(reader.expired());
}

TEST_CASE("One SA is found by its index, whatever else there is") {
  Daemon daemon;
  daemon.add(100);
  daemon.list({{"tables", {"ipsec_sas"}}, {"index", control::listing::manual_sa_index(7)}});
  daemon.read_all();
  REQUIRE(daemon.reader->parts.size() == 1);
  CHECK(daemon.looked == 2);
  const json rows = daemon.reader->parts[0]["ipsec_sas"];
  REQUIRE(rows.size() == 1);
  CHECK(rows[0]["manual"]["index"] == 7);
}

TEST_CASE("Policies come behind their SPD, in the order of VPP's lists, and eroutes by their networks") {
  Daemon daemon;
  REQUIRE(daemon.tables.table.add_spd(1).ok());
  REQUIRE(daemon.tables.table.add_spd(2).ok());
  daemon.add(1);
  REQUIRE(daemon.tables.policy(page_policy("inbound", 1)).ok());
  REQUIRE(daemon.tables.policy(page_policy("outbound", 1)).ok());
  for (const char* source : {"10.2.0.0/16", "10.1.0.0/16", "10.1.0.0/24"})
    REQUIRE(daemon.tables
                .eroute({{"direction", "outbound"},
                         {"source", source},
                         {"destination", "10.9.0.0/16"},
                         {"said", "%drop"}})
                .ok());
  daemon.list({{"tables", {"policies", "eroutes"}}});
  daemon.read_all();
  REQUIRE(daemon.reader->parts.size() == 2);
  const json& policies = daemon.reader->parts[0]["policies"];
  REQUIRE(policies.size() == 4);
  CHECK(policies[0] == json{{"spd", 1}});
  CHECK(policies[1]["policy"]["direction"] == "outbound");
  CHECK(policies[2]["policy"]["direction"] == "inbound");
  CHECK(policies[3] == json{{"spd", 2}});
  const json& eroutes = daemon.reader->parts[1]["eroutes"];
  REQUIRE(eroutes.size() == 3);
  CHECK(eroutes[0]["eroute"]["local"] == "10.1.0.0/24");
  CHECK(eroutes[1]["eroute"]["local"] == "10.1.0.0/16");
  CHECK(eroutes[2]["eroute"]["local"] == "10.2.0.0/16");
}

TEST_CASE("SAs without a number are left out where those with one are asked for") {
  Daemon daemon;
  daemon.add(1);
  REQUIRE(daemon.tables.sa(klips_sa(0x200, "192.168.100.2")).ok());
  daemon.list({{"tables", {"manual_sas"}}, {"numbered", true}});
  daemon.read_all();
  CHECK(ids(daemon.reader->parts) == std::vector<std::uint32_t>{1});
}

TEST_CASE("A table that there is not, and an SPI that is none, are refused") {
  for (const json& args : {json{{"tables", {"nothing"}}}, json{{"tables", {"ike_sas"}}, {"rspi", "xyz"}}}) {
    Daemon daemon;
    daemon.list(args);
    REQUIRE(daemon.reader->answer);
    CHECK(daemon.reader->answer->error.code == "usage");
  }
}

TEST_CASE("Whole tables in one answer are made some rows at a time too") {
  Daemon daemon;
  REQUIRE(daemon.tables.table.add_spd(1).ok());
  daemon.add(100);
  REQUIRE(daemon.tables.policy(page_policy("outbound", 1)).ok());
  REQUIRE(daemon.tables.eroute({{"source", "10.0.0.0/8"}, {"destination", "10.9.0.0/16"}, {"said", "%drop"}})
              .ok());
  daemon.answer("manual-list");
  CHECK(daemon.looked == 2 * kRowsOfPart);  // the other SAs wait until others have had their turn
  daemon.read_all();
  CHECK(daemon.looked == 2 * 100);
  CHECK(daemon.reader->parts.empty());
  REQUIRE(daemon.reader->answer);
  const json answer = json::parse(daemon.reader->answer->text);
  REQUIRE(answer["sas"].size() == 100);
  std::size_t at = 0;
  for (const auto& [index, sa] : daemon.tables.table.sas()) {
    const json& row = answer["sas"][at++];
    CHECK(row["index"] == index);
    CHECK(row["spi"] == sa.spec.spi.value);
    CHECK_FALSE(row.contains("keys"));
  }
  REQUIRE(answer["policies"].size() == 2);
  CHECK(answer["policies"][0]["said"] == "%drop");  // that which is looked at first
  CHECK(answer["groups"] == json::array());
  CHECK(answer["spds"] == json{1});
  CHECK_FALSE(answer.contains("rest"));
}

TEST_CASE("Status has its arrays also where nothing stands in them") {
  Daemon daemon;
  daemon.answer("status");
  daemon.read_all();
  REQUIRE(daemon.reader->answer);
  CHECK(json::parse(daemon.reader->answer->text) ==
        json{{"profiles", json::array()}, {"ike_sas", json::array()}, {"version", "0.1.0"}});
}

TEST_CASE("A client that has gone ends the making of its answer") {
  Daemon daemon;
  daemon.add(100);
  daemon.answer("manual-list");
  const std::weak_ptr<Reader> reader = daemon.reader;
  daemon.reader->next = nullptr;
  daemon.reader.reset();
  CHECK(reader.expired());
  CHECK(daemon.looked == 2 * kRowsOfPart);
}

TEST_CASE("Profiles are listed with what they are configured with, one that goes meanwhile is left out") {
  Daemon daemon;
  for (int i = 0; i < 40; ++i) REQUIRE(daemon.config.make(fmt::format("p{:02}", i)).has_value());
  daemon.list({{"tables", {"profile_configs"}}});
  REQUIRE(daemon.reader->parts.size() == 1);
  CHECK(daemon.reader->parts[0]["profile_configs"][0]["name"] == "p00");
  REQUIRE(daemon.config.unmake("p39").has_value());
  daemon.read_all();
  REQUIRE(daemon.reader->parts.size() == 2);
  CHECK(daemon.reader->parts[1]["profile_configs"].size() == 39 - kRowsOfPart);
}

TEST_CASE("YAML comes in whole lines, which are together what is saved") {
  Daemon daemon;
  for (int i = 0; i < 2000; ++i) REQUIRE(daemon.config.make(fmt::format("profile_{}", i)).has_value());
  daemon.list({{"tables", {"yaml"}}});
  daemon.read_all();
  CHECK(daemon.reader->parts.size() > 1);
  std::string yaml;
  for (const json& part : daemon.reader->parts) {
    for (const json& row : part.at("yaml")) {
      CHECK(row.get<std::string>().ends_with("\n"));
      yaml += row.get<std::string>();
    }
  }
  CHECK(yaml == daemon.config.save(false));
}
