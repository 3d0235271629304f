// IKE_AUTH in fragments: lost, repeated, forged, and cut smaller where the path asks for it. RFC 7383.

#include <catch2/catch_test_macros.hpp>

#include "tests/sim/sim_pair.h"

using namespace sim;

namespace {

constexpr std::uint8_t kSkf = 53, kIkeAuth = 35;

// A handshake's IKE_AUTH then takes several fragments either way.
ikev2::EngineConfig small_fragments() {
  ikev2::EngineConfig config;
  config.fragments.size_v4 = 150;
  return config;
}

bool is_fragment(const Flight& flight) { return flight.message.size() > 28 && flight.message[16] == kSkf; }
bool is_auth(const Flight& flight) { return flight.message.size() > 28 && flight.message[18] == kIkeAuth; }
std::uint16_t number_of(const Flight& flight) { return base::load_be16(flight.message.data() + 32); }

std::uint64_t counter(const Node& node, const std::string& name) {
  for (const auto& [known, value] : node.engine.status(false).counters) {
    if (known == name) return value;
  }
  return 0;
}

// Fragments that `node` has sent, by number.
std::map<int, int> fragments_from(const SimPair& world, const Node& node) {
  std::map<int, int> sent;
  for (const Flight& flight : world.net.log) {
    if (flight.from.address == node.address && is_fragment(flight)) sent[number_of(flight)] += 1;
  }
  return sent;
}

// So many selectors that IKE_AUTH takes some 1000 octets either way.
void ask_for_much(SimPair& world) {
  spd::TrafficSelectors many;
  for (int i = 0; i < 50; ++i) {
    many.push_back(*spd::TrafficSelector::parse("10.1." + std::to_string(2 * i) + ".0/24"));
  }
  world.left_profile.children[0].local_ts = many;
  world.right_profile.children[0].remote_ts = many;
}

// The handshake is over; the fragments of the request stand in the log.
std::vector<Flight> request_fragments(const SimPair& world) {
  std::vector<Flight> found;
  for (const Flight& flight : world.net.log) {
    if (flight.from.address == world.left.address && is_fragment(flight)) found.push_back(flight);
  }
  return found;
}

}  // namespace

TEST_CASE("IKE_AUTH in fragments either way brings up an SA and its child") {
  SimPair world(1, small_fragments(), small_fragments());
  world.configure();
  world.initiate();
  world.run(2s);
  CHECK(world.up());
  CHECK(fragments_from(world, world.left).size() > 2);
  CHECK(fragments_from(world, world.right).size() > 2);
  CHECK(counter(world.right, "messages-reassembled") == 1);
  CHECK(counter(world.left, "messages-reassembled") == 1);
  for (const Flight& flight : world.net.log) {
    if (is_auth(flight)) CHECK(flight.message.size() + 20 + 8 + (flight.natt ? 4 : 0) <= 150);
  }
}

TEST_CASE("a side that does not announce fragmentation gets whole messages") {
  for (const bool left_is_old : {true, false}) {
    auto old = small_fragments();
    old.fragments.enabled = false;
    SimPair world(1, left_is_old ? old : small_fragments(), left_is_old ? small_fragments() : old);
    world.configure();
    world.initiate();
    world.run(2s);
    CHECK(world.up());
    CHECK(fragments_from(world, world.left).empty());
    CHECK(fragments_from(world, world.right).empty());
  }
}

TEST_CASE("each fragment may be lost once, and all are sent again with one timer (B082)") {
  for (int lost = 0; lost < 8; ++lost) {
    DYNAMIC_SECTION("fragment " << lost) {
      SimPair world(1, small_fragments(), small_fragments());
      int seen = 0;
      world.net.intercept = [&](Flight& flight) { return !is_fragment(flight) || seen++ != lost; };
      world.configure();
      world.initiate();
      world.run(10s);
      CHECK(world.up());
      const auto sent = fragments_from(world, world.left);
      for (const auto& [number, times] : sent) CHECK(times == sent.begin()->second);
      CHECK(counter(world.left, "retransmits") <= 1);
    }
  }
}

TEST_CASE("fragments that are lost, repeated and reordered at random still bring up one SA") {
  int up = 0;
  for (std::uint32_t seed = 1; seed <= 30; ++seed) {
    SimPair world(seed, small_fragments(), small_fragments());
    world.net.weather = {0.1, 0.3, 1ms, 300ms};
    world.configure();
    world.initiate();
    world.run(25s);
    CHECK(world.left.engine.status(false).ike_sas.size() <= 1);
    up += world.up() ? 1 : 0;
  }
  CHECK(up >= 28);
}

TEST_CASE("B076: a forged fragment is dropped before it is stored, and the good one still counts") {
  SimPair world(1, small_fragments(), small_fragments());
  world.net.intercept = [&](Flight& flight) {
    if (is_fragment(flight) && flight.from.address == world.left.address && number_of(flight) == 2) {
      Flight forged = flight;
      forged.message.back() ^= 1;
      world.right.receive(forged, world.now);
    }
    return true;
  };
  world.configure();
  world.initiate();
  world.run(2s);
  CHECK(world.up());
  CHECK(counter(world.right, "bad-integrity") == 1);
  CHECK(counter(world.right, "fragment-duplicate") == 0);
}

TEST_CASE("B079: of an answered request only fragment 1 brings the answer back (RFC 7383 2.6.1)") {
  SimPair world(1, small_fragments(), small_fragments());
  world.configure();
  world.initiate();
  world.run(2s);
  REQUIRE(world.up());
  const auto answers = fragments_from(world, world.right);
  for (const Flight& fragment : request_fragments(world)) {
    const auto before = world.net.log.size();
    world.right.receive(fragment, world.now);
    CHECK(world.net.log.size() - before == (number_of(fragment) == 1 ? answers.size() : 0));
  }
  CHECK(counter(world.right, "retransmitted-request") == 1);
  CHECK(counter(world.right, "fragment-of-answered-request") == request_fragments(world).size() - 1);

  // Fragment 1 speaks by its ICV: a forged one brings nothing.
  Flight forged = request_fragments(world).front();
  forged.message.back() ^= 1;
  const auto before = world.net.log.size();
  world.right.receive(forged, world.now);
  CHECK(world.net.log.size() == before);
  CHECK(world.right.engine.status(false).ike_sas.size() == 1);
}

TEST_CASE(
    "B077: fragments of a request that is never complete are forgotten in time, and the SA comes up later") {
  auto config = small_fragments();
  config.fragments.timeout = 1500ms;
  SimPair world(1, small_fragments(), config);
  world.net.intercept = [&](Flight& flight) {
    return !is_fragment(flight) || number_of(flight) == 1 || counter(world.right, "reassembly-timeout") > 0;
  };
  world.configure();
  world.initiate();
  world.run(1s);
  CHECK(counter(world.right, "reassembly-timeout") == 0);
  world.run(20s);
  CHECK(counter(world.right, "reassembly-timeout") == 1);
  CHECK(world.up());
}

TEST_CASE("B081: fragments where fragmentation was not negotiated are dropped and counted") {
  SimPair other(1, small_fragments(), small_fragments());
  other.configure();
  other.initiate();
  other.run(2s);
  auto fragments = request_fragments(other);
  REQUIRE_FALSE(fragments.empty());

  auto none = small_fragments();
  none.fragments.enabled = false;
  SimPair world(1, none, none);
  world.configure();
  world.initiate();
  world.run(2s);
  const auto sa = SimPair::sa(world.right);
  Flight stray = fragments.front();
  base::store_be64(stray.message.data(), sa.spi_i.value);
  base::store_be64(stray.message.data() + 8, sa.spi_r.value);
  base::store_be32(stray.message.data() + 20, 2);  // the message id that is expected
  world.right.receive(stray, world.now);
  CHECK(counter(world.right, "fragment-not-negotiated") == 1);
  CHECK(world.up());
}

TEST_CASE("B081: a fragmented IKE_SA_INIT is dropped") {
  SimPair world;
  world.net.intercept = [&](Flight& flight) {
    if (flight.message[18] == 34) flight.message[16] = kSkf;
    return true;
  };
  world.configure();
  world.initiate();
  world.run(1s);
  CHECK(counter(world.right, "malformed-packet") >= 1);
  CHECK(world.right.engine.status(false).ike_sas.empty());
}

TEST_CASE("B081: the whole message wins over the fragments of it that have come") {
  ikev2::EngineConfig config;
  config.fragments.fallback_v4 = 150;
  SimPair world(1, config, config);
  std::optional<Flight> whole;
  world.net.intercept = [&](Flight& flight) {
    if (!is_auth(flight) || flight.from.address != world.left.address) return true;
    if (!is_fragment(flight)) whole = flight;
    return is_fragment(flight) && number_of(flight) != 2;
  };
  world.configure();
  world.initiate();
  world.run(4s);
  REQUIRE(whole.has_value());
  REQUIRE_FALSE(world.up());
  CHECK(counter(world.right, "fragments-received") > 1);
  world.right.receive(*whole, world.now);
  world.run(1s);
  CHECK(world.up());
}

TEST_CASE(
    "F18: where only 576 octets pass, IKE_AUTH is cut smaller, and the answer no larger (RFC 7383 2.5.2)") {
  SimPair world;
  ask_for_much(world);
  world.net.intercept = [](Flight& flight) { return flight.message.size() + 32 <= 576; };
  world.configure();
  world.initiate();
  world.run(10s);
  CHECK(world.up());
  CHECK(fragments_from(world, world.left).size() >= 2);
  CHECK(fragments_from(world, world.right).size() >= 2);
}

TEST_CASE("a request that was answered and is cut smaller afterwards gets the same answer") {
  ikev2::EngineConfig config;
  config.fragments.fallback_v4 = 150;
  SimPair world(1, config, {});
  world.net.intercept = [&](Flight& flight) {
    const bool answer = is_auth(flight) && flight.from.address == world.right.address;
    return !answer || counter(world.left, "fragments-sent") > 0;
  };
  world.configure();
  world.initiate();
  world.run(10s);
  CHECK(world.up());
  CHECK(counter(world.right, "retransmitted-request") >= 1);
  CHECK(world.right.engine.status(false).ike_sas.size() == 1);
}
