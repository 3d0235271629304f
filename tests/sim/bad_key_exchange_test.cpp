// Key exchange values, nonces and cookies that no honest peer sends. Each row is numbered as in
// docs/bad-inputs.md; what is refused of a public value is pinned in
// tests/unit/crypto/botan/key_exchange_test.cpp.
#include "tests/sim/attacker.h"

using namespace sim;

namespace {

ikev2::EngineConfig always_cookies() {
  ikev2::EngineConfig config;
  config.cookie_threshold = 0;
  return config;
}

void set_group(RawMessage& message, std::uint16_t group) {
  base::store_be16(message.payload(kKe).body.data(), group);
}

// The same request with the cookie of the last answer in front.
RawMessage with_cookie(const Attack& attack) {
  auto raw = attack.request();
  raw.payloads.insert(raw.payloads.begin(), notify(16390, attack.notify_data()));
  return raw;
}

// Lets a rogue responder put `payloads` in front of (or, alone, in place of) the answer to IKE_SA_INIT.
struct Rogue {
  explicit Rogue(std::vector<RawPayload> notifies) {
    world.net.intercept = [this, notifies](Flight& flight) {
      if (flight.from.address == world.left.address && flight.message[18] == 34) ++requests;
      if (flight.from.address == world.right.address && flight.message[18] == 34) {
        auto raw = RawMessage::of(flight.message);
        raw.payloads = notifies;
        std::fill(raw.header.begin() + 8, raw.header.begin() + 16, std::uint8_t{0});
        flight.message = raw.octets();
      }
      return true;
    };
    world.configure();
    world.initiate();
    world.run(200s);
  }
  SimPair world;
  int requests = 0;
};

}  // namespace

TEST_CASE(
    "B046: a KE payload of another group than the chosen one gets INVALID_KE_PAYLOAD with that, and no "
    "state") {
  Attack attack({}, [](SimPair& world) {
    world.right_profile.proposals = {ike_proposal(crypto::Encr::aes_gcm_16, 256, crypto::Prf::hmac_sha2_256,
                                                  crypto::Integ::none, {crypto::Ke::ecp_256})};
  });
  attack.send(attack.first);
  CHECK(attack.notified() == 17);
  CHECK(attack.notify_data() == base::Bytes{0, 19});
  CHECK(attack.half_open() == 0);
  auto foreign = attack.request();  // a group that the SA payload does not even name
  foreign.payload(kKe).body = base::Bytes(4 + 256, 1);
  set_group(foreign, 14);
  attack.send(foreign);
  CHECK(attack.notified() == 17);
  CHECK(attack.half_open() == 0);
}

TEST_CASE("B047: a group number of the private range is an unknown group") {
  Attack attack;
  for (const auto group : std::initializer_list<std::uint16_t>{1024, 1025, 1040, 65535}) {
    auto raw = attack.request();
    set_group(raw, group);
    attack.send(raw);
    CHECK(attack.notified() == 17);
    CHECK(attack.notify_data() == base::Bytes{0, 31});
    CHECK(attack.half_open() == 0);
  }
}

TEST_CASE("B048: key exchange data of a wrong length is dropped before any arithmetic") {
  Attack attack;
  for (const std::size_t size : {0u, 1u, 31u, 33u, 64u, 8000u}) {
    auto raw = attack.request();
    raw.payload(kKe).body.resize(4 + size);
    attack.send(raw);
    attack.check_dropped("malformed-packet");
  }
  for (const std::size_t size : {255u, 257u}) {
    auto modp = attack.request();
    modp.payload(kKe).body = base::Bytes(4 + size, 1);
    set_group(modp, 14);
    attack.send(modp);
    attack.check_dropped("malformed-packet");
  }
  attack.check_unhurt();
}

TEST_CASE(
    "B049, B050, B051, B052: a public value that cannot be ends the exchange without an answer, for each "
    "group") {
  for (const crypto::KeInfo& group : crypto::all_ke()) {
    if (group.public_size == 0) continue;
    INFO(group.name);
    Attack attack({}, [&](SimPair& world) {
      world.left_profile.proposals = world.right_profile.proposals = {ike_proposal(
          crypto::Encr::aes_gcm_16, 256, crypto::Prf::hmac_sha2_256, crypto::Integ::none, {group.id})};
    });
    std::vector<base::Bytes> values = {base::Bytes(group.public_size), base::Bytes(group.public_size, 0xff)};
    if (group.kind == crypto::KeKind::montgomery) values.pop_back();  // no small order: RFC 7748 takes it
    for (const auto& value : values) {
      auto raw = attack.request();
      raw.payload(kKe).body.resize(4);
      base::append(raw.payload(kKe).body, value);
      attack.send(raw);
      CHECK(attack.answers.empty());
      CHECK(attack.half_open() == 0);
    }
    CHECK(attack.world.right.said("key exchange failed: " + std::string(group.name)));
  }
}

TEST_CASE("B056: nonces of fewer than 16 or more than 256 octets are dropped") {
  for (const std::size_t size : {0u, 15u, 16u, 256u, 257u}) {
    Attack attack;
    auto raw = attack.request();
    raw.payload(kNonce).body.resize(size, 7);
    attack.send(raw);
    const bool good = size >= 16 && size <= 256;
    CHECK(attack.half_open() == (good ? 1 : 0));
    CHECK(attack.counted("malformed-packet") == (good ? 0 : 1));
  }
}

TEST_CASE("B057: INVALID_KE_PAYLOAD that names no other offered group is passed over, and does not loop") {
  const base::Bytes not_offered{0, 14}, same{0, 31}, other{0, 19}, longer{0, 19, 0};
  for (const auto& data : {not_offered, same, longer, base::Bytes{19}, base::Bytes{}}) {
    Rogue rogue({notify(17, data)});
    CHECK(rogue.requests <= 8);  // retransmissions alone
    CHECK(rogue.world.left.outcomes.at(1).has_error());
  }
  Rogue again({notify(17, other)});  // a group once, then it has been tried
  CHECK(again.requests <= 9);
  CHECK(again.world.left.outcomes.at(1).has_error());
}

TEST_CASE(
    "B058: cookies of no or more than 64 octets and repeated ones are passed over; new ones end in a "
    "failure") {
  for (const std::size_t size : {0u, 65u}) {
    Rogue rogue({notify(16390, base::Bytes(size, 1))});
    CHECK(rogue.requests <= 8);
    CHECK(rogue.world.left.outcomes.at(1).has_error());
  }
  Rogue same({notify(16390, base::Bytes(8, 1))});
  CHECK(same.requests <= 9);
  CHECK(same.world.left.outcomes.at(1).has_error());
}

TEST_CASE(
    "B059: under load a wrong, foreign, old or misplaced cookie gets a new one; without load it is ignored") {
  Attack attack(always_cookies());
  attack.send(attack.first);
  REQUIRE(attack.notified() == 16390);
  const auto good = with_cookie(attack);
  auto wrong = good;
  wrong.payloads.front().body.back() ^= 1;
  attack.send(wrong);
  CHECK(attack.notified() == 16390);
  CHECK(attack.counted("cookie-wrong") == 1);
  attack.send_from(*base::IpAddress::parse("192.0.2.9"), good.octets());
  CHECK(attack.notified() == 16390);
  auto misplaced = good;
  std::rotate(misplaced.payloads.begin(), misplaced.payloads.begin() + 1, misplaced.payloads.end());
  attack.send(misplaced);
  CHECK(attack.notified() == 16390);
  attack.world.now += 200s;  // two lifetimes of the secret
  attack.send(good);
  CHECK(attack.notified() == 16390);
  CHECK(attack.half_open() == 0);
  attack.send(with_cookie(attack));
  CHECK(attack.half_open() == 1);

  Attack idle;
  auto unasked = idle.request();
  unasked.payloads.insert(unasked.payloads.begin(), notify(16390, base::Bytes(20, 3)));
  idle.send(unasked);
  CHECK(idle.half_open() == 1);
}

TEST_CASE("B061: the cookie secret changes with time, and the one before is still good") {
  Attack attack(always_cookies());
  attack.send(attack.first);
  const auto good = with_cookie(attack);
  attack.world.now += 70s;  // one lifetime
  attack.send(good);
  CHECK(attack.half_open() == 1);
}

TEST_CASE("B061: the first cookie may be asked for when the clock stands at zero") {
  Attack attack(always_cookies());
  attack.world.now = base::Instant{};
  attack.send(attack.first);
  REQUIRE(attack.notified() == 16390);
  attack.send(with_cookie(attack));
  CHECK(attack.half_open() == 1);
}
