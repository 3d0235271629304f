// What an authenticated peer, or whoever forges its messages, cannot do. Each row is numbered as in
// docs/bad-inputs.md.
#include "tests/sim/attacker.h"

using namespace sim;
using ikev2::ExchangeType;
using ikev2::NotifyType;

namespace {

RawPayload delete_of(std::uint8_t protocol, std::uint8_t spi_size, std::uint16_t count, base::Bytes spis) {
  base::Bytes body{protocol, spi_size, 0, 0};
  base::store_be16(&body[2], count);
  base::append(body, spis);
  return {kDelete, body};
}

base::Bytes spi_octets(std::uint32_t spi) {
  base::Bytes out(4);
  base::store_be32(out.data(), spi);
  return out;
}

// The right node half open, and its honest peer's IKE_AUTH request taken apart.
struct HalfOpen {
  explicit HalfOpen() {
    attack.world.net.intercept = [this](Flight& flight) {
      if (flight.message[18] == 35 && genuine.empty()) genuine = flight.message;
      return flight.message[18] != 35;
    };
    attack.world.run(100ms);
    REQUIRE(attack.half_open() == 1);
    Insider reader(attack.world.left);
    for (const auto& payload : reader.open(genuine).payloads) {
      payloads.push_back({static_cast<std::uint8_t>(ikev2::type_of(payload)), reader.body_of(payload)});
    }
    attack.remember();
  }
  ikev2::Message send(const std::vector<RawPayload>& inside) {
    Insider insider(attack.world.right);
    attack.send(insider.message(ExchangeType::ike_auth, 1, inside), true);
    REQUIRE(attack.answers.size() == 1);
    return insider.open(attack.answers.front());
  }
  std::vector<RawPayload> without(std::uint8_t type) const {
    auto out = payloads;
    std::erase_if(out, [&](const RawPayload& one) { return one.type == type; });
    return out;
  }
  std::vector<RawPayload> with(std::uint8_t type, base::Bytes body) const {
    auto out = payloads;
    for (auto& one : out) {
      if (one.type == type) one.body = body;
    }
    return out;
  }
  void check_nothing_left() {
    CHECK(attack.world.right.children.empty());
    CHECK(attack.world.right.engine.status(false).ike_sas.empty());
    CHECK(attack.half_open() == 0);
    CHECK(attack.world.right.spis.live == 0);
  }

  Attack attack;
  base::Bytes genuine;
  std::vector<RawPayload> payloads;
};

}  // namespace

TEST_CASE(
    "B025: IKE_AUTH without AUTH is AUTHENTICATION_FAILED, with one of SA, TSi and TSr missing "
    "INVALID_SYNTAX") {
  {
    HalfOpen world;
    CHECK(world.send(world.without(kAuth)).find_notify(NotifyType::authentication_failed) != nullptr);
    world.check_nothing_left();
  }
  for (const std::uint8_t type : {kSa, kTsi, kTsr}) {
    HalfOpen world;
    CHECK(world.send(world.without(type)).find_notify(NotifyType::invalid_syntax) != nullptr);
    world.check_nothing_left();
  }
}

TEST_CASE("B022: payloads that stand twice in IKE_AUTH are INVALID_SYNTAX, never the last one wins") {
  for (const std::uint8_t type : {kIdi, kAuth, kSa, kTsi, kTsr}) {
    HalfOpen world;
    auto twice = world.payloads;
    for (const auto& one : world.payloads) {
      if (one.type == type) twice.push_back(one);
    }
    CHECK(world.send(twice).find_notify(NotifyType::invalid_syntax) != nullptr);
    world.check_nothing_left();
  }
}

TEST_CASE("B026: IKE_AUTH is read whatever the order of its payloads") {
  HalfOpen world;
  auto reversed = world.payloads;
  std::reverse(reversed.begin(), reversed.end());
  CHECK(world.send(reversed).first_error() == nullptr);
  CHECK(world.attack.world.right.children.size() == 1);
}

TEST_CASE("B119: selectors with wrong counts or lengths are INVALID_SYNTAX, unknown types are skipped") {
  const base::Bytes one{7, 0, 0, 16, 0, 0, 0xff, 0xff, 10, 1, 0, 0, 10, 1, 255, 255};
  const auto list = [&](std::uint8_t count, std::vector<base::Bytes> entries) {
    base::Bytes body{count, 0, 0, 0};
    for (const auto& entry : entries) base::append(body, entry);
    return body;
  };
  auto short_entry = one, backwards = one, ports = one, unknown = one;
  short_entry[3] = 15;
  std::swap_ranges(backwards.begin() + 8, backwards.begin() + 12, backwards.begin() + 12);
  ports[4] = 1;
  ports[6] = ports[7] = 0;
  unknown[0] = 200;
  for (const auto& body : {list(0, {}), list(2, {one}), list(1, {one, one}), list(1, {short_entry}),
                           list(1, {backwards}), list(1, {ports})}) {
    HalfOpen world;
    CHECK(world.send(world.with(kTsi, body)).find_notify(NotifyType::invalid_syntax) != nullptr);
    world.check_nothing_left();
  }
  {
    HalfOpen world;
    CHECK(world.send(world.with(kTsi, list(1, {unknown}))).find_notify(NotifyType::ts_unacceptable) !=
          nullptr);
    CHECK(world.attack.world.right.children.empty());
  }
  {
    HalfOpen world;
    CHECK(world.send(world.with(kTsi, list(2, {unknown, one}))).first_error() == nullptr);
    CHECK(world.attack.world.right.children.size() == 1);
  }
  {
    HalfOpen world;
    CHECK(world.send(world.with(kTsi, list(255, std::vector<base::Bytes>(255, one)))).first_error() ==
          nullptr);
    CHECK(world.attack.world.right.children.size() == 1);
  }
}

TEST_CASE("B038: a child proposal without sequence numbers, or with unknown ones alone, is not chosen") {
  const auto transform = [](std::uint8_t mark, std::uint8_t type, std::uint16_t id,
                            base::Bytes attributes = {}) {
    base::Bytes out{mark, 0, 0, static_cast<std::uint8_t>(8 + attributes.size()), type, 0, 0, 0};
    base::store_be16(&out[6], id);
    base::append(out, attributes);
    return out;
  };
  const auto sa = [](std::vector<base::Bytes> transforms) {
    base::Bytes out{0, 0, 0, 0, 1, 3, 4, static_cast<std::uint8_t>(transforms.size()), 0, 0, 0x20, 1};
    for (const auto& one : transforms) base::append(out, one);
    base::store_be16(&out[2], static_cast<std::uint16_t>(out.size()));
    return out;
  };
  const base::Bytes bits{0x80, 14, 0, 128};
  for (const auto& body :
       {sa({transform(0, 1, 20, bits)}), sa({transform(3, 1, 20, bits), transform(0, 5, 2)}),
        sa({transform(3, 1, 11), transform(3, 3, 0), transform(0, 5, 0)})}) {
    HalfOpen world;
    CHECK(world.send(world.with(kSa, body)).find_notify(NotifyType::no_proposal_chosen) != nullptr);
    CHECK(world.attack.world.right.children.empty());
  }
  HalfOpen world;
  CHECK(world.send(world.with(kSa, sa({transform(3, 1, 20, bits), transform(3, 5, 2), transform(0, 5, 1)})))
            .first_error() == nullptr);
  CHECK(world.attack.world.right.children.begin()->second.suite.esn);
}

TEST_CASE("B118: DELETE of unknown SPIs is passed over, an inconsistent one is INVALID_SYNTAX") {
  Attack attack;
  attack.establish();
  Insider insider(attack.world.right);
  std::uint32_t id = 2;
  base::Bytes unknown;
  for (std::uint32_t i = 0; i < 2000; ++i) base::append(unknown, spi_octets(0x90000000 + i));
  attack.send(insider.message(ExchangeType::informational, id++, {delete_of(3, 4, 2000, unknown)}), true);
  REQUIRE(attack.answers.size() == 1);
  CHECK(insider.open(attack.answers.front()).payloads.empty());
  CHECK(attack.world.up());
  // The child's own SPI, twice, and as an SPI of AH: answered once.
  const auto& child = attack.world.right.children.begin()->second;
  const auto spi = spi_octets(child.spi_out.value), ours = spi_octets(child.spi_in.value);
  attack.send(insider.message(ExchangeType::informational, id++, {delete_of(2, 4, 1, spi)}), true);
  CHECK(attack.world.right.children.size() == 1);
  auto twice = spi;
  base::append(twice, spi);
  attack.send(insider.message(ExchangeType::informational, id++, {delete_of(3, 4, 2, twice)}), true);
  REQUIRE(attack.answers.size() == 1);
  const auto answer = insider.open(attack.answers.front());
  REQUIRE(answer.find<ikev2::DeletePayload>() != nullptr);
  CHECK(answer.find<ikev2::DeletePayload>()->spis ==
        std::vector<std::uint32_t>{base::load_be32(ours.data())});
  CHECK(attack.world.right.children.empty());
}

TEST_CASE("B118: a DELETE that contradicts itself is INVALID_SYNTAX, and ends the IKE SA") {
  for (const auto& payload : {delete_of(0, 4, 1, base::Bytes(4)), delete_of(3, 8, 1, base::Bytes(8)),
                              delete_of(3, 4, 2, base::Bytes(4)), delete_of(3, 4, 65535, base::Bytes(4)),
                              delete_of(1, 8, 1, base::Bytes(8))}) {
    Attack attack;
    attack.establish();
    Insider insider(attack.world.right);
    attack.send(insider.message(ExchangeType::informational, 2, {payload}), true);
    REQUIRE_FALSE(attack.answers.empty());
    CHECK(insider.open(attack.answers.front()).find_notify(NotifyType::invalid_syntax) != nullptr);
    CHECK(attack.world.right.children.empty());
  }
}

TEST_CASE("B120: a responder that widens selectors gets no child") {
  const base::Bytes all{1, 0, 0, 0, 7, 0, 0, 16, 0, 0, 0xff, 0xff, 0, 0, 0, 0, 255, 255, 255, 255};
  for (const std::uint8_t type : {kTsi, kTsr}) {
    SimPair world;
    world.net.intercept = [&](Flight& flight) {
      if (flight.from.address != world.right.address || flight.message[18] != 35) return true;
      Insider reader(world.right), forger(world.left);
      // The right node's answer, opened as the left one would, and sealed again.
      std::vector<RawPayload> payloads;
      for (const auto& payload : reader.open(flight.message).payloads) {
        payloads.push_back({static_cast<std::uint8_t>(ikev2::type_of(payload)), reader.body_of(payload)});
        if (payloads.back().type == type) payloads.back().body = all;
      }
      flight.message = forger.message(ExchangeType::ike_auth, 1, payloads, true);
      return true;
    };
    world.configure();
    world.initiate();
    world.run(3s);
    CHECK(world.left.outcomes.at(1).has_error());
    CHECK(world.left.children.empty());
  }
}

TEST_CASE(
    "B127: a message id that is too high or too low is dropped, and the same request gets the same answer") {
  Attack attack;
  attack.establish();
  Insider insider(attack.world.right);
  for (const std::uint32_t id : {3u, 0u, 0xffffffffu}) {
    attack.send(insider.message(ExchangeType::informational, id, {}), true);
    attack.check_dropped("bad-message-id");
  }
  const auto probe = insider.message(ExchangeType::informational, 2, {});
  attack.send(probe, true);
  REQUIRE(attack.answers.size() == 1);
  const auto answer = attack.answers.front();
  attack.send(probe, true);
  REQUIRE(attack.answers.size() == 1);
  CHECK(attack.answers.front() == answer);
  // The same id with other content is not what was answered.
  const auto spi = spi_octets(attack.world.right.children.begin()->second.spi_out.value);
  attack.send(insider.message(ExchangeType::informational, 2, {delete_of(3, 4, 1, spi)}), true);
  CHECK(attack.world.right.children.size() == 1);
  CHECK(attack.counted("bad-message-id") == 1);
}

TEST_CASE("B128: responses to nothing are dropped") {
  Attack attack;
  attack.establish();
  Insider insider(attack.world.right);
  for (const std::uint32_t id : {0u, 1u, 7u}) {
    attack.send(insider.message(ExchangeType::informational, id, {}, true), true);
    attack.check_dropped("unexpected-response");
  }
  CHECK(attack.world.up());
}

TEST_CASE("B129, B134: MESSAGE_ID_SYNC that was not negotiated and odd SET_WINDOW_SIZE are passed over") {
  Attack attack;
  attack.establish();
  Insider insider(attack.world.right);
  attack.send(insider.message(ExchangeType::informational, 2,
                              {notify(16422, base::Bytes(12, 9)), notify(16385, base::Bytes{0}),
                               notify(16385, base::Bytes(4)), notify(16403, base::Bytes(3))}),
              true);
  REQUIRE(attack.answers.size() == 1);
  CHECK(insider.open(attack.answers.front()).payloads.empty());
  attack.send(insider.message(ExchangeType::informational, 3, {}), true);
  CHECK(attack.answers.size() == 1);
  CHECK(attack.world.up());
}

TEST_CASE("B130: INITIAL_CONTACT and everything else in clear moves no SA that stands") {
  Attack attack;
  attack.establish();
  auto raw = attack.request();
  base::store_be64(raw.header.data(), 0x1234);
  raw.payloads.push_back(notify(16384));
  attack.send(raw);
  CHECK(attack.world.up());
  CHECK(attack.world.right.engine.status(false).ike_sas.size() == 2);
  attack.world.run(40s);
  CHECK(attack.world.up());
}

TEST_CASE("B131: forged errors in clear end no SA, as a request or as the response to one of ours") {
  for (const auto type : std::initializer_list<std::uint16_t>{4, 7, 11, 14, 24}) {
    Attack attack;
    attack.establish();
    Insider insider(attack.world.right);
    const auto header =
        base::to_bytes(base::ByteSpan(insider.message(ExchangeType::informational, 2, {})).first(28));
    for (const auto flags : std::initializer_list<std::uint8_t>{0x08, 0x28}) {
      for (const auto exchange : std::initializer_list<std::uint8_t>{35, 36, 37}) {
        RawMessage forged{header, {notify(type)}};
        forged.header[18] = exchange;
        forged.header[19] = flags;
        attack.send(forged.octets(), true);
        CHECK(attack.answers.empty());
      }
    }
    // While a request of ours is out.
    attack.world.left.dead = true;
    attack.world.run(31s);
    RawMessage answer{header, {notify(type)}};
    answer.header[19] = 0x28;
    base::store_be32(&answer.header[20], 0);
    attack.send(answer.octets(), true);
    attack.world.left.dead = false;
    attack.world.run(10s);
    CHECK(attack.world.up());
  }
}

TEST_CASE("B124: a configuration attribute past its end is INVALID_SYNTAX") {
  Attack attack;
  attack.establish();
  Insider insider(attack.world.right);
  attack.send(insider.message(ExchangeType::informational, 2, {{kCp, {1, 0, 0, 0, 0, 1, 0, 200}}}), true);
  REQUIRE_FALSE(attack.answers.empty());
  CHECK(insider.open(attack.answers.front()).find_notify(NotifyType::invalid_syntax) != nullptr);
}

TEST_CASE("B109: our own messages, sent back to us, are dropped") {
  Attack attack;
  attack.establish();
  const auto log = attack.world.net.log;
  for (const auto& flight : log) {
    if (flight.from.address != attack.world.right.address) continue;
    attack.send(flight.message, flight.natt);
    CHECK(attack.answers.empty());
  }
  CHECK(attack.world.up());
}
