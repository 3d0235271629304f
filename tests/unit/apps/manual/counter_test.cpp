// Ciphers in counter mode under manual keys, over restarts.
#include <catch2/catch_test_macros.hpp>
#include <fstream>

#include "tests/unit/apps/manual/harness.h"

using namespace manual_test;

namespace {

json gcm_sa(std::uint32_t spi, const char* destination, char key = 'a') {
  return {{"spi", spi},
          {"destination", destination},
          {"encr", "aes-gcm-128"},
          {"encr_key", std::string(40, key)}};
}

const esp::OutboundSa& only_sender(Tables& t) {
  REQUIRE(t.port.sad.bundles().size() == 1);
  return *t.port.sad.bundles().begin()->second->outbound.front();
}

}  // namespace

TEST_CASE("B143: a number used under a key in counter mode is not used again after a restart") {
  config_test::TemporaryDirectory folder;
  const std::string state = folder / "sub/counters";
  {
    Tables t(state);
    REQUIRE(t.sa(gcm_sa(0x3e8, "192.168.100.2")).ok());
    CHECK(only_sender(t).next_sequence == 1);
    CHECK(only_sender(t).sequence_ceiling == 1 + CounterLedger::kBlock);
  }  // as after a crash
  {
    Tables t(state);
    REQUIRE(t.sa(gcm_sa(0x3e9, "192.168.100.2")).ok());  // another SPI, the same key
    CHECK(only_sender(t).next_sequence == 1 + CounterLedger::kBlock);
    t.port.sad.bundles().begin()->second->outbound.front()->next_sequence += 5;
    t.table.close();
  }
  Tables t(state);
  REQUIRE(t.sa(gcm_sa(0x3e8, "192.168.100.2")).ok());
  CHECK(only_sender(t).next_sequence == 6 + CounterLedger::kBlock);
}

TEST_CASE("Deleting an SA and adding it again does not begin its numbers again") {
  config_test::TemporaryDirectory folder;
  Tables t(folder / "counters");
  REQUIRE(t.sa(gcm_sa(0x3e8, "192.168.100.2")).ok());
  REQUIRE(t.table.clear_sas().ok());
  REQUIRE(t.sa(gcm_sa(0x3e8, "192.168.100.2")).ok());
  CHECK(only_sender(t).next_sequence >= 1 + CounterLedger::kBlock);
}

TEST_CASE("Where counters cannot be kept or read, a cipher in counter mode is refused and others are not") {
  config_test::TemporaryDirectory folder;
  folder.write("file", "", 0600);
  Tables t(folder / "file/counters");
  const auto refused = t.sa(gcm_sa(0x3e8, "192.168.100.2"));
  CHECK(refused.code == "failed");
  CHECK(refused.reason.find("nobody knows which numbers have been used") != std::string::npos);
  CHECK(t.table.sas().empty());
  CHECK(t.sa(klips_sa(0x3e8, "192.168.100.2")).ok());

  folder.write("broken", "no counter\n", 0600);
  Tables broken(folder / "broken");
  CHECK(broken.sa(gcm_sa(0x3e8, "192.168.100.2")).reason.find("line 1 is no counter") != std::string::npos);
}

TEST_CASE("A cipher in counter mode is the only one under its key, others are warned of") {
  config_test::TemporaryDirectory folder;
  Tables t(folder / "counters");
  REQUIRE(t.sa(gcm_sa(0x3e8, "192.168.100.2")).ok());
  CHECK(t.sa(gcm_sa(0x3e8, "192.168.100.3")).code == "failed");
  CHECK(t.sa(gcm_sa(0x3e8, "192.168.100.3", 'b')).ok());
  REQUIRE(t.sa(klips_sa(0x4e8, "192.168.100.2")).ok());
  const auto both_ways = t.sa(klips_sa(0x4e8, "192.168.100.3"));
  CHECK(both_ways.ok());
  REQUIRE(both_ways.warnings.size() == 1);
  CHECK(both_ways.warnings[0].find("has the same key") != std::string::npos);
}

TEST_CASE("Keys of a cipher in counter mode do not change in place") {
  config_test::TemporaryDirectory folder;
  Tables t(folder / "counters");
  json sa = gcm_sa(0x3e8, "192.168.100.2");
  sa["id"] = 10;
  REQUIRE(t.sa(sa).ok());
  const json keys = {{"id", 10}, {"encr_key", std::string(40, 'c')}};
  CHECK(t.table.change_keys(read_manual_keys(keys).value()).code == "failed");
}

TEST_CASE(
    "B143: the block of numbers is written anew before it is used up, and not behind it where that fails") {
  config_test::TemporaryDirectory folder;
  const std::string state = folder / "sub/counters";
  Tables t(state);
  REQUIRE(t.sa(gcm_sa(0x3e8, "192.168.100.2")).ok());
  const auto& sender = *t.port.sad.bundles().begin()->second->outbound.front();
  const_cast<esp::OutboundSa&>(sender).traffic.add(CounterLedger::kBlock / 2 - 1, 0);
  t.table.tick(base::Instant(std::chrono::seconds(1)));
  CHECK(sender.sequence_ceiling == 1 + CounterLedger::kBlock);
  const_cast<esp::OutboundSa&>(sender).traffic.add(1, 0);
  t.table.tick(base::Instant(std::chrono::seconds(2)));
  const std::uint64_t extended = 1 + CounterLedger::kBlock / 2 + CounterLedger::kBlock;
  CHECK(sender.sequence_ceiling == extended);

  std::filesystem::remove_all(folder / "sub");
  folder.write("sub", "a file where the folder was", 0600);
  const_cast<esp::OutboundSa&>(sender).traffic.add(CounterLedger::kBlock, 0);
  t.table.tick(base::Instant(std::chrono::seconds(3)));
  CHECK(sender.sequence_ceiling == extended);
  REQUIRE(t.log.events.size() == 1);
  CHECK(t.log.events[0].starts_with("manual-counter: "));
}

TEST_CASE("The ledger does not give keys away, and nobody else reads it") {
  config_test::TemporaryDirectory folder;
  const std::string state = folder / "counters";
  Tables t(state);
  REQUIRE(t.sa(gcm_sa(0x3e8, "192.168.100.2")).ok());
  std::ifstream in(state);
  const std::string text{std::istreambuf_iterator<char>(in), {}};
  CHECK(text.find("aaaa") == std::string::npos);
  CHECK((std::filesystem::status(state).permissions() & std::filesystem::perms::others_all) ==
        std::filesystem::perms::none);
}
