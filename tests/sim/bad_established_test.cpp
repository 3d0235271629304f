// What a peer that has proved who it is cannot do on an IKE SA that stands, and what it is owed where nothing
// was negotiated. Each row is numbered as in docs/bad-inputs.md.
#include "tests/sim/checks.h"
#include "tests/sim/forger.h"

using namespace sim;
using ikev2::ExchangeType;
using ikev2::NotifyType;

namespace {

// The right node, and a peer that speaks with the keys of its IKE SA.
struct Inside : Attack {
  explicit Inside(ikev2::EngineConfig config = {}, const std::function<void(SimPair&)>& change = {})
      : Attack(config, change) {
    establish();
    insider.emplace(world.right);
  }
  // The answer to the next request.
  ikev2::Message ask(ExchangeType exchange, const std::vector<RawPayload>& payloads) {
    send(insider->message(exchange, id++, payloads), true);
    REQUIRE(answers.size() == 1);
    return insider->open(answers.front());
  }
  NotifyType asked(ExchangeType exchange, const std::vector<RawPayload>& payloads) {
    const auto answer = ask(exchange, payloads);
    const auto* error = answer.first_error();
    return error == nullptr ? NotifyType{} : error->type;
  }
  std::vector<RawPayload> rekey(std::uint32_t spi, const base::Bytes& old, std::uint8_t protocol = 3) {
    auto request = Asks::child(spi, static_cast<std::uint8_t>(id));
    request.push_back(Asks::rekey(protocol, old));
    return request;
  }
  base::Bytes child_spi() const { return spi_octets(world.right.children.begin()->second.spi_out.value); }

  std::optional<Insider> insider;
  std::uint32_t id = 2;
};

constexpr auto kCreate = ExchangeType::create_child_sa;

}  // namespace

TEST_CASE("B062: a COOKIE in CREATE_CHILD_SA is ignored, asked or answered") {
  SimPair world;
  bring_up(world);
  change_answers(world, kCreate, [](std::vector<RawPayload>& payloads) {
    payloads.insert(payloads.begin(), notify(16390, base::Bytes(20, 1)));
  });
  world.left.command(ikev2::Rekey{ikev2::RequestId{7}, "pr", "net"}, world.now);
  world.run(5s);
  CHECK(world.left.outcomes.at(7).has_value());
  Inside inside;
  auto request = inside.rekey(0x7000, inside.child_spi());
  request.insert(request.begin(), notify(16390, base::Bytes(20, 1)));
  CHECK(inside.ask(kCreate, request).find<ikev2::SaPayload>() != nullptr);
}

TEST_CASE("B107: NULL authentication is refused where it is not configured") {
  Attack attack;
  base::Bytes genuine;
  attack.world.net.intercept = [&](Flight& flight) {
    if (flight.message[18] == 35 && genuine.empty()) genuine = flight.message;
    return flight.message[18] != 35;
  };
  attack.world.run(100ms);
  REQUIRE(attack.half_open() == 1);
  Insider reader(attack.world.left), insider(attack.world.right);
  std::vector<RawPayload> payloads;
  for (const auto& payload : reader.open(genuine).payloads) {
    payloads.push_back({static_cast<std::uint8_t>(ikev2::type_of(payload)), reader.body_of(payload)});
    if (payloads.back().type == kAuth) payloads.back().body[0] = 13;
  }
  attack.send(insider.message(ExchangeType::ike_auth, 1, payloads), true);
  REQUIRE(attack.answers.size() == 1);
  CHECK(insider.open(attack.answers.front()).find_notify(NotifyType::authentication_failed) != nullptr);
  CHECK(attack.world.right.engine.status(false).ike_sas.empty());
  CHECK(attack.half_open() == 0);
}

TEST_CASE("B112: REDIRECT that was not asked for is ignored") {
  SimPair world;
  world.net.intercept = [&](Flight& flight) {
    if (flight.from.address != world.right.address || flight.message[18] != 34) return true;
    auto raw = RawMessage::of(flight.message);
    raw.payloads.push_back(notify(16407, base::Bytes{1, 4, 203, 0, 113, 1}));
    const auto changed = raw.octets();
    // The right side signs what it has sent: only the notify in front of the handshake's end is of interest.
    world.net.put_later(world.now + 500us, {{}, 0, flight.from, flight.to, flight.natt, changed});
    return false;
  };
  world.configure();
  world.initiate();
  world.run(2s);
  for (const Flight& flight : world.net.log) {
    CHECK((flight.to.address == world.left.address || flight.to.address == world.right.address));
  }
  // And inside an IKE SA that stands.
  Inside inside;
  CHECK(inside.ask(ExchangeType::informational, {notify(16407, base::Bytes{1, 4, 203, 0, 113, 1})})
            .payloads.empty());
  CHECK(inside.world.up());
}

TEST_CASE("B113: REKEY_SA of what is not there gets CHILD_SA_NOT_FOUND with the SPI as it came") {
  Inside inside;
  const auto own = inside.child_spi();
  for (const auto& [protocol, spi] :
       std::vector<std::pair<std::uint8_t, base::Bytes>>{{3, spi_octets(0x90000001)},
                                                         {2, own},
                                                         {0, own},
                                                         {1, own},
                                                         {3, base::Bytes(8, 7)},
                                                         {3, {}},
                                                         {3, base::Bytes(255, 7)}}) {
    const auto answer = inside.ask(kCreate, inside.rekey(0x7000, spi, protocol));
    const auto* notify = answer.find_notify(NotifyType::child_sa_not_found);
    REQUIRE(notify != nullptr);
    CHECK(answer.payloads.size() == 1);
    CHECK(notify->spi == spi);
  }
  CHECK(inside.counted("refused") == 7);
  CHECK(inside.world.right.children.size() == 1);
  CHECK(inside.world.right.spis.live == 1);
  // Two of them: the first one counts.
  auto twice = inside.rekey(0x7000, own);
  twice.push_back(Asks::rekey(3, spi_octets(0x90000001)));
  CHECK(inside.ask(kCreate, twice).first_error() == nullptr);
  CHECK(inside.world.right.children.size() == 2);
}

TEST_CASE("B114: a child that has been rekeyed is not rekeyed again while it waits for its DELETE") {
  Inside inside;
  const auto old = inside.child_spi();
  CHECK(inside.ask(kCreate, inside.rekey(0x7000, old)).first_error() == nullptr);
  CHECK(inside.asked(kCreate, inside.rekey(0x7001, old)) == NotifyType::temporary_failure);
  CHECK(inside.world.right.children.size() == 2);
  // DELETE of the old one, and all is in order.
  base::Bytes body{3, 4, 0, 1};
  base::append(body, old);
  CHECK(inside.ask(ExchangeType::informational, {{kDelete, body}}).find<ikev2::DeletePayload>() != nullptr);
  inside.world.left.dead = true;
  inside.world.run(5s);
  CHECK(inside.world.right.children.size() == 1);
  CHECK(inside.world.right.spis.live == 1);
}

TEST_CASE("B115: nothing is created while the IKE SA goes, nor replaced while a child of it is being made") {
  {
    Inside inside;
    inside.world.net.intercept = [](Flight&) { return false; };
    inside.world.right.command(ikev2::Terminate{{}, "pr", {}}, inside.world.now);
    CHECK(inside.asked(kCreate, Asks::child(0x7000)) == NotifyType::temporary_failure);
    CHECK(inside.asked(kCreate, {Asks::ike_sa(9), Asks::nonce(1), Asks::ke(31, base::Bytes(32, 9))}) ==
          NotifyType::temporary_failure);
    CHECK(inside.world.right.children.size() == 1);
  }
  Inside inside;
  inside.world.net.intercept = [](Flight&) { return false; };
  inside.world.right.command(ikev2::Rekey{{}, "pr", "net"}, inside.world.now);
  CHECK(inside.asked(kCreate, {Asks::ike_sa(9), Asks::nonce(1), Asks::ke(31, base::Bytes(32, 9))}) ==
        NotifyType::temporary_failure);
  CHECK(inside.world.right.engine.status(false).ike_sas.size() == 1);
}

TEST_CASE("B116: a rekey of the IKE SA without key exchange, or with SPI zero, is refused") {
  Inside inside;
  CHECK(inside.asked(kCreate, {Asks::ike_sa(9), Asks::nonce(1)}) == NotifyType::invalid_ke_payload);
  CHECK(inside.asked(kCreate, {Asks::ike_sa(9, 0), Asks::nonce(1), Asks::ke(31, base::Bytes(32, 9))}) ==
        NotifyType::no_proposal_chosen);
  CHECK(inside.asked(kCreate, {Asks::ike_sa(0), Asks::nonce(1), Asks::ke(31, base::Bytes(32, 9))}) ==
        NotifyType::no_proposal_chosen);
  CHECK(inside.counted("refused") == 3);
  CHECK(inside.world.right.engine.status(false).ike_sas.size() == 1);
  CHECK(inside.world.right.children.size() == 1);
}

TEST_CASE("B117: a KE payload that no chosen proposal asks for is ignored") {
  Inside inside;
  auto request = Asks::child(0x7000);
  request.push_back(Asks::ke(31, base::Bytes(32, 0)));  // no value that could be used
  const auto answer = inside.ask(kCreate, request);
  CHECK(answer.find<ikev2::SaPayload>() != nullptr);
  CHECK(answer.find<ikev2::KePayload>() == nullptr);
  CHECK(inside.world.right.children.size() == 2);
}

TEST_CASE("B121: a child answered in the other mode is deleted with the peer") {
  for (const bool transport : {true, false}) {
    SimPair world;
    if (transport) {
      for (auto* peer : {&world.left_profile, &world.right_profile})
        peer->children[0].mode = ikev2::Mode::transport;
    }
    world.configure();
    change_answers(world, ExchangeType::ike_auth, [&](std::vector<RawPayload>& payloads) {
      if (!transport) return payloads.push_back(notify(16391));
      std::erase_if(payloads, [](const RawPayload& one) {
        return one.type == kNotify && base::load_be16(&one.body[2]) == 16391;
      });
    });
    world.initiate();
    world.run(10s);
    REQUIRE(world.left.outcomes.at(1).has_error());
    CHECK(world.left.outcomes.at(1).error().reason.find("mode, the profile wants the other") !=
          std::string::npos);
    check_all_gone(world);
  }
}

TEST_CASE("B122: two peers behind one NAT that want the same packets: the first one keeps them") {
  for (const auto mode : {ikev2::Mode::transport, ikev2::Mode::tunnel}) {
    SimPair world;
    Node third("third", *base::IpAddress::parse("192.0.2.3"), 77, world.net);
    world.more = {&third};
    world.net.nat.emplace(world.left.address, *base::IpAddress::parse("203.0.113.9"));
    world.net.nat->add_inside(third.address);
    world.right_profile.remote_address = ikev2::AnyPeer{};
    world.right_profile.remote_id = ikev2::IdentityPattern::parse("fqdn:*.test").value();
    for (auto* peer : {&world.left_profile, &world.right_profile}) {
      peer->children[0].mode = mode;
      if (mode == ikev2::Mode::transport) peer->children[0].local_ts = peer->children[0].remote_ts = {};
    }
    third.secrets = world.left.secrets;
    auto third_profile = world.left_profile;
    third_profile.local_id = *ikev2::Identity::parse("fqdn:third.test");
    world.configure();
    third.command(ikev2::AddPeer{std::make_shared<ikev2::PeerConfig>(third_profile)}, world.now);
    world.initiate();
    world.run(2s);
    REQUIRE(world.up());
    third.command(ikev2::Initiate{ikev2::RequestId{5}, "pr", {}}, world.now);
    world.run(5s);
    CHECK(world.right.children.size() == 1);
    CHECK(world.left.children.size() == 1);
    CHECK(third.children.empty());
    REQUIRE(third.outcomes.at(5).has_error());
    CHECK(third.outcomes.at(5).error().reason.find("TS_UNACCEPTABLE") != std::string::npos);
    CHECK(world.right.said(" overlaps "));
  }
}

TEST_CASE("B125: a CFG_REPLY that was not asked for is ignored") {
  SimPair world;
  world.configure();
  change_answers(world, ExchangeType::ike_auth, [](std::vector<RawPayload>& payloads) {
    payloads.push_back({kCp, {2, 0, 0, 0, 0, 1, 0, 4, 10, 9, 9, 9}});
  });
  world.initiate();
  world.run(2s);
  CHECK(world.up());
  CHECK(world.left.outcomes.at(1).has_value());
  CHECK(spd::text(world.left.children.begin()->second.selectors.local) == "10.1.0.0/16");
}

TEST_CASE(
    "B133: children up to the limit, then NO_ADDITIONAL_SAS; rekeys go on, and what is left behind is "
    "bounded") {
  ikev2::EngineConfig config;
  config.children_per_ike = 20;
  Inside inside(config);
  for (std::uint32_t i = 1; i < 20; ++i)
    CHECK(inside.ask(kCreate, Asks::child(0x7000 + i)).first_error() == nullptr);
  CHECK(inside.asked(kCreate, Asks::child(0x7100)) == NotifyType::no_additional_sas);
  CHECK(inside.counted("sa-limit") == 1);
  CHECK(inside.world.right.children.size() == 20);
  // A child is replaced over and over, and never deleted.
  auto old = inside.child_spi();
  NotifyType refusal{};
  for (std::uint32_t i = 0; i < 100 && refusal == NotifyType{}; ++i) {
    refusal = inside.asked(kCreate, inside.rekey(0x7200 + i, old));
    old = spi_octets(0x7200 + i);
  }
  CHECK(refusal == NotifyType::no_additional_sas);
  CHECK(inside.world.right.children.size() == 42);
  CHECK(inside.world.right.spis.live == 42);
  CHECK(inside.world.right.engine.status(false).ike_sas.size() == 1);
}

TEST_CASE("B133: more CREATE_CHILD_SA requests in a moment than any use has get TEMPORARY_FAILURE") {
  ikev2::EngineConfig config;
  config.children_per_ike = 4;
  Inside inside(config);
  std::uint32_t refused = 0;
  for (std::uint32_t i = 0; i < 200; ++i) {
    if (inside.asked(kCreate, inside.rekey(0x7000, spi_octets(0x90000001))) == NotifyType::temporary_failure)
      ++refused;
  }
  CHECK(refused == 200 - (64 + 2 * 4));
  inside.world.left.dead = true;
  inside.world.run(10s);
  CHECK(inside.asked(kCreate, inside.rekey(0x7000, spi_octets(0x90000001))) ==
        NotifyType::child_sa_not_found);
  // Thousands of INFORMATIONAL: each is answered, nothing is kept.
  for (int i = 0; i < 3000; ++i) CHECK(inside.ask(ExchangeType::informational, {}).payloads.empty());
  CHECK(inside.world.right.spis.live == 1);
}

TEST_CASE(
    "B133: one identity has as many IKE SAs as the limit says, then NO_ADDITIONAL_SAS; others still get in") {
  ikev2::EngineConfig config;
  config.ike_per_identity = 3;
  config.ike_per_profile = 4;
  SimPair world(1, {}, config);
  world.right_profile.remote_address = ikev2::AnyPeer{};
  world.right_profile.remote_id = ikev2::IdentityPattern::parse("fqdn:*.test").value();
  world.left_profile.initial_contact = false;
  world.configure();
  std::vector<std::unique_ptr<Node>> crowd;
  const auto join = [&](const std::string& id, std::uint8_t net) {
    crowd.push_back(
        std::make_unique<Node>("n", base::IpAddress::v4(0xc0000210u + net), 50u + net, world.net));
    Node& node = *crowd.back();
    node.secrets = world.left.secrets;
    world.more.push_back(&node);
    auto config_of = world.left_profile;
    config_of.local_id = *ikev2::Identity::parse(id);
    node.command(ikev2::AddPeer{std::make_shared<ikev2::PeerConfig>(config_of)}, world.now);
    node.command(ikev2::Initiate{ikev2::RequestId{1}, "pr", {}}, world.now);
    world.run(1s);
    return node.engine.status(false).ike_sas.size() == 1 &&
           node.engine.status(false).ike_sas[0].state == "established" && node.outcomes.count(1) == 1;
  };
  for (std::uint8_t i = 0; i < 3; ++i) CHECK(join("fqdn:same.test", i));
  CHECK_FALSE(join("fqdn:same.test", 3));
  CHECK(crowd.back()->said("NO_ADDITIONAL_SAS"));
  CHECK(world.right.said("limits.ike_per_identity is 3"));
  CHECK(world.right.engine.status(false).ike_sas.size() == 3);
  world.right_profile.children[0].remote_ts = {*spd::TrafficSelector::parse("10.0.0.0/8")};
  (void)join("fqdn:other.test", 4);
  CHECK(world.right.engine.status(false).ike_sas.size() <= 4);
  CHECK_FALSE(join("fqdn:third.test", 5));
}

TEST_CASE("B133: IKE SAs that the peer replaces and never deletes are bounded") {
  ikev2::EngineConfig config;
  config.ike_per_identity = 2;
  SimPair world(1, {}, config);
  bring_up(world);
  // The old IKE SAs stay: no DELETE of the left side arrives.
  world.net.intercept = [&](Flight& flight) {
    return flight.from.address != world.left.address || flight.message[18] != 37;
  };
  for (std::uint64_t i = 0; i < 8; ++i) {
    world.left.command(ikev2::Rekey{ikev2::RequestId{10 + i}, "pr", {}}, world.now);
    world.run(200ms);
    CHECK(world.right.engine.status(false).ike_sas.size() <= 8);
  }
  CHECK(world.right.said("has replaced and not deleted"));
}

TEST_CASE(
    "INVALID_SPI in clear is never answered; of a child that stands it brings one sign of life forward") {
  Attack attack;
  attack.establish();
  const auto spi = attack.world.right.children.begin()->second.spi_out.value;
  const auto hint = [&](std::uint32_t about, std::uint64_t ike_spi) {
    RawMessage raw{base::Bytes(28), {notify(11, spi_octets(about))}};
    base::store_be64(raw.header.data(), ike_spi);
    base::store_be64(raw.header.data() + 8, ike_spi + 1);
    raw.header[17] = 0x20;
    raw.header[18] = 37;
    raw.header[19] = 0x08;
    return raw.octets();
  };
  const auto sent_by_right = [&] {
    std::size_t count = 0;
    for (const Flight& flight : attack.world.net.log)
      count += flight.from.address == attack.world.right.address;
    return count;
  };
  // Of an unknown child, or from elsewhere: nothing.
  const auto before = sent_by_right();
  attack.send(hint(spi + 1, 77), true);
  attack.send_from(*base::IpAddress::parse("203.0.113.5"), hint(spi, 78), true);
  CHECK(sent_by_right() == before);
  CHECK(attack.counted("invalid-spi-hints") == 2);
  // Of the child: an empty INFORMATIONAL, inside the IKE SA, and no more than one in ten seconds.
  for (std::uint64_t i = 0; i < 50; ++i) attack.send(hint(spi, 100 + i), true);
  CHECK(sent_by_right() == before + 1);
  attack.world.run(5s);
  CHECK(attack.world.up());
}

TEST_CASE("INVALID_SPI inside the IKE SA has the child rekeyed, and made anew where the peer has lost it") {
  SimPair world;
  world.left_profile.children[0].start = ikev2::Start::up;
  world.configure();
  world.run(2s);
  REQUIRE(world.up());
  world.run(10s);
  Insider insider(world.left);
  const auto& child = world.left.children.begin()->second;
  const auto before = child.spi_in;
  world.left.receive(
      {{},
       0,
       {world.right.address, 4500},
       {world.left.address, 4500},
       true,
       insider.message(ExchangeType::informational, 0, {notify(11, spi_octets(child.spi_out.value))})},
      world.now);
  world.run(10s);
  CHECK(world.left.children.size() == 1);
  CHECK(world.left.children.begin()->second.spi_in != before);
  CHECK(world.left.said("INVALID_SPI"));
}
