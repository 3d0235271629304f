// Tables that are listed some rows at a time.
#include "apps/daemon/listing/lister.h"

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
  std::size_t looked = 0;  // SAs that were asked for in the data path
  std::shared_ptr<Reader> reader = std::make_shared<Reader>();

  void add(std::size_t count) {
    for (std::size_t i = 0; i < count; ++i)
      REQUIRE(
          tables.sa(page_sa(static_cast<std::uint32_t>(i + 1), static_cast<std::uint32_t>(1000 + i))).ok());
  }
  void list(json args) {
    const auto observe = [this](Names names, const std::function<void(DataplaneStatus)>& done) {
      looked += names.size();
      done({});
    };
    list_tables(
        {engine, tables.table, observe, [](const Names&) { return DataplaneStatus(); }},
        {"list", std::move(args), false},
        [] {
          return json{{"rest", true}};
        },
        reader);
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
  CHECK(daemon.reader->answer->result == json{{"rest", true}});
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

TEST_CASE("A table that there is not, and an SPI that is none, are refused") {
  for (const json& args : {json{{"tables", {"nothing"}}}, json{{"tables", {"ike_sas"}}, {"rspi", "xyz"}}}) {
    Daemon daemon;
    daemon.list(args);
    REQUIRE(daemon.reader->answer);
    CHECK(daemon.reader->answer->error.code == "usage");
  }
}
