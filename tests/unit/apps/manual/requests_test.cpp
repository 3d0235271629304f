#include <catch2/catch_test_macros.hpp>

#include "tests/unit/apps/manual/harness.h"

using namespace manual_test;

namespace {

std::string refusal(const json& change, const char* drop = nullptr) {
  json sa = page_sa(10, 1001);
  if (!change.is_null()) sa.update(change);
  if (drop != nullptr) sa.erase(drop);
  config_test::TemporaryDirectory folder;
  Tables t(folder / "counters");
  const ManualOutcome outcome = t.sa(sa);
  CHECK(outcome.ok() == t.table.sas().contains(1));
  return outcome.reason;
}

std::vector<std::string> warnings(const json& change) {
  json sa = page_sa(10, 1001);
  if (!change.is_null()) sa.update(change);
  config_test::TemporaryDirectory folder;
  Tables t(folder / "counters");
  const ManualOutcome outcome = t.sa(sa);
  CHECK(outcome.ok());
  return outcome.warnings;
}

}  // namespace

TEST_CASE("An SA that makes no sense is refused with the reason") {
  CHECK(refusal({}).empty());
  CHECK(refusal({}, "spi") == "spi is missing");
  CHECK(refusal({{"spi", 0}}) == "an SPI of 0 is not valid");
  CHECK(refusal({{"spi", 1ull << 32}}) == "spi is no number from 0 to 4294967295");
  CHECK(refusal({{"spi", -1}}) == "spi is no number from 0 to 4294967295");
  CHECK(refusal({{"spi", "x"}}) == "spi is no number from 0 to 4294967295");
  CHECK(refusal({}, "id") == "the SA needs a destination");
  CHECK(refusal({{"colour", "red"}}) == "unknown argument 'colour'");
  CHECK(refusal({{"protocol", "udp"}}) == "protocol is none of esp, ah, tun, comp");
  CHECK(refusal({{"encr", "aes-cbc"}}).starts_with("\"aes-cbc\" needs a key length"));
  CHECK(refusal({{"encr", "sha1-96"}}) == "\"sha1-96\" is no algorithm for encryption");
  CHECK(refusal({{"encr", "rot13"}}).starts_with("\"rot13\" is no algorithm"));
  CHECK(refusal({{"encr_key", "00"}}) == "aes-cbc-128 with sha1-96: the encryption key has 1 octets, not 16");
  CHECK(refusal({{"integ", "none"}, {"integ_key", nullptr}, {"esn", true}}) ==
        "extended numbers need authentication (RFC 4303 2.2.1)");
  CHECK(refusal({{"encr", "null"}, {"encr_key", nullptr}, {"integ", "none"}, {"integ_key", nullptr}}) ==
        "null with none: authenticates nothing");
  CHECK(refusal({{"encr", "aes-ctr-128"},
                 {"encr_key", "000102030405060708090a0b0c0d0e0f10111213"},
                 {"integ", "none"},
                 {"integ_key", nullptr}}) == "aes-ctr-128 with none: authenticates nothing");
  CHECK(refusal({{"source", "192.168.100.3"}, {"destination", "2001:db8::2"}}) ==
        "source and destination are of different families");
  CHECK(refusal({{"mode", "tunnel"}}) == "the SA needs a destination");
  CHECK(refusal({{"esn", true}, {"replay_window", 0}}) == "extended numbers need a replay window");
  CHECK(refusal({{"life", {{"bytes", {20, 10}}}}}) == "bytes: the soft limit lies behind the hard one");
  CHECK(refusal({{"life", {{"bytes", 20}}}}) == "life: bytes is no pair of a soft and a hard limit");
  CHECK(refusal({{"protocol", "ah"}}) == "AH encrypts nothing");
  CHECK(refusal({{"protocol", "ah"}, {"encr", "none"}, {"encr_key", nullptr}, {"udp_encap", true}}) ==
        "AH cannot go inside UDP");
}

TEST_CASE("No refusal repeats a key") {
  CHECK(refusal({{"encr_key", "topsecret"}}).find("topsecret") == std::string::npos);
  CHECK(refusal({{"encr_key", 4711}}).find("4711") == std::string::npos);
}

TEST_CASE("What can be and should not is warned of") {
  CHECK(warnings({}).empty());
  CHECK(warnings({{"spi", 0xff}}) == std::vector<std::string>{"SPI 0xff is reserved: SPIs begin at 0x100"});
  CHECK(warnings({{"replay_window", 0}}) == std::vector<std::string>{"no replay protection"});
  CHECK(warnings({{"encr", "null"}, {"encr_key", nullptr}}) ==
        std::vector<std::string>{"the packets are not encrypted"});
  CHECK(warnings({{"integ", "md5-96"}, {"integ_key", std::string(32, '1')}}).size() == 1);
}

TEST_CASE("Policies and eroutes that make no sense are refused") {
  const auto policy = [](const json& change) {
    json args = page_policy("outbound", 10);
    args.update(change);
    const auto read = read_manual_policy(args);
    return read.has_error() ? read.error().reason : check_policy(*read).error().reason;
  };
  CHECK(policy({{"direction", "up"}}) == "direction is none of outbound, inbound");
  CHECK(policy({{"action", "resolve"}}) == "action is none of bypass, discard, protect, reject");
  CHECK(policy({{"id", nullptr}}) == "protect needs an SA");
  CHECK(policy({{"action", "bypass"}}) == "bypass takes no SA");
  CHECK(policy({{"remote", "2001:db8::1"}}) ==
        "the local and the remote addresses are of different families");
  CHECK(policy({{"said", "esp.100@192.0.2.1"}}) == "id and said are two names: one is enough");
  CHECK(policy({{"spd", nullptr}}) == "spd is missing");
  const json eroute = {{"source", "10.0.0.0/8"}, {"destination", "10.9.0.0/16"}};
  CHECK(read_manual_eroute(eroute, true).error().reason == "said is missing");
  CHECK(read_manual_eroute(eroute, false).has_value());
  json inbound = eroute;
  inbound.update({{"direction", "inbound"}, {"said", "%hold"}});
  CHECK(check_policy(read_manual_eroute(inbound, true).value()).error().reason ==
        "packets that come in cannot wait");
  inbound["said"] = "%pass";
  CHECK(read_manual_eroute(inbound, true)->local.text() == "10.9.0.0/16");
}

TEST_CASE("The views say what is there, and keys where they are asked for alone") {
  config_test::TemporaryDirectory folder;
  Tables t(folder / "counters");
  REQUIRE(t.sa(page_sa(10, 1001)).ok());
  REQUIRE(t.table.add_spd(1).ok());
  REQUIRE(t.table.bind({"eth0", 1}).ok());
  REQUIRE(t.policy(page_policy("outbound", 10)).ok());
  REQUIRE(
      t.eroute({{"source", "10.0.0.0/8"}, {"destination", "10.9.0.0/16|tcp/443"}, {"said", "%drop"}}).ok());
  REQUIRE(t.table.sas().size() == 1);
  const ManualSaEntry& entry = t.table.sas().begin()->second;
  const auto sa = describe_sa(entry, t.table, {}, base::Instant(std::chrono::seconds(9)), false);
  CHECK(sa.id == 10u);
  CHECK(sa.encr == "aes-cbc-128");
  CHECK(sa.encr_bits == 128);
  CHECK(sa.integ_bits == 160);
  CHECK(sa.outbound);
  CHECK_FALSE(sa.inbound);
  CHECK(sa.source == "192.168.100.3");  // as its policy says
  CHECK(sa.destination == "192.168.100.2");
  CHECK(sa.addtime.current == 9);
  CHECK_FALSE(sa.keys);
  const auto policies = in_order(t.table);
  REQUIRE(policies.size() == 2);
  const auto first = describe_policy(*policies[0], t.table);
  CHECK(first.said == "%drop");  // longer prefixes give more than 10
  CHECK_FALSE(first.spd);
  CHECK(describe_policy(*policies[1], t.table).sa_id == 10u);
  CHECK(describe_spds(t.table).bindings.at(0).interface == "eth0");
  CHECK(describe_sa(entry, t.table, {}, {}, true).keys->encr == "4a506a794f574265564551694d653768");
}
