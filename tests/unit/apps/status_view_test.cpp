#include "apps/daemon/status_view.h"

#include <array>
#include <catch2/catch_test_macros.hpp>

#include "apps/daemon/sa_errors.h"
#include "esp/admission.h"

namespace {

using namespace daemon_app;
using namespace std::chrono_literals;

constexpr base::Instant at(std::chrono::seconds s) { return base::Instant(s); }
const StatusTimes kTimes{at(1000s), at(1012s), WallTime(std::chrono::seconds(1795341600))};

spd::TrafficSelectors net(const char* text) { return {*spd::TrafficSelector::parse(text)}; }

ikev2::ChildStatus sample_child() {
  ikev2::ChildStatus child;
  child.id = base::ChildId(3);
  child.name = "net";
  child.state = "installed";
  child.suite.cipher = {crypto::Encr::aes_cbc, 192, crypto::Integ::sha1_96};
  child.suite.esn = true;
  child.spi_in = base::Spi(0xc0b24047);
  child.spi_out = base::Spi(0x0319);
  child.selectors = {net("192.168.124.0/24"), net("10.0.0.1-10.0.0.9|tcp/443")};
  child.installed_at = at(1002s);
  child.rekey_at = at(1112s);
  child.we_initiated = true;
  return child;
}

ikev2::IkeSaStatus sample_sa() {
  ikev2::IkeSaStatus sa;
  sa.profile = "pr1";
  sa.state = "established";
  sa.initiator = true;
  sa.spi_i = base::IkeSpi(0xf40329997e6563dd);
  sa.spi_r = base::IkeSpi(0x1);
  sa.local.endpoint = {*base::IpAddress::parse("192.168.100.3"), 500};
  sa.local.id = *ikev2::Identity::parse("fqdn:vpp.home");
  sa.remote.endpoint = {*base::IpAddress::parse("192.168.100.2"), 4500};
  sa.remote.id = *ikev2::Identity::parse("fqdn:roadwarrior.vpn.example.com");
  sa.remote.behind_nat = true;
  sa.suite = {
      {crypto::Encr::aes_cbc, 256, crypto::Integ::sha1_96}, crypto::Prf::hmac_sha1, crypto::Ke::modp_2048};
  sa.established_at = at(1001s);
  sa.rekey_at = at(81012s);
  sa.nonce_i = {1, 2, 0xff};
  sa.children.push_back(sample_child());
  return sa;
}

}  // namespace

TEST_CASE("an IKE SA is shown with the names, SPIs and times of the interface") {
  const auto view = make_ike_sa_view(sample_sa(), {}, kTimes.now);
  CHECK(view.profile == "pr1");
  CHECK(view.state == "established");
  CHECK(view.role == "initiator");
  CHECK(view.initiator_spi == "f40329997e6563dd");
  CHECK(view.responder_spi == "0000000000000001");
  CHECK(view.local.address == "192.168.100.3");
  CHECK(view.local.port == 500);
  CHECK(view.local.id == "fqdn:vpp.home");
  CHECK(view.remote.behind_nat);
  CHECK(view.encr == "aes-cbc-256");
  CHECK(view.integ == "sha1-96");
  CHECK(view.prf == "hmac-sha1");
  CHECK(view.ke == std::vector<std::string>{"modp-2048"});
  CHECK(view.established_s == 11);
  CHECK(view.rekey_in_s == 80000);
  CHECK(view.nonce_i == "0102ff");
}

TEST_CASE("the listings' uptimes count microseconds, and are left out of what does not stand yet") {
  ikev2::IkeSaStatus sa = sample_sa();
  sa.established_at = at(1001s) + 250ms;
  sa.children[0].installed_at = at(1011s) + 999ms;
  const auto view = make_ike_sa_view(sa, {}, kTimes.now);
  CHECK(view.established_s == 10);
  CHECK(view.established_us == 10'750'000);
  CHECK(view.children[0].installed_us == 1000);

  sa.established_at = {};
  CHECK(make_ike_sa_view(sa, {}, kTimes.now).established_us == 0);
}

TEST_CASE("a child is shown with the counters of the data path") {
  DataplaneStatus dataplane;
  ChildTraffic& traffic = dataplane.children[base::ChildId(3)];
  traffic.bytes_in = 84;
  traffic.packets_in = 1;
  traffic.bytes_out = 168;
  traffic.packets_out = 2;
  traffic.sequence_out = 2;
  traffic.outer_local = {*base::IpAddress::parse("192.0.2.1"), 4500};
  esp::SaTraffic errors;
  for (const auto counter : {esp::Counter::in_padding, esp::Counter::in_padding, esp::Counter::in_runt,
                             esp::Counter::in_integrity, esp::Counter::in_ecn})
    esp::count_drop(errors, counter);
  daemon_app::add_errors(traffic.errors, errors);
  daemon_app::add_arrivals(traffic.errors, {9, 2, 0, 64, 4, 3, 5});
  const auto sa = make_ike_sa_view(sample_sa(), dataplane, kTimes.now);
  REQUIRE(sa.children.size() == 1);
  const auto& child = sa.children[0];
  CHECK(child.name == "net");
  CHECK(child.protocol == "esp");
  CHECK(child.mode == "tunnel");
  CHECK(child.encap == "none");
  CHECK(child.spi_in == "c0b24047");
  CHECK(child.spi_out == "00000319");
  CHECK(child.encr == "aes-cbc-192");
  CHECK(child.integ == "sha1-96");
  CHECK(child.esn);
  CHECK(child.local_ts == std::vector<std::string>{"192.168.124.0/24"});
  CHECK(child.remote_ts == std::vector<std::string>{"10.0.0.1-10.0.0.9|tcp/443"});
  CHECK(child.bytes_in == 84);
  CHECK(child.packets_out == 2);
  CHECK(child.installed_s == 10);
  CHECK(child.rekey_in_s == 100);
  CHECK(child.sequence_out == 2);
  CHECK(child.outer_local == "192.0.2.1");
  const control::SaErrorView& shown = child.errors;
  CHECK(std::array{shown.padding, shown.size, shown.integrity, shown.other} ==
        std::array<std::uint64_t, 4>{2, 1, 1, 1});
  CHECK(std::array{shown.late, shown.lost, shown.widest_gap} == std::array<std::uint64_t, 3>{4, 3, 5});
  CHECK(shown.replays + shown.selector == 0);
}

TEST_CASE("with an AEAD there is no integrity algorithm") {
  auto sa = sample_sa();
  sa.suite.cipher = {crypto::Encr::aes_gcm_16, 256, crypto::Integ::none};
  sa.children[0].suite.cipher = {crypto::Encr::chacha20_poly1305, 0, crypto::Integ::none};
  const auto view = make_ike_sa_view(sa, {}, kTimes.now);
  CHECK_FALSE(view.integ.has_value());
  CHECK_FALSE(view.children[0].integ.has_value());
  const auto json = control::to_json(view);
  CHECK(json["integ"].is_null());
  CHECK(json["children"][0]["encr"] == "chacha20-poly1305");
}

TEST_CASE("an SA that is still connecting shows no times and no unknown identity") {
  auto sa = sample_sa();
  sa.state = "connecting";
  sa.established_at = {};
  sa.rekey_at = {};
  sa.remote.id = {};
  sa.suite = {};
  sa.children.clear();
  const auto view = make_ike_sa_view(sa, {}, kTimes.now);
  CHECK(view.established_s == 0);
  CHECK(view.rekey_in_s == 0);
  CHECK(view.remote.id.empty());
  CHECK(view.ke.empty());
}

TEST_CASE("keys are in the view exactly when the engine gave them, in the right direction") {
  auto sa = sample_sa();
  CHECK_FALSE(make_ike_sa_view(sa, {}, kTimes.now).children[0].keys.has_value());
  CHECK_FALSE(make_ike_sa_view(sa, {}, kTimes.now).keys.has_value());

  const base::Bytes ours{0xaa}, theirs{0xbb};
  sa.children[0].keys = ikev2::ChildKeys{{base::SecretBytes(ours), {}}, {base::SecretBytes(theirs), {}}};
  const auto as_initiator = make_ike_sa_view(sa, {}, kTimes.now).children[0].keys;
  REQUIRE(as_initiator.has_value());
  CHECK(as_initiator->encr_out == "aa");
  CHECK(as_initiator->encr_in == "bb");

  sa.children[0].we_initiated = false;
  const auto as_responder = make_ike_sa_view(sa, {}, kTimes.now).children[0].keys;
  REQUIRE(as_responder.has_value());
  CHECK(as_responder->encr_out == "bb");
  CHECK(as_responder->encr_in == "aa");
}

TEST_CASE("the whole status has version, uptime, and the time of the last error on the wall clock") {
  ikev2::EngineStatus engine;
  engine.profiles.push_back({"pr1", "up", "down", ikev2::LastError{at(1010s), "no proposal fits"}});
  engine.profiles.push_back({"pr2", "none", "down", {}});
  engine.counters.emplace_back("refused", 3);
  DataplaneStatus dataplane;
  dataplane.counters.push_back({"in-replay", 2});
  const auto view = make_status_view(engine, dataplane, kTimes);
  CHECK(view.version == IKEV2D_VERSION);
  CHECK(view.uptime_s == 12);
  REQUIRE(view.profiles.size() == 2);
  REQUIRE(view.profiles[0].last_error.has_value());
  CHECK(view.profiles[0].last_error->at == "2026-11-22T09:59:58.000Z");
  CHECK(view.profiles[0].last_error->reason == "no proposal fits");
  CHECK_FALSE(view.profiles[1].last_error.has_value());
  REQUIRE(view.counters.size() == 2);
  CHECK(view.counters[0].name == "in-replay");
  CHECK(view.counters[1].name == "ike-refused");
  CHECK(view.counters[1].value == 3);
}

TEST_CASE("a child with AH in transport mode says so, encrypts nothing, and is never in UDP") {
  auto sa = sample_sa();
  auto& child = sa.children.front();
  child.suite.protocol = crypto::IpsecProtocol::ah;
  child.suite.cipher = {crypto::Encr::none, 0, crypto::Integ::hmac_sha2_256_128};
  child.mode = ikev2::Mode::transport;
  child.udp_encap = true;
  const auto view = make_ike_sa_view(sa, {}, kTimes.now).children.front();
  CHECK(view.protocol == "ah");
  CHECK(view.mode == "transport");
  CHECK(view.encap == "none");
  CHECK(view.encr == "none");
  CHECK(view.integ == "hmac-sha2-256-128");
}
