// Floods: what strangers can make us keep and send is bounded, and those who are known are served. Each row
// is numbered as in docs/bad-inputs.md.
#include "ikev2/reply_limiter.h"
#include "tests/sim/attacker.h"

using namespace sim;

namespace {

base::Bytes with_spi(base::Bytes message, std::uint64_t spi) {
  base::store_be64(message.data(), spi);
  return message;
}
base::IpAddress address(std::uint32_t n) { return base::IpAddress::v4(0x0a000000 + n); }

// The cookie that the last answer asks for, in front of the same request.
base::Bytes answered(const Attack& attack, const base::Bytes& request) {
  auto raw = RawMessage::of(request);
  raw.payloads.insert(raw.payloads.begin(), notify(16390, attack.notify_data()));
  return raw.octets();
}

std::size_t octets_sent(const Attack& attack) {
  std::size_t sum = 0;
  for (const auto& answer : attack.answers) sum += answer.size();
  return sum;
}

}  // namespace

TEST_CASE("B064: 20,000 forged first messages leave 64 half-open SAs, and an SA that stands goes on") {
  Attack attack;
  attack.establish();
  for (std::uint32_t i = 0; i < 20000; ++i) {
    attack.send_from(address(i), with_spi(attack.first, i + 1));
    REQUIRE(attack.half_open() <= 64);
    REQUIRE(octets_sent(attack) <= attack.first.size());
  }
  CHECK(attack.half_open() == 64);
  CHECK(attack.counted("cookie-sent") == 20000 - 64);
  // Liveness both ways over the flood, and the tunnel is still there.
  Insider insider(attack.world.right);
  attack.send(insider.message(ikev2::ExchangeType::informational, 2, {}), true);
  CHECK(attack.answers.size() == 1);
  attack.world.run(60s);
  CHECK(attack.half_open() == 0);
  CHECK(attack.world.up());
}

TEST_CASE("B064: an honest peer gets in during a flood, by its cookie") {
  Attack attack;
  for (std::uint32_t i = 0; i < 5000; ++i) attack.send_from(address(i), with_spi(attack.first, i + 1));
  attack.remember();
  attack.world.run(5s);
  CHECK(attack.world.up());
  CHECK(attack.counted("cookie-sent") == 1);
}

TEST_CASE(
    "B065: whoever answers cookies from one address, or one /64, has a share of the half-open SAs and no "
    "more") {
  for (const bool v6 : {false, true}) {
    ikev2::EngineConfig config;
    config.cookie_threshold = 4;
    config.half_open_per_source = 20;
    config.half_open_limit = 40;
    Attack attack(config);
    const auto source = [&](std::uint32_t group, std::uint64_t i) {
      return v6 ? base::IpAddress::v6(0x20010db800000000 + group, i) : address(group);
    };
    const auto attempt = [&](std::uint32_t group, std::uint64_t i) {
      const auto request = with_spi(attack.first, (std::uint64_t{group} << 32) + i + 1);
      attack.send_from(source(group, i), request);
      if (attack.notified() == 16390) attack.send_from(source(group, i), answered(attack, request));
      attack.world.now += 1ms;
    };
    for (std::uint64_t i = 0; i < 100; ++i) attempt(1, i);
    CHECK(attack.half_open() == 20);
    CHECK(attack.counted("half-open-limit-of-source") == 80);
    for (std::uint64_t i = 0; i < 19; ++i) attempt(2, i);
    CHECK(attack.half_open() == 39);
    for (std::uint64_t i = 0; i < 10; ++i) attempt(3, i);
    CHECK(attack.half_open() == 40);
    CHECK(attack.counted("half-open-limit") == 9);
    // The time to answer shortens under load.
    attack.world.run(12s);
    CHECK(attack.half_open() <= 4);
  }
}

TEST_CASE("B065: forged requests cannot use up the share of the address that they name") {
  ikev2::EngineConfig config;
  config.cookie_threshold = 1000;
  config.half_open_per_source = 20;
  Attack attack(config);
  for (std::uint32_t i = 0; i < 100; ++i) attack.send(with_spi(attack.first, i + 1));
  CHECK(attack.half_open() == 10);
  attack.check_unhurt();
}

TEST_CASE("B065: what half-open SAs hold is bounded in octets") {
  ikev2::EngineConfig config;
  config.cookie_threshold = 1000;
  config.half_open_octets = 200000;
  Attack attack(config);
  for (std::uint32_t i = 0; i < 100; ++i) {
    auto raw = RawMessage::of(with_spi(attack.first, i + 1));
    raw.payloads.push_back({kVendor, base::Bytes(8000)});
    attack.send_from(address(i), raw.octets());
    if (attack.notified() == 16390) attack.send_from(address(i), answered(attack, raw.octets()));
  }
  CHECK(attack.half_open() >= 5);
  CHECK(attack.half_open() <= 200000 / (4096 + 2 * 8000));
  CHECK(attack.counted("half-open-limit") > 0);
}

TEST_CASE("B066: garbage for a half-open SA costs no key exchange and does not end it") {
  Attack attack;
  attack.world.net.intercept = [&](Flight& flight) { return flight.message[18] != 35; };
  attack.world.run(100ms);
  REQUIRE(attack.half_open() == 1);
  attack.remember();
  Insider insider(attack.world.right);
  auto garbage = insider.message(ikev2::ExchangeType::ike_auth, 1, {});
  garbage.back() ^= 1;
  for (int i = 0; i < 1000; ++i) attack.send(garbage, true);
  CHECK(attack.counted("bad-integrity") == 1000);
  CHECK(attack.half_open() == 1);
  attack.world.net.intercept = {};
  attack.check_unhurt();
  attack.world.run(60s);
  CHECK(attack.half_open() == 0);
}

TEST_CASE("B066, B110: a half-open SA for which nobody answers is removed at its time") {
  Attack attack;
  attack.world.left.dead = true;
  attack.world.run(29s);
  CHECK(attack.half_open() == 1);
  attack.world.run(2s);
  CHECK(attack.half_open() == 0);
}

TEST_CASE("B067: a malformed message, a hundred thousand times, leaves nothing") {
  Attack attack;
  auto raw = attack.request();
  raw.payload(kNonce).body.resize(3);
  const auto message = raw.octets();
  for (int i = 0; i < 100000; ++i) {
    attack.send(message);
    attack.world.right.reports.clear();
  }
  CHECK(attack.counted("malformed-packet") == 100000);
  CHECK(attack.half_open() == 0);
  CHECK(attack.world.right.engine.status(false).ike_sas.empty());
  attack.check_unhurt();
}

TEST_CASE("B069: what packets say is escaped in reports, and cut to a length") {
  Attack attack;
  attack.world.left_profile.local_id = *ikev2::Identity::parse("fqdn:left.test");
  attack.establish();
  attack.world.left.command(ikev2::Terminate{ikev2::RequestId{9}, "pr", {}}, attack.world.now);
  attack.world.run(2s);
  auto hostile = ikev2::Identity{ikev2::IdType::fqdn, base::to_bytes(base::as_bytes("a\n;`%n$(x)\x1b[2J"))};
  hostile.data.resize(60000, 'A');
  attack.world.left_profile.local_id = hostile;
  attack.world.left_profile.name = "hostile";
  attack.world.left.command(ikev2::AddPeer{std::make_shared<ikev2::PeerConfig>(attack.world.left_profile)},
                            attack.world.now);
  attack.world.left.command(ikev2::Initiate{ikev2::RequestId{2}, "hostile", {}}, attack.world.now);
  attack.world.run(3s);
  for (const auto& report : attack.world.right.reports) {
    CHECK(report.log.message.size() < 2000);
    for (const char c : report.log.message) CHECK((static_cast<unsigned char>(c) >= 0x20 || c == '\t'));
  }
}

TEST_CASE(
    "B071: one answer for each request, none of them longer than it, and the responder repeats nothing by "
    "itself") {
  Attack attack;
  attack.send(attack.first);
  CHECK(attack.answers.size() == 1);
  attack.world.left.dead = true;
  attack.world.run(1s);  // what was under way
  const std::size_t sent = attack.world.net.log.size();
  attack.world.run(20s);
  CHECK(attack.world.net.log.size() == sent);
}

TEST_CASE(
    "Replies to strangers are limited in all and for each source, and cookies open a way around the first "
    "limit") {
  ikev2::ReplyLimiter limiter;
  const base::Instant now{5s};
  int sent = 0;
  for (std::uint32_t i = 0; i < 1000; ++i) sent += limiter.allow(address(i), false, now) ? 1 : 0;
  CHECK(sent == ikev2::ReplyLimiter::kAll);
  CHECK(limiter.allow(base::IpAddress::v4(0xc0000201), true, now));
  sent = 0;
  for (int i = 0; i < 1000; ++i) sent += limiter.allow(base::IpAddress::v4(0xc0000202), true, now) ? 1 : 0;
  CHECK(sent <= ikev2::ReplyLimiter::kOneSource);
  CHECK(sent > 0);
  CHECK(limiter.allow(address(1), false, now + 1s));
}
