// Several children of one IKE SA: coming up together, one by one, failing, coming back. RFC 7296 1.3.1,
// RFC 6023.

#include "tests/sim/forger.h"
#include "tests/sim/mishaps.h"

using namespace sim;

namespace {

ikev2::ChildConfig child(const std::string& name, const std::string& local, const std::string& remote) {
  ikev2::ChildConfig config;
  config.name = name;
  config.local_ts = {spd::TrafficSelector::parse(local).value()};
  config.remote_ts = {spd::TrafficSelector::parse(remote).value()};
  config.proposals = {esp_proposal(crypto::Encr::aes_gcm_16, 128, crypto::Integ::none)};
  return config;
}

void add_second(SimPair& world) {
  world.left_profile.children.push_back(child("dmz", "10.11.0.0/16", "10.12.0.0/16"));
  world.right_profile.children.push_back(child("dmz", "10.12.0.0/16", "10.11.0.0/16"));
}

void two_children(SimPair& world) {
  add_second(world);
  world.configure();
}

}  // namespace

TEST_CASE("initiate brings up all children of the profile, and is done when all are installed") {
  with_every_mishap(
      two_children, [](SimPair& world) { world.initiate(); },
      [](SimPair& world) {
        check_stands(world, 2);
        CHECK(world.left.outcomes.at(1).has_value());
      });
}

TEST_CASE("the responder creates its child later, on the IKE SA that stands") {
  SimPair world;
  add_second(world);
  world.configure();
  world.left.command(ikev2::Initiate{ikev2::RequestId{1}, "pr", "net"}, world.now);
  world.run(2s);
  check_stands(world, 1);
  world.right.command(ikev2::Initiate{ikev2::RequestId{2}, "pr", "dmz"}, world.now);
  world.run(2s);
  check_stands(world, 2);
  CHECK(world.right.outcomes.at(2).has_value());
}

TEST_CASE("initiate again asks only for what is missing, and for nothing when all is up") {
  SimPair world;
  two_children(world);
  world.initiate();
  world.run(2s);
  check_stands(world, 2);
  const auto messages = world.net.log.size();
  world.initiate(2);
  world.run(2s);
  CHECK(world.net.log.size() == messages);
  CHECK(world.left.outcomes.at(2).has_value());
  world.left.command(ikev2::Terminate{ikev2::RequestId{3}, "pr", "dmz"}, world.now);
  world.run(5s);
  check_stands(world, 1);
  world.initiate(4);
  world.run(5s);
  check_stands(world, 2);
  CHECK(world.left.outcomes.at(4).has_value());
}

TEST_CASE("a child that the peer refuses fails the command, the others stay") {
  SimPair world;
  add_second(world);
  world.right_profile.children.pop_back();
  world.configure();
  world.initiate();
  world.run(5s);
  check_stands(world, 1);
  REQUIRE(world.left.outcomes.at(1).has_error());
  CHECK(world.left.outcomes.at(1).error().reason.find("TS_UNACCEPTABLE") != std::string::npos);
  CHECK(world.left.engine.status(false).profiles[0].last_error.has_value());
}

TEST_CASE("a child with start up that the peer deletes comes back; one stopped by command does not") {
  SimPair world;
  add_second(world);
  for (auto& config : world.left_profile.children) config.start = ikev2::Start::up;
  world.configure();
  world.run(2s);
  check_stands(world, 2);
  world.right.command(ikev2::Terminate{ikev2::RequestId{3}, "pr", "dmz"}, world.now);
  world.run(20s);
  check_stands(world, 2);
  world.left.command(ikev2::Terminate{ikev2::RequestId{4}, "pr", "dmz"}, world.now);
  world.run(400s);
  check_stands(world, 1);
}

TEST_CASE("reauthentication makes the new IKE SA before it breaks the old one") {
  with_every_mishap(
      [](SimPair& world) {
        two_children(world);
        world.initiate();
        world.run(5s);
      },
      [](SimPair& world) {
        world.left.command(ikev2::Reauthenticate{ikev2::RequestId{9}, "pr"}, world.now);
      },
      [](SimPair& world) {
        check_stands(world, 2);
        CHECK(world.left.outcomes.at(9).has_value());
        CHECK(world.left.children.begin()->first == 3);
      });
}

TEST_CASE("transport mode is agreed on by both sides, and refused where only one wants it") {
  SimPair world;
  world.left_profile.children[0].mode = ikev2::Mode::transport;
  world.right_profile.children[0].mode = ikev2::Mode::transport;
  world.configure();
  world.initiate();
  world.run(2s);
  check_stands(world, 1);
  CHECK(world.left.children.begin()->second.mode == ikev2::Mode::transport);

  SimPair other;
  other.left_profile.children[0].mode = ikev2::Mode::transport;
  other.configure();
  other.initiate();
  other.run(10s);
  REQUIRE(other.left.outcomes.at(1).has_error());
  CHECK(other.left.outcomes.at(1).error().reason.find("in tunnel mode") != std::string::npos);
  check_all_gone(other);
}

TEST_CASE("padding is made as the profile says, unless the peer does not take it (RFC 7296 1.3.1)") {
  for (const bool takes : {true, false}) {
    SimPair world;
    add_second(world);
    world.left_profile.children[1].tfc_size = 1400;
    world.left_profile.children[1].dummy_every = 10;
    world.configure();
    world.left.command(ikev2::Initiate{ikev2::RequestId{1}, "pr", "net"}, world.now);
    world.run(2s);
    check_stands(world, 1);
    const RawPayload refusal{41, {0, 0, 0x40, 0x0a}};  // ESP_TFC_PADDING_NOT_SUPPORTED
    change_answers(world, ikev2::ExchangeType::create_child_sa, [&](std::vector<RawPayload>& payloads) {
      if (!takes) payloads.push_back(refusal);
    });
    world.left.command(ikev2::Initiate{ikev2::RequestId{2}, "pr", "dmz"}, world.now);
    world.run(2s);
    REQUIRE(world.left.children.size() == 2);
    for (const auto& [id, child] : world.left.children) {
      const bool padded = child.child == "dmz";
      CHECK(child.tfc_size == (padded && takes ? 1400 : 0));
      CHECK(child.dummy_every == (padded ? 10 : 0));
    }
  }
}

TEST_CASE("a child without packets is deleted after its inactivity timeout") {
  SimPair world;
  world.left_profile.children[0].inactivity = 60s;
  world.configure();
  world.initiate();
  world.run(2s);
  CHECK(world.left.children.begin()->second.inactivity == 60s);
  world.left.child_event(ikev2::Inactive{base::ChildId{1}}, world.now);
  world.run(5s);
  check_stands(world, 0);
}

TEST_CASE("a profile of a thousand children comes up whole, and each request finds its own") {
  constexpr std::size_t kChildren = 1000;
  ikev2::EngineConfig wide;
  wide.children_per_ike = 2 * kChildren;
  SimPair world(1, wide, wide);
  for (std::size_t i = 0; i + 1 < kChildren; ++i) {
    const std::string net = "10." + std::to_string(64 + i / 256) + "." + std::to_string(i % 256) + ".0/24";
    world.left_profile.children.push_back(child("net" + std::to_string(i), "10.11.0.0/16", net));
    world.right_profile.children.push_back(child("far" + std::to_string(i), net, "10.11.0.0/16"));
  }
  world.configure();
  world.initiate();
  world.run(60s);
  check_stands(world, kChildren);
  CHECK(world.left.outcomes.at(1).has_value());
  for (const auto& [id, made] : world.right.children) {
    if (made.child == "net") continue;  // the one that every world has
    CHECK(world.left.children.at(id).child == "net" + made.child.substr(3));
  }
}
