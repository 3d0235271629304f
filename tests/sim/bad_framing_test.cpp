// Headers and payload chains that no honest peer sends. Each row is numbered as in docs/bad-inputs.md.
#include <catch2/generators/catch_generators.hpp>

#include "tests/sim/attacker.h"

using namespace sim;
using ikev2::ExchangeType;

TEST_CASE("B001: datagrams of fewer octets than a header are dropped and counted, on both ports") {
  Attack attack;
  for (const std::size_t size : {0, 1, 3, 4, 27}) {
    for (const bool natt : {false, true}) {
      attack.send(base::ByteSpan(attack.first).first(size), natt);
      attack.check_dropped("malformed-header");
    }
  }
  attack.check_unhurt();
}

TEST_CASE("B002: a header whose length is not the datagram's is dropped") {
  Attack attack;
  for (const std::uint32_t length : {0u, 27u, 28u, static_cast<std::uint32_t>(attack.first.size() - 1),
                                     static_cast<std::uint32_t>(attack.first.size() + 1), 0xffffffffu}) {
    base::Bytes message = attack.first;
    base::store_be32(&message[24], length);
    attack.send(message);
    attack.check_dropped("malformed-header");
  }
  attack.check_unhurt();
}

TEST_CASE(
    "B003: other major versions are dropped, newer ones answered with INVALID_MAJOR_VERSION in our form") {
  Attack attack;
  for (int major = 0; major < 16; ++major) {
    if (major == 2) continue;
    base::Bytes message = attack.first;
    message[17] = static_cast<std::uint8_t>(major << 4);
    attack.send(message);
    CHECK(attack.counted("not-ikev2") == 1);
    CHECK(attack.notified() == (major > 2 ? 5 : 0));
    if (major > 2) CHECK(attack.answers.front()[17] == 0x20);
    attack.remember();
  }
  CHECK(attack.half_open() == 0);
  base::Bytes newer = attack.first;
  newer[17] = 0x2f;  // a higher minor version is accepted
  attack.send(newer);
  CHECK(attack.answers.size() == 1);
  CHECK(attack.half_open() == 1);
}

TEST_CASE("B004: reserved flags, the version flag and reserved octets are ignored") {
  Attack attack;
  base::Bytes message = attack.first;
  message[19] = static_cast<std::uint8_t>(message[19] | 0xd7);  // all but I and R
  auto raw = RawMessage::of(message);
  for (auto& payload : raw.payloads) payload.flags = 0x7f;
  attack.send(raw);
  CHECK(attack.half_open() == 1);
}

TEST_CASE(
    "B005: an IKE_SA_INIT request without the initiator flag and a response never asked for are dropped") {
  Attack attack;
  base::Bytes message = attack.first;
  message[19] = 0;
  attack.send(message);
  attack.check_dropped("unknown-ike-spi");
  for (const auto flags : std::initializer_list<std::uint8_t>{0x20, 0x28}) {
    message[19] = flags;
    attack.send(message);
    attack.check_dropped("unknown-ike-spi");
  }
  attack.check_unhurt();
}

TEST_CASE(
    "B006, B007: SPIs and message ids that a first message cannot have are dropped, and nothing is kept") {
  Attack attack;
  base::Bytes no_spi = attack.first, other_spi = attack.first, other_id = attack.first;
  std::fill(no_spi.begin(), no_spi.begin() + 8, std::uint8_t{0});
  other_spi[15] = 1;
  other_id[23] = 1;
  for (const auto& message : {no_spi, other_spi, other_id}) {
    attack.send(message);
    attack.check_dropped("bad-flags");
  }
  base::Bytes auth = attack.first;  // SPIr = 0 outside IKE_SA_INIT
  auth[18] = 35;
  attack.send(auth);
  CHECK(attack.counted("unknown-ike-spi") == 1);
  CHECK(attack.notified() == 4);  // INVALID_IKE_SPI
  CHECK(attack.half_open() == 0);
  attack.check_unhurt();
}

TEST_CASE("B008: unknown exchange types are dropped in clear, and answered with INVALID_SYNTAX inside SK") {
  for (const int exchange : {0, 33, 39, 42, 240, 255}) {
    INFO("exchange " << exchange);
    Attack attack;
    attack.establish();
    Insider insider(attack.world.right);
    auto message = insider.message(static_cast<ExchangeType>(exchange), 2, {});
    base::Bytes broken = message;
    broken.back() ^= 1;
    attack.send(broken, true);
    attack.check_dropped("bad-integrity");
    CHECK(attack.world.right.children.size() == 1);
    const auto response = insider.message(static_cast<ExchangeType>(exchange), 0, {}, true);
    attack.send(response, true);
    attack.check_dropped("unexpected-response");
    attack.send(message, true);
    REQUIRE(attack.answers.size() == 1);
    CHECK(insider.open(attack.answers.front()).find_notify(ikev2::NotifyType::invalid_syntax) != nullptr);
  }
}

TEST_CASE(
    "B009: INFORMATIONAL and CREATE_CHILD_SA before IKE_AUTH are dropped, with and without a good ICV") {
  Attack attack;
  attack.world.net.intercept = [&](Flight& flight) { return flight.message[18] != 35; };
  attack.world.run(100ms);
  REQUIRE(attack.half_open() == 1);
  attack.remember();
  Insider insider(attack.world.right);
  for (const auto exchange : {ExchangeType::informational, ExchangeType::create_child_sa}) {
    for (const std::uint32_t id : {1u, 0u, 2u}) {
      attack.send(insider.message(exchange, id, {}), true);
      CHECK(attack.answers.empty());
      CHECK(attack.half_open() == 1);
    }
  }
  CHECK(attack.counted("unexpected-exchange") == 2);
  CHECK(attack.counted("bad-message-id") == 4);
  attack.world.net.intercept = {};
  attack.check_unhurt();
}

TEST_CASE(
    "B010: an IKE_SA_INIT request for SPIs that stand is dropped unread; while half open it is answered as "
    "before") {
  Attack attack;
  attack.send(attack.first);
  REQUIRE(attack.answers.size() == 1);
  const auto answer = attack.answers.front();
  attack.send(attack.first);
  REQUIRE(attack.answers.size() == 1);
  CHECK(attack.answers.front() == answer);
  CHECK(attack.half_open() == 1);
  CHECK(attack.counted("retransmitted-request") == 1);
  auto other = attack.request();
  other.payload(kNonce).body[0] ^= 1;
  attack.send(other);
  CHECK(attack.answers.empty());
  CHECK(attack.counted("bad-message-id") == 1);
  attack.establish();
  attack.send(attack.first);
  CHECK(attack.answers.empty());
  CHECK(attack.counted("bad-message-id") == 1);
  CHECK(attack.world.up());
}

TEST_CASE("B011: IKE_INTERMEDIATE that was not negotiated is refused inside SK") {
  Attack attack;
  attack.establish();
  Insider insider(attack.world.right);
  attack.send(insider.message(ExchangeType::ike_intermediate, 2, {}), true);
  REQUIRE(attack.answers.size() == 1);
  CHECK(insider.open(attack.answers.front()).find_notify(ikev2::NotifyType::invalid_syntax) != nullptr);
}

TEST_CASE("B012: exchanges after the first are dropped in clear, and are no sign of life") {
  Attack attack;
  attack.establish();
  Insider insider(attack.world.right);
  for (const auto exchange : std::initializer_list<std::uint8_t>{35, 36, 37}) {
    auto raw = RawMessage{
        base::to_bytes(base::ByteSpan(insider.message(ExchangeType::informational, 2, {})).first(28)),
        {notify(24)}};
    raw.header[18] = exchange;
    attack.send(raw.octets(), true);
    attack.check_dropped("malformed-packet");
  }
  CHECK(attack.world.up());
}

TEST_CASE("B013: a message of up to the configured size is read, a longer one dropped unread") {
  ikev2::EngineConfig config;
  config.longest_message = 2000;
  for (const int over : {-1, 0, 1}) {
    Attack attack(config);
    auto raw = attack.request();
    const std::size_t size = raw.octets().size() + 4;
    raw.payloads.push_back({kVendor, base::Bytes(static_cast<std::size_t>(2000 + over) - size)});
    attack.send(raw);
    CHECK(attack.half_open() == (over == 1 ? 0 : 1));
    CHECK(attack.counted("message-too-long") == (over == 1 ? 1 : 0));
  }
}

TEST_CASE(
    "B014, B015, B068: payload lengths that cannot be, and octets that belong to none, are dropped at once") {
  Attack attack;
  for (const auto length : std::initializer_list<std::uint16_t>{0, 1, 2, 3, 65535}) {
    base::Bytes message = attack.first;
    base::store_be16(&message[30], length);
    attack.send(message);
    attack.check_dropped("malformed-packet");
  }
  base::Bytes more = attack.first;  // the chain goes on behind the last octet
  auto raw = attack.request();
  raw.payloads.push_back({kVendor, {}});
  more = raw.octets();
  more[more.size() - 4] = kVendor;
  attack.send(more);
  attack.check_dropped("malformed-packet");
  base::Bytes left = attack.first;  // and it ends before
  left.resize(left.size() + 3);
  base::store_be32(&left[24], static_cast<std::uint32_t>(left.size()));
  attack.send(left);
  attack.check_dropped("malformed-packet");
  attack.check_unhurt();
}

TEST_CASE("B016: up to 64 payloads are read, whatever they are; with more the message is dropped") {
  for (const std::uint8_t type : {kVendor, kNotify, std::uint8_t{200}}) {
    for (const std::size_t count : {63u, 64u, 65u, 1000u}) {
      Attack attack;
      auto raw = attack.request();
      while (raw.payloads.size() < count)
        raw.payloads.push_back({type, base::Bytes(type == kNotify ? 4 : 0)});
      attack.send(raw);
      CHECK(attack.half_open() == (count <= 64 ? 1 : 0));
      CHECK(attack.counted("malformed-packet") == (count <= 64 ? 0 : 1));
    }
  }
}

TEST_CASE("B017, B021, B029: unknown payloads, those of IKEv1 too, and any vendor ID are skipped") {
  Attack attack;
  auto raw = attack.request();
  for (const int type : {1, 2, 13, 20, 21, 32, 49, 54, 130, 255}) {
    raw.payloads.push_back({static_cast<std::uint8_t>(type), base::Bytes(5, 0xff)});
  }
  for (const std::size_t size : {0u, 1u, 6000u}) raw.payloads.push_back({kVendor, base::Bytes(size, 0x41)});
  attack.send(raw);
  CHECK(attack.answers.size() == 1);
  CHECK(attack.half_open() == 1);
}

TEST_CASE("B018: a critical payload of unknown type is named in UNSUPPORTED_CRITICAL_PAYLOAD") {
  Attack attack;
  auto raw = attack.request();
  raw.payloads.push_back({201, {1, 2, 3}, 0x80});
  attack.send(raw);
  CHECK(attack.notified() == 1);
  CHECK(attack.notify_data() == base::Bytes{201});
  CHECK(attack.counted("malformed-packet") == 1);
  CHECK(attack.half_open() == 0);
  attack.establish();
  Insider insider(attack.world.right);
  attack.send(insider.message(ExchangeType::informational, 2, {{202, {}, 0x80}}), true);
  REQUIRE(attack.answers.size() == 1);
  const auto answer = insider.open(attack.answers.front());
  const auto* refusal = answer.find_notify(ikev2::NotifyType::unsupported_critical_payload);
  REQUIRE(refusal != nullptr);
  CHECK(refusal->data == base::Bytes{202});
  CHECK(attack.world.up());
}

TEST_CASE("B019: a critical payload of unknown type in a response ends the exchange without an answer") {
  SimPair world;
  int from_left = 0;
  world.net.intercept = [&](Flight& flight) {
    if (flight.from.address == world.left.address) ++from_left;
    if (flight.from.address == world.right.address && flight.message[18] == 34) {
      auto raw = RawMessage::of(flight.message);
      raw.payloads.push_back({201, {}, 0x80});
      flight.message = raw.octets();
    }
    return true;
  };
  world.configure();
  world.initiate();
  world.run(3s);
  CHECK(world.left.outcomes.at(1).has_error());
  CHECK(world.left.children.empty());
}

TEST_CASE("B020: the critical bit on payloads that we know is ignored") {
  Attack attack;
  auto raw = attack.request();
  for (auto& payload : raw.payloads) payload.flags = 0x80;
  attack.send(raw);
  CHECK(attack.half_open() == 1);
}

TEST_CASE("B022, B024: payloads that are missing, or stand twice, have the message dropped") {
  Attack attack;
  for (const std::uint8_t type : {kSa, kKe, kNonce}) {
    auto lacking = attack.request();
    lacking.remove(type);
    attack.send(lacking);
    attack.check_dropped("malformed-packet");
    auto twice = attack.request();
    twice.payloads.push_back(twice.payload(type));
    attack.send(twice);
    attack.check_dropped("malformed-packet");
  }
  attack.send(RawMessage{attack.request().header, {}});
  attack.check_dropped("malformed-packet");
  attack.check_unhurt();
}

TEST_CASE("B023: payloads behind SK, two SK, and SK in a first message are dropped") {
  Attack attack;
  auto raw = attack.request();
  raw.payloads.push_back({kSk, base::Bytes(40)});
  attack.send(raw);
  attack.check_dropped("malformed-packet");
  attack.establish();
  Insider insider(attack.world.right);
  const auto good = insider.message(ExchangeType::informational, 2, {});
  for (const std::uint8_t type : {kSk, kVendor, std::uint8_t{53}}) {
    auto behind = RawMessage::of(insider.message(ExchangeType::informational, 2, {}));
    behind.payloads.resize(1);
    behind.payloads.push_back({type, base::Bytes(40)});
    base::Bytes message = behind.octets();
    attack.send(message, true);
    attack.check_dropped("malformed-packet");
  }
  attack.send(good, true);
  CHECK(attack.answers.size() == 1);
}

TEST_CASE("B026: payloads stand in any order") {
  Attack attack;
  auto raw = attack.request();
  std::reverse(raw.payloads.begin(), raw.payloads.end());
  attack.send(raw);
  CHECK(attack.half_open() == 1);
}

TEST_CASE("B027: an SK payload too short for IV, pad length and ICV is dropped before any cipher call") {
  Attack attack;
  attack.establish();
  Insider insider(attack.world.right);
  const auto header =
      base::to_bytes(base::ByteSpan(insider.message(ExchangeType::informational, 2, {})).first(28));
  for (std::size_t size = 0; size < 8 + 1 + 16; ++size) {
    attack.send(RawMessage{header, {{kSk, base::Bytes(size)}}}.octets(), true);
    attack.check_dropped("malformed-packet");
  }
  attack.send(insider.message(ExchangeType::informational, 2, {}), true);  // empty: a sign of life
  REQUIRE(attack.answers.size() == 1);
  CHECK(insider.open(attack.answers.front()).payloads.empty());
}

TEST_CASE(
    "B028: a flipped bit is dropped and uses up no message id; the good message behind it is answered") {
  Attack attack;
  attack.establish();
  Insider insider(attack.world.right);
  const auto good = insider.message(ExchangeType::informational, 2, {});
  for (std::size_t at = 32; at < good.size(); ++at) {
    auto bad = good;
    bad[at] ^= 0x10;
    attack.send(bad, true);
    attack.check_dropped("bad-integrity");
  }
  attack.send(good, true);
  CHECK(attack.answers.size() == 1);
}
