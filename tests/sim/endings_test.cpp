// Lives that end: lifetimes, authentications that last for a time, refusals without end, message ids, and
// addresses that are gone.

#include "tests/sim/forger.h"
#include "tests/sim/mishaps.h"

using namespace sim;
using ikev2::ExchangeType;
using ikev2::NotifyType;

namespace {

void bring_up_with_addresses(SimPair& world) {
  world.configure();
  world.left.network({world.left.address}, world.now);
  world.right.network({world.right.address}, world.now);
  world.initiate();
  world.run(2s);
  REQUIRE(world.up());
}

bool holds(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

// Nothing of CREATE_CHILD_SA arrives.
void lose_rekeys(SimPair& world) {
  world.net.intercept = [](Flight& flight) { return flight.message[18] != 36; };
}

std::vector<std::string> nonces_of_child_requests(SimPair& world, const Node& from, const Node& to) {
  std::vector<std::string> nonces;
  Insider reader(from);
  for (const Flight& flight : world.net.log) {
    if (flight.from.address != from.address || flight.to.address != to.address) continue;
    if (flight.message[18] != 36 || (flight.message[19] & 0x20) != 0) continue;
    const auto message = reader.open(flight.message);
    const auto& nonce = message.find<ikev2::NoncePayload>()->nonce;
    nonces.emplace_back(nonce.begin(), nonce.end());
  }
  return nonces;
}

}  // namespace

TEST_CASE("a child carries no packet past its lifetime, though its DELETE finds no answer") {
  SimPair world;
  world.left_profile.children[0].lifetime = 600s;
  bring_up_with_addresses(world);
  world.right.dead = true;  // neither a rekey nor a DELETE is answered
  world.left_profile.liveness_timeout = 2000s;
  const auto child = world.left.children.begin()->first;
  world.left.packet_seen(base::ChildId{child}, world.now);
  while (world.now - base::Instant{1000s} < 599s) {
    world.run(20s);
    if (!world.left.children.empty()) world.left.packet_seen(base::ChildId{child}, world.now);
  }
  world.run(10s);
  CHECK(world.left.children.empty());
  CHECK(world.left.outbound.empty());
}

TEST_CASE("an IKE SA past its lifetime carries nothing, though its DELETE finds no answer") {
  SimPair world;
  world.left_profile.lifetime = 600s;
  bring_up_with_addresses(world);
  const auto born = world.now;
  lose_rekeys(world);
  world.run(540s);
  const auto left = 602s - (world.now - born);
  world.right.dead = true;
  world.run(left);
  CHECK(world.left.children.empty());
}

TEST_CASE("TEMPORARY_FAILURE for minutes ends the IKE SA on both sides, and is not repeated at once") {
  for (const auto& command :
       {ikev2::Rekey{ikev2::RequestId{7}, "pr", "net"}, ikev2::Rekey{ikev2::RequestId{7}, "pr", {}}}) {
    SimPair world;
    bring_up_with_addresses(world);
    int answers = 0;
    refuse_creating(world, 43, [&] { return ++answers > 0; });
    world.left.command(command, world.now);
    world.run(170s);
    CHECK(SimPair::sa(world.left).state != "deleting");
    CHECK(world.left.children.size() == 1);
    world.run(30s);
    CHECK(answers > 40);  // two for each try: the request and its answer
    CHECK(answers < 250);
    CHECK(world.left.engine.status(false).ike_sas.empty());
    CHECK(world.left.children.empty());
    REQUIRE(world.left.outcomes.count(7) == 1);
    CHECK(world.left.outcomes.at(7).has_error());
    CHECK(holds(last_error(world.left), "TEMPORARY_FAILURE"));
    check_all_gone(world);
  }
}

TEST_CASE("a few TEMPORARY_FAILUREs are waited out") {
  SimPair world;
  bring_up_with_addresses(world);
  int messages = 0;
  refuse_creating(world, 43, [&] { return ++messages <= 6; });
  world.left.command(ikev2::Rekey{ikev2::RequestId{7}, "pr", {}}, world.now);
  world.run(30s);
  CHECK(world.left.outcomes.at(7).has_value());
  CHECK(world.left.children.size() == 1);
}

TEST_CASE("a request that is repeated with another group has a nonce of its own (RFC 7296 3.9)") {
  SimPair world;
  // The right side wants another group for its children than the left one offers first.
  const auto with = [](ikev2::Proposal proposal, std::initializer_list<crypto::Ke> groups) {
    for (const auto group : groups) {
      proposal.transforms.push_back({ikev2::TransformType::ke, static_cast<std::uint16_t>(group), 0, true});
    }
    return proposal;
  };
  const auto plain = esp_proposal(crypto::Encr::aes_gcm_16, 128, crypto::Integ::none);
  world.left_profile.children[0].proposals = {with(plain, {crypto::Ke::curve25519, crypto::Ke::ecp_256})};
  world.right_profile.children[0].proposals = {with(plain, {crypto::Ke::ecp_256})};
  bring_up_with_addresses(world);
  world.left.command(ikev2::Rekey{ikev2::RequestId{7}, "pr", "net"}, world.now);
  world.run(500ms);
  const auto nonces = nonces_of_child_requests(world, world.left, world.right);
  REQUIRE(nonces.size() == 2);
  CHECK(nonces[0] != nonces[1]);
  world.run(10s);
  check_stands(world);
}

TEST_CASE("a peer that narrows a child at its rekey is refused, by either role (RFC 7296 2.9.2)") {
  const std::vector<std::uint8_t> half{1,    0,    0,  0, 7, 0, 0,  16, 0,   0,
                                       0xff, 0xff, 10, 2, 0, 0, 10, 2,  127, 255};
  {
    SimPair world;
    bring_up_with_addresses(world);
    change_answers(world, ExchangeType::create_child_sa, [&](std::vector<RawPayload>& payloads) {
      for (auto& one : payloads) {
        if (one.type == kTsr) one.body = half;
      }
    });
    world.left.command(ikev2::Rekey{ikev2::RequestId{7}, "pr", "net"}, world.now);
    world.run(5s);
    REQUIRE(world.left.outcomes.at(7).has_error());
    CHECK(holds(world.left.outcomes.at(7).error().reason, "narrower"));
    CHECK(world.left.children.size() == 1);
  }
  Attack attack;
  attack.establish();
  Insider insider(attack.world.right);
  auto request = Asks::child(0x7000);
  request[3].body = half;
  request.push_back(Asks::rekey(3, spi_octets(attack.world.right.children.begin()->second.spi_out.value)));
  attack.send(insider.message(ExchangeType::create_child_sa, 2, request), true);
  REQUIRE(attack.answers.size() == 1);
  CHECK(insider.open(attack.answers.front()).find_notify(NotifyType::ts_unacceptable) != nullptr);
  CHECK(attack.world.right.children.size() == 1);
  CHECK(attack.world.right.spis.live == 1);
}

TEST_CASE(
    "reauth of the responder has the initiator prove itself anew in time, and a rekey prolongs nothing") {
  SimPair world;
  world.right_profile.reauth = 600s;
  bring_up_with_addresses(world);
  const auto spi = SimPair::sa(world.left).spi_i;
  world.left.command(ikev2::Rekey{ikev2::RequestId{7}, "pr", {}}, world.now);
  world.run(10s);
  REQUIRE(world.left.outcomes.at(7).has_value());
  const auto rekeyed = SimPair::sa(world.left).spi_i;
  CHECK(rekeyed != spi);
  const auto checks = world.right.verified.size();
  world.run(600s);
  check_stands(world);
  CHECK(SimPair::sa(world.left).spi_i != rekeyed);
  CHECK(world.right.verified.size() == checks + 1);
}

TEST_CASE("a responder whose initiator does not prove itself anew closes the IKE SA at the end of its time") {
  SimPair world;
  world.right_profile.reauth = 600s;
  world.right_profile.remote_address = ikev2::AnyPeer{};
  bring_up_with_addresses(world);
  world.net.intercept = [](Flight& flight) { return flight.message[18] != 34; };
  world.run(560s);
  CHECK(world.right.children.size() == 1);
  world.run(50s);
  CHECK(world.right.children.empty());
  CHECK(world.right.engine.status(false).ike_sas.empty());
}

TEST_CASE("AUTH_LIFETIME that comes later, in INFORMATIONAL, shortens the authentication") {
  SimPair world;
  bring_up_with_addresses(world);
  Insider insider(world.left);
  world.left.receive(
      {{},
       0,
       {world.right.address, 4500},
       {world.left.address, 4500},
       true,
       insider.message(ExchangeType::informational, 0, {notify(16403, base::Bytes{0, 0, 0, 100})})},
      world.now);
  const auto spi = SimPair::sa(world.left).spi_i;
  world.run(110s);
  REQUIRE(world.left.engine.status(false).ike_sas.size() >= 1);
  CHECK(SimPair::sa(world.left).spi_i != spi);
  CHECK(world.left.children.size() == 1);
}

TEST_CASE("a childless IKE SA stands in both roles, and its children follow (RFC 6023)") {
  SimPair world;
  world.left_profile.childless = true;
  with_every_mishap(
      [](SimPair& each) {
        each.left_profile.childless = true;
        each.configure();
      },
      [](SimPair& each) { each.initiate(); },
      [](SimPair& each) {
        check_stands(each);
        CHECK(each.left.outcomes.at(1).has_value());
      });
  world.configure();
  world.initiate();
  bool alone = false;
  world.run(2s, [&] {
    const auto left = world.left.engine.status(false).ike_sas,
               right = world.right.engine.status(false).ike_sas;
    alone =
        alone || (left.size() == 1 && right.size() == 1 && left[0].state == "established" &&
                  right[0].state == "established" && left[0].children.empty() && right[0].children.empty());
    return false;
  });
  CHECK(alone);
  // IKE_AUTH in both directions holds no child.
  for (const Flight& flight : world.net.log) {
    if (flight.message[18] != 35) continue;
    Insider reader(flight.from.address == world.left.address ? world.left : world.right);
    const auto message = reader.open(flight.message);
    CHECK(message.find<ikev2::SaPayload>() == nullptr);
    CHECK(message.find_ts(ikev2::PayloadType::tsi) == nullptr);
    CHECK(message.find<ikev2::AuthPayload>() != nullptr);
  }
}

TEST_CASE("initial_contact: false is neither said nor believed") {
  for (const bool says : {true, false}) {
    for (const bool believes : {true, false}) {
      SimPair world;
      world.left_profile.initial_contact = says;
      world.right_profile.initial_contact = believes;
      bring_up_with_addresses(world);
      Node twin("twin", *base::IpAddress::parse("192.0.2.9"), 77, world.net);
      world.right_profile.remote_address = ikev2::AnyPeer{};
      world.right.command(ikev2::ReplacePeer{std::make_shared<ikev2::PeerConfig>(world.right_profile)},
                          world.now);
      twin.secrets = world.left.secrets;
      world.more = {&twin};
      twin.command(ikev2::AddPeer{std::make_shared<ikev2::PeerConfig>(world.left_profile)}, world.now);
      twin.command(ikev2::Initiate{ikev2::RequestId{1}, "pr", {}}, world.now);
      world.run(3s);
      CHECK(twin.children.size() == 1);
      CHECK(world.right.engine.status(false).ike_sas.size() == (says && believes ? 1u : 2u));
    }
  }
}

TEST_CASE("an address that is gone while we connect begins the exchange anew, with all who wait for it") {
  const base::IpAddress fresh = *base::IpAddress::parse("198.51.100.20");
  for (const auto moment : {500us, 1500us, 2500us, 3500us}) {
    SimPair world;
    world.right_profile.remote_address = ikev2::AnyPeer{};
    world.configure();
    world.left.network({world.left.address}, world.now);
    world.initiate();
    world.run(moment);
    REQUIRE(world.left.children.empty());
    world.left.readdress(fresh, world.now);
    world.run(10s);
    INFO("after " << moment.count() << " us");
    CHECK(world.left.children.size() == 1);
    CHECK(SimPair::sa(world.left).local.endpoint.address == fresh);
    CHECK(world.left.engine.status(false).ike_sas.size() == 1);
    REQUIRE(world.left.outcomes.count(1) == 1);
    CHECK(world.left.outcomes.at(1).has_value());
  }
}

TEST_CASE("a peer that is dead where it was is found at the other address that it has told") {
  SimPair world;
  const base::IpAddress second = *base::IpAddress::parse("198.51.100.2");
  world.configure();
  world.left.network({world.left.address}, world.now);
  world.right.network({world.right.address, second}, world.now);
  world.initiate();
  world.run(2s);
  REQUIRE(world.up());
  const base::IpAddress first = world.right.address;
  // The first address is cut off; the node is to be found at the second.
  base::IpAddress cut = first;
  world.net.intercept = [&](Flight& flight) {
    return flight.from.address != cut && flight.to.address != cut;
  };
  world.right.address = second;
  world.run(60s);
  REQUIRE(world.up());
  CHECK(SimPair::sa(world.left).remote.endpoint.address == second);
  CHECK(SimPair::sa(world.right).local.endpoint.address == second);
  CHECK(world.left.children.begin()->second.remote.address == second);
  CHECK(world.right.children.begin()->second.local.address == second);
  CHECK(world.left.said("does not answer where it was"));
  // And back again: the first one has become one of the others.
  cut = second;
  world.right.address = first;
  world.run(90s);
  REQUIRE(world.up());
  CHECK(SimPair::sa(world.left).remote.endpoint.address == first);
}
