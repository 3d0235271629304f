// Negotiations that fail: the right notify, and on both sides a reason that a person understands.

#include <algorithm>
#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>

#include "tests/sim/checks.h"

using namespace sim;

namespace {

std::string failure(const SimPair& world, std::uint64_t request = 1) {
  const auto& outcome = world.left.outcomes.at(request);
  return outcome.has_error() ? outcome.error().reason : "";
}

bool holds(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

}  // namespace

TEST_CASE(
    "B083: different secrets end in AUTHENTICATION_FAILED, and both sides say that the secrets differ") {
  SimPair world;
  world.right.secrets[1] = "another secret";
  world.configure();
  world.initiate();
  world.run(2s);
  check_all_gone(world);
  CHECK(holds(failure(world), "AUTHENTICATION_FAILED"));
  CHECK(holds(failure(world), "secret"));
  CHECK(world.right.said("AUTH of the initiator fqdn:left.test does not verify"));
  CHECK(holds(world.left.engine.status(false).profiles.at(0).last_error->reason, "AUTHENTICATION_FAILED"));
  CHECK(holds(world.right.engine.status(false).profiles.at(0).last_error->reason, "secrets"));
}

TEST_CASE("a responder that knows another secret than the initiator expects is refused and told so") {
  SimPair world;
  // The right side accepts the left one's secret, but proves itself with another.
  world.right_profile.local_auth.credential = ikev2::CredentialId{2};
  world.right.secrets[2] = "another secret";
  world.configure();
  world.initiate();
  world.run(2s);
  CHECK(holds(failure(world), "AUTH of the responder fqdn:right.test does not verify"));
  CHECK(world.right.said("the peer refuses our authentication"));
  check_all_gone(world);
}

TEST_CASE("B083: an unknown initiator gets the same answer as one with a wrong secret") {
  SimPair world;
  world.left_profile.local_id = *ikev2::Identity::parse("fqdn:stranger.test");
  world.configure();
  world.initiate();
  world.run(2s);
  check_all_gone(world);
  CHECK(holds(failure(world), "AUTHENTICATION_FAILED"));
  CHECK(world.right.said(
      "no profile fits the peer fqdn:stranger.test: profile pr: it expects the peer to be fqdn:left.test"));
}

TEST_CASE("an initiator refuses a responder with another identity than its profile names") {
  SimPair world;
  world.left_profile.remote_id = *ikev2::IdentityPattern::parse("fqdn:*.elsewhere.test");
  world.configure();
  world.initiate();
  world.run(2s);
  check_all_gone(world);
  CHECK(holds(failure(world), "the responder is fqdn:right.test, our profile expects fqdn:*.elsewhere.test"));
}

TEST_CASE("IKE proposals that do not fit are refused with NO_PROPOSAL_CHOSEN and the nearest miss is named") {
  SimPair world;
  world.right_profile.proposals = {ike_proposal(crypto::Encr::aes_gcm_16, 128, crypto::Prf::hmac_sha2_256,
                                                crypto::Integ::none, {crypto::Ke::curve25519})};
  world.configure();
  world.initiate();
  world.run(3s);
  check_all_gone(world);
  CHECK(holds(failure(world), "NO_PROPOSAL_CHOSEN"));
  CHECK(holds(failure(world), "aes-gcm-16-256"));
  CHECK(world.right.said("aes-gcm-16-128"));
  CHECK(world.right.said("aes-gcm-16-256"));
}

TEST_CASE("child proposals that do not fit leave no IKE SA of the initiator behind") {
  SimPair world;
  world.right_profile.children[0].proposals = {
      esp_proposal(crypto::Encr::aes_cbc, 256, crypto::Integ::hmac_sha2_256_128)};
  world.configure();
  world.initiate();
  world.run(5s);
  check_all_gone(world);
  CHECK(holds(failure(world), "NO_PROPOSAL_CHOSEN"));
  CHECK(holds(failure(world), "net"));
}

TEST_CASE("a child that is refused again and again is tried again ever more slowly") {
  SimPair world;
  world.left_profile.children[0].start = ikev2::Start::up;
  world.right_profile.children[0].proposals = {
      esp_proposal(crypto::Encr::aes_cbc, 256, crypto::Integ::hmac_sha2_256_128)};
  world.configure();
  world.run(25s);
  // After 1, 2, 4 and 8 s, with up to a fifth of jitter; the IKE SA stands each time before its child fails.
  const auto attempts =
      std::count_if(world.left.reports.begin(), world.left.reports.end(),
                    [](const ikev2::Report& report) { return report.log.event == "child-failed"; });
  CHECK(attempts == 5);
}

TEST_CASE("selectors that do not fit are refused with TS_UNACCEPTABLE, and both sides name them") {
  SimPair world;
  world.right_profile.children[0].local_ts = {*spd::TrafficSelector::parse("172.16.0.0/12")};
  world.configure();
  world.initiate();
  world.run(5s);
  check_all_gone(world);
  CHECK(holds(failure(world), "TS_UNACCEPTABLE"));
  CHECK(holds(failure(world), "10.2.0.0/16"));
  CHECK(world.right.said("172.16.0.0/12"));
}

TEST_CASE("an address that no profile is for is refused") {
  SimPair world;
  world.right_profile.remote_address = *base::IpAddress::parse("198.51.100.1");
  world.configure();
  world.initiate();
  world.run(3s);
  check_all_gone(world);
  CHECK(holds(failure(world), "NO_PROPOSAL_CHOSEN"));
  CHECK(world.right.said("no profile is for a peer at 192.0.2.1"));
}

TEST_CASE("a peer that never answers is given up after the configured tries, and the reason says so") {
  SimPair world;
  world.right.dead = true;
  world.configure();
  world.initiate();
  world.run(200s);
  check_all_gone(world);
  CHECK(holds(failure(world), "no answer from 192.0.2.2:500 to IKE_SA_INIT after 8 tries"));
  CHECK(world.net.log.size() == 8);
}

TEST_CASE("a profile without a single peer cannot be initiated") {
  SimPair world;
  world.left_profile.remote_address = ikev2::AnyPeer{};
  world.configure();
  world.initiate();
  CHECK(holds(failure(world), "can only respond"));
}

TEST_CASE("B102: the responder chooses its profile by identity, not by order") {
  SimPair world;
  auto other = world.right_profile;
  other.name = "aaa";  // stands before "pr" in the table
  other.remote_id = *ikev2::IdentityPattern::parse("fqdn:other.test");
  other.remote_auth.credential = ikev2::CredentialId{7};
  world.right.secrets[7] = "other secret";
  world.right.command(ikev2::AddPeer{std::make_shared<ikev2::PeerConfig>(other)}, world.now);
  world.configure();
  world.initiate();
  world.run(2s);
  REQUIRE(world.up());
  CHECK(SimPair::sa(world.right).profile == "pr");
}

TEST_CASE("B131: a forged refusal in clear does not keep the real answer from being taken") {
  SimPair world;
  bool forged = false;
  world.net.intercept = [&](Flight& flight) {
    if (forged || flight.from.address != world.left.address) return true;
    forged = true;
    // An attacker answers first: the request's header as a response, with nothing but NO_PROPOSAL_CHOSEN.
    Flight answer{{}, 0, flight.to, flight.from, false, flight.message};
    answer.message.resize(28);
    answer.message[16] = 41;    // next payload: Notify
    answer.message[19] = 0x20;  // a response
    answer.message[27] = 36;    // length
    answer.message.insert(answer.message.end(), {0, 0, 0, 8, 0, 0, 0, 14});
    world.net.send(world.now, answer);
    return true;
  };
  world.configure();
  world.initiate();
  world.run(5s);
  CHECK(forged);
  CHECK(world.up());
}
