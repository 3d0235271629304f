// What the two sides cannot understand ends the IKE SA, on both of them: RFC 7296 2.21.3, RFC 6989 2.5.

#include "tests/sim/checks.h"
#include "tests/sim/forger.h"

using namespace sim;
using ikev2::ExchangeType;
using ikev2::NotifyType;

namespace {

const ikev2::Rekey kRekeyChild{ikev2::RequestId{7}, "pr", "net"};
const ikev2::Rekey kRekeyIke{ikev2::RequestId{7}, "pr", {}};

void bring_up_with_own_group(SimPair& world) {
  for (auto* peer : {&world.left_profile, &world.right_profile}) peer->children[0].ike_group_on_rekey = true;
  bring_up(world);
}

bool holds(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

// The left side sends the command and gets changed answers: its IKE SA ends, and with the DELETE also that of
// the right one. Where the right one has moved on to an IKE SA that the left one cannot have, silence ends
// it.
void check_ends(const ikev2::Command& command, const Change& change, const std::string& reason) {
  SimPair world;
  bring_up_with_own_group(world);
  change_answers(world, ExchangeType::create_child_sa, change);
  world.left.command(command, world.now);
  world.run(command.index() == ikev2::Command(kRekeyChild).index() && std::get<ikev2::Rekey>(command).child
                ? 10s
                : 250s);
  INFO(reason);
  check_all_gone(world);
  REQUIRE(world.left.outcomes.count(7) == 1);
  CHECK(world.left.outcomes.at(7).has_error());
  CHECK(holds(last_error(world.left), reason));
  CHECK(world.left.said(reason));
}

}  // namespace

TEST_CASE("INVALID_SYNTAX in an answer ends our IKE SA, with the reason in the log and in last_error") {
  for (const auto& command : {kRekeyChild, kRekeyIke}) {
    SimPair world;
    bring_up_with_own_group(world);
    change_answers(world, ExchangeType::create_child_sa, replace_by({notify(7)}));
    world.left.command(command, world.now);
    world.run(100ms);
    CHECK(world.left.children.empty());
    CHECK(world.left.engine.status(false).ike_sas.empty());
    CHECK(world.left.spis.live == 0);
    CHECK(world.left.outcomes.at(7).has_error());
    CHECK(holds(last_error(world.left), "INVALID_SYNTAX"));
    CHECK(world.left.said("answers CREATE_CHILD_SA with INVALID_SYNTAX"));
  }
}

TEST_CASE("INVALID_SYNTAX in the answer to a liveness check ends our IKE SA") {
  SimPair world;
  world.right_profile.liveness_delay = 1000s;
  bring_up_with_own_group(world);
  change_answers(world, ExchangeType::informational, replace_by({notify(7)}));
  world.run(31s);
  CHECK(world.left.engine.status(false).ike_sas.empty());
  CHECK(world.left.children.empty());
  CHECK(holds(last_error(world.left), "answers INFORMATIONAL with INVALID_SYNTAX"));
}

TEST_CASE("a profile that wants to be up is made anew after an answer that cannot be read") {
  SimPair world;
  for (auto* peer : {&world.left_profile}) peer->children[0].start = ikev2::Start::up;
  world.configure();
  world.run(2s);
  REQUIRE(world.up());
  const auto first = world.left.children.begin()->second.spi_in;
  change_answers(world, ExchangeType::create_child_sa, leave_out({kTsi, kTsr}));
  world.left.command(kRekeyChild, world.now);
  world.run(10s);
  world.net.intercept = nullptr;
  REQUIRE(world.up());
  CHECK(world.left.children.begin()->second.spi_in != first);
  CHECK(world.left.engine.status(false).ike_sas.size() == 1);
  CHECK(world.right.engine.status(false).ike_sas.size() == 1);
}

TEST_CASE("a malformed answer to CREATE_CHILD_SA ends the IKE SA on both sides") {
  check_ends(kRekeyChild, leave_out({kTsi, kTsr}), "response without SA, TSi or TSr");
  check_ends(kRekeyChild, leave_out({kTsr}), "unusable");
  check_ends(kRekeyChild, leave_out({kSa}), "no SA payload");
  check_ends(kRekeyChild, leave_out({kNonce}), "no Nonce payload");
  check_ends(kRekeyIke, leave_out({kSa}), "no SA payload");
  check_ends(kRekeyIke, leave_out({kNonce}), "no Nonce payload");
  check_ends(kRekeyIke, leave_out({kKe}), "another key exchange");
  check_ends(kRekeyIke, zero(kSa, 8, 8), "SPI is zero");
  check_ends(kRekeyChild, zero(kSa, 8, 4), "SPI is zero");
}

TEST_CASE("a child with SPI zero in the answer of IKE_AUTH ends the IKE SA on both sides") {
  SimPair world;
  world.configure();
  change_answers(world, ExchangeType::ike_auth, zero(kSa, 8, 4));
  world.initiate();
  world.run(5s);
  REQUIRE(world.left.outcomes.at(1).has_error());
  CHECK(holds(world.left.outcomes.at(1).error().reason, "SPI is zero"));
  CHECK(holds(last_error(world.left), "SPI is zero"));
  check_all_gone(world);
}

TEST_CASE(
    "an answer of IKE_AUTH that cannot be read has a DELETE follow, so that the responder keeps nothing") {
  SimPair world;
  world.configure();
  change_answers(world, ExchangeType::ike_auth, leave_out({kTsr}));
  world.initiate();
  world.run(5s);
  REQUIRE(world.left.outcomes.at(1).has_error());
  check_all_gone(world);
}

TEST_CASE("a public value that cannot be, in an answer, ends the IKE SA on both sides (RFC 6989 2.5)") {
  check_ends(kRekeyChild, zero(kKe, 4), "public value");
  check_ends(kRekeyIke, zero(kKe, 4), "public value");
}

TEST_CASE(
    "a child answered with selectors that were not asked for is deleted with the peer, the old one stays") {
  SimPair world;
  bring_up_with_own_group(world);
  change_answers(world, ExchangeType::create_child_sa, [](std::vector<RawPayload>& payloads) {
    for (auto& one : payloads) {
      if (one.type == kTsr) one = Asks::ts(kTsr, 77);
    }
  });
  world.left.command(kRekeyChild, world.now);
  world.run(3s);
  CHECK(world.left.outcomes.at(7).has_error());
  CHECK(world.left.children.size() == 1);
  CHECK(SimPair::sa(world.left).state == "established");
  world.run(10s);
  CHECK(world.left.spis.live == 1);
}

TEST_CASE("a malformed CREATE_CHILD_SA request gets INVALID_SYNTAX, and ends the IKE SA with its child") {
  const base::Bytes bad(32, 0);
  const std::vector<std::vector<RawPayload>> requests{
      {Asks::child_sa(0x7000), Asks::nonce(1)},
      {Asks::child_sa(0x7000), Asks::nonce(1), Asks::ts(kTsi, 1)},
      {Asks::child_sa(0x7000), Asks::ts(kTsi, 1), Asks::ts(kTsr, 2)},
      {Asks::nonce(1), Asks::ts(kTsi, 1), Asks::ts(kTsr, 2)},
      {Asks::child_sa(0x7000, 31), Asks::nonce(1), Asks::ke(31, bad), Asks::ts(kTsi, 1), Asks::ts(kTsr, 2)},
      {Asks::ike_sa(5), Asks::nonce(1), Asks::ke(31, bad)},
  };
  for (std::size_t i = 0; i < requests.size(); ++i) {
    INFO("request " << i);
    Attack attack({}, [](SimPair& world) { world.right_profile.children[0].ike_group_on_rekey = true; });
    attack.establish();
    Insider insider(attack.world.right);
    attack.send(insider.message(ExchangeType::create_child_sa, 2, requests[i]), true);
    REQUIRE(attack.answers.size() == 1);
    CHECK(insider.open(attack.answers.front()).find_notify(NotifyType::invalid_syntax) != nullptr);
    CHECK(attack.counted("refused") == 1);
    CHECK(attack.world.right.children.empty());
    CHECK(attack.world.right.engine.status(false).ike_sas.empty());
    CHECK(attack.world.right.spis.live == 0);
    CHECK(holds(last_error(attack.world.right), "INVALID_SYNTAX"));
  }
}

TEST_CASE("an answer that refuses our new address, or lacks its COOKIE2, has a DELETE follow") {
  const base::IpAddress fresh = *base::IpAddress::parse("198.51.100.20");
  for (const bool update : {true, false}) {
    SimPair world;
    world.right_profile.remote_address = ikev2::AnyPeer{};
    world.configure();
    world.left.network({world.left.address}, world.now);
    world.initiate();
    world.run(2s);
    REQUIRE(world.up());
    if (update) {
      change_answers(world, ExchangeType::informational, replace_by({notify(40)}));
    } else {
      // The left node's answer to the question whether it is there.
      world.net.intercept = [&](Flight& flight) {
        const bool answer = flight.from.address == fresh && (flight.message[19] & 0x20) != 0;
        if (!answer || flight.message[18] != 37) return true;
        flight.message =
            Insider(world.right)
                .message(ExchangeType::informational, base::load_be32(&flight.message[20]), {}, true);
        return true;
      };
    }
    world.left.readdress(fresh, world.now);
    world.run(10s);
    check_all_gone(world);
  }
}
