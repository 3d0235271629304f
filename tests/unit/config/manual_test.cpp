// The section `manual`.
#include <algorithm>

#include "tests/unit/config/support.h"
#include "tests/unit/config/temporary_directory.h"

using namespace config_test;

namespace {

const std::string kPage =
    "manual:\n"
    "  state: /tmp/counters\n"
    "  sas:\n"
    "    - {id: 10, spi: 1001, encr: aes-cbc-128, encr_key: 4a506a794f574265564551694d653768,\n"
    "       integ: sha1-96, integ_key: 4339314b55523947594d6d3547666b45764e6a58}\n"
    "    - spi: 0x3e8\n"
    "      source: 192.168.100.2\n"
    "      destination: 192.168.100.3\n"
    "      mode: tunnel\n"
    "      direction: inbound\n"
    "      encr: aes-gcm-128\n"
    "      encr_key: a0a1a2a3a4a5a6a7a8a9aaabacadaeafb0b1b2b3\n"
    "      esn: true\n"
    "      replay_window: 128\n"
    "      udp_encap: true\n"
    "      destination_port: 4501\n"
    "      life: {bytes: {soft: 1MiB, hard: 2MiB}, usetime: {hard: 1h}}\n"
    "    - {protocol: tun, spi: 7, destination: 192.168.100.2}\n"
    "    - {protocol: ah, spi: 0x200, destination: 192.168.100.2, integ: sha1-96,\n"
    "       integ_key: 5339314b55523947594d6d3547666b45764e6a58}\n"
    "  groups: [[tun.7@192.168.100.2, ah.200@192.168.100.2]]\n"
    "  spds:\n"
    "    1:\n"
    "      interfaces: [eth0]\n"
    "      policies:\n"
    "        - {direction: outbound, priority: -100, action: bypass, local: 0.0.0.0/0|50, remote: "
    "0.0.0.0/0|50}\n"
    "        - {direction: outbound, priority: 10, action: protect, sa: 10, local: 192.168.100.3, remote: "
    "192.168.100.2}\n"
    "  eroutes:\n"
    "    - {source: 10.0.0.0/8, destination: 10.9.0.0/16|tcp/443, sa: tun0x7@192.168.100.2}\n"
    "    - {source: 10.1.0.0/16, destination: 10.2.0.0/16, sa: \"%trap\"}\n"
    "    - {direction: inbound, source: 10.9.0.0/16, destination: 10.0.0.0/8, sa: esp.3e8@192.168.100.3}\n";

// What --check says of one SA, without the place where it begins.
Lines check_sa_of(const std::string& fields) {
  Lines lines = check("manual:\n  sas:\n    - {" + fields + "}\n");
  for (std::string& line : lines) {
    if (line.starts_with("f:3:7: ")) line = line.substr(7);
  }
  return lines;
}

}  // namespace

TEST_CASE("The section manual is read whole") {
  const auto result = config::load_text(kPage, "f");
  CAPTURE(lines_of(result));
  REQUIRE(result.ok());
  CHECK(result.diagnostics.empty());
  const config::Manual& manual = result.config.manual;
  CHECK(manual.state == "/tmp/counters");
  REQUIRE(manual.sas.size() == 4);
  CHECK(manual.sas[0].id == 10u);
  CHECK(manual.sas[0].cipher == crypto::CipherSpec{crypto::Encr::aes_cbc, 128, crypto::Integ::sha1_96});
  CHECK(base::to_hex(manual.sas[0].encr_key) == "4a506a794f574265564551694d653768");
  const config::ManualSa& gcm = manual.sas[1];
  CHECK(gcm.spi.value == 1000);
  CHECK(gcm.mode == ikev2::Mode::tunnel);
  CHECK(gcm.direction == spd::Direction::inbound);
  CHECK(gcm.esn);
  CHECK(gcm.replay_window == 128);
  CHECK(gcm.udp_encap);
  CHECK(gcm.destination_port == 4501);
  CHECK(gcm.life.bytes == config::ManualLimit{1 << 20, 2 << 20});
  CHECK(gcm.life.usetime == config::ManualLimit{0, 3600});
  REQUIRE(manual.groups.size() == 1);
  CHECK(manual.groups[0].size() == 2);
  CHECK(manual.spds == std::vector<std::uint32_t>{1});
  REQUIRE(manual.bindings.size() == 1);
  CHECK(manual.bindings[0].interface == "eth0");
  REQUIRE(manual.policies.size() == 5);
}

TEST_CASE("Policies and eroutes of the file become what requests would") {
  const auto result = config::load_text(kPage, "f");
  REQUIRE(result.ok());
  std::size_t eroutes = 0;
  for (const config::ManualPolicy& policy : result.config.manual.policies) {
    if (policy.spd == config::ManualPolicy::kEroutes) ++eroutes;
    if (policy.action == spd::Action::trap) CHECK(policy.remote.text() == "10.2.0.0/16");
    if (policy.action == spd::Action::bypass) CHECK(policy.priority == -100);
    if (policy.direction == spd::Direction::inbound) CHECK(policy.local.text() == "10.0.0.0/8");
  }
  CHECK(eroutes == 3);
}

TEST_CASE("What an SA lacks, or has too much of, is said where it begins") {
  const std::string keys =
      ", encr: aes-cbc-128, encr_key: 4a506a794f574265564551694d653768, integ: sha1-96, "
      "integ_key: 4339314b55523947594d6d3547666b45764e6a58";
  CHECK(check_sa_of("id: 1, spi: 1001" + keys).empty());
  CHECK(check_sa_of("id: 1" + keys) == Lines{"error: sas: spi is missing"});
  CHECK(check_sa_of("spi: 1001" + keys) == Lines{"error: sas: the SA needs a destination"});
  CHECK(check_sa_of("id: 1, spi: 1001") == Lines{"error: sas: none with none: authenticates nothing"});
  CHECK(check_sa_of("id: 1, spi: 0xff" + keys) ==
        Lines{"warning: sas: SPI 0xff is reserved: SPIs begin at 0x100"});
  CHECK(check_sa_of("id: 1, spi: 1001, alone: true" + keys) ==
        Lines{"error: sas: alone is for tun and comp: esp and ah need no group"});
  CHECK(check_sa_of("spi: 0x3d0, protocol: tun, destination: 192.0.2.1, alone: true") ==
        Lines{"warning: sas: the packets are in clear, neither encrypted nor authenticated"});
  CHECK(check_sa_of("id: 1, spi: 1001, replay_window: 0" + keys) ==
        Lines{"warning: sas: no replay protection"});
}

TEST_CASE("Every mistake of the section has its place") {
  CHECK(check("manual: 3\n").front() == "f:1:9: error: manual: expected a map, found a single value");
  const Lines lines = check(
      "manual:\n"
      "  sas:\n"
      "    - {id: 1, spi: 1001, encr: rot13}\n"
      "    - {id: 2, spi: 1001, encr: null, integ: sha1-96, integ_key: 12345}\n"
      "    - {id: 3, spi: 1001, colour: red}\n"
      "  groups: [[esp.1]]\n"
      "  spds: {x: {}, 1: {policies: [{direction: up, action: protect, local: a, remote: 10.0.0.0/8}]}}\n"
      "  eroutes: [{source: 10.0.0.0/8, sa: \"%drop\"}]\n"
      "  strange: 1\n");
  const auto has = [&](const std::string& part) {
    CAPTURE(lines, part);
    CHECK(std::any_of(lines.begin(), lines.end(), [&](const auto& line) { return line.starts_with(part); }));
  };
  has("f:3:32: error: encr: \"rot13\" is no algorithm");
  has("f:4:65: error: integ_key: expected pairs of hexadecimal digits");
  has("f:5:26: error: unknown key in sas");
  has("f:6:13: error: groups: 'esp.1' is no SA");
  has("f:7:10: error: spds: ");
  has("f:7:44: error: direction: \"up\" is none of");
  has("f:8:13: error: eroutes: destination is missing");
  has("f:9:3: error: unknown key \"strange\" in manual");
}

TEST_CASE("A key may stand in a file that others cannot read") {
  TemporaryDirectory folder;
  folder.write("key", "4339314b55523947594d6d3547666b45764e6a58\n", 0600);
  folder.write("open", "4339314b55523947594d6d3547666b45764e6a58\n", 0644);
  const auto load = [&](const char* file) {
    return config::load(
        folder.write("profiles.yaml",
                     std::string("manual: {sas: [{protocol: ah, spi: 256, destination: 192.0.2.1, "
                                 "integ: sha1-96, integ_key: {file: ") +
                         file + "}}]}\n",
                     0600));
  };
  const auto good = load("key");
  REQUIRE(good.ok());
  CHECK(base::to_hex(good.config.manual.sas.at(0).integ_key) == "4339314b55523947594d6d3547666b45764e6a58");
  CHECK_FALSE(load("open").ok());
  CHECK_FALSE(load("none").ok());
}

TEST_CASE("No message repeats a key") {
  for (const char* key : {"topsecret", "{file: topsecret, more: topsecret}", "{topsecret: 1}"}) {
    const Lines lines = check(std::string("manual: {sas: [{id: 1, spi: 256, encr_key: ") + key + "}]}\n");
    REQUIRE_FALSE(lines.empty());
    if (std::string(key).find("file") != std::string::npos) continue;  // a name of a file is no secret
    for (const std::string& line : lines) CHECK(line.find("topsecret") == std::string::npos);
  }
}
