// SA payloads that no honest peer sends. Each row is numbered as in docs/bad-inputs.md; the parser's and the
// chooser's own tests look at every octet.
#include "tests/sim/attacker.h"

using namespace sim;

namespace {

// One transform; `attributes` as octets.
struct RawTransform {
  std::uint8_t type;
  std::uint16_t id;
  base::Bytes attributes;
};

base::Bytes key_length(std::uint16_t bits) {
  base::Bytes out{0x80, 0x0e, 0, 0};
  base::store_be16(&out[2], bits);
  return out;
}

// One proposal as octets; the last of the payload.
base::Bytes proposal(const std::vector<RawTransform>& transforms, std::uint8_t number = 1,
                     std::uint8_t protocol = 1, const base::Bytes& spi = {}, bool last = true) {
  base::Bytes out{static_cast<std::uint8_t>(last ? 0 : 2),
                  0,
                  0,
                  0,
                  number,
                  protocol,
                  static_cast<std::uint8_t>(spi.size()),
                  static_cast<std::uint8_t>(transforms.size())};
  base::append(out, spi);
  for (std::size_t i = 0; i < transforms.size(); ++i) {
    const auto& t = transforms[i];
    base::Bytes one{static_cast<std::uint8_t>(i + 1 < transforms.size() ? 3 : 0), 0, 0, 0, t.type, 0, 0, 0};
    base::store_be16(&one[2], static_cast<std::uint16_t>(8 + t.attributes.size()));
    base::store_be16(&one[6], t.id);
    base::append(out, one);
    base::append(out, t.attributes);
  }
  base::store_be16(&out[2], static_cast<std::uint16_t>(out.size()));
  return out;
}

// What the right node takes: AES-GCM-256, HMAC-SHA2-256, curve25519.
std::vector<RawTransform> good() { return {{1, 20, key_length(256)}, {2, 5, {}}, {4, 31, {}}}; }

std::vector<RawTransform> with_cipher(std::uint16_t id, base::Bytes attributes) {
  auto list = good();
  list[0] = {1, id, std::move(attributes)};
  return list;
}

void offer(Attack& attack, const base::Bytes& proposals) {
  auto raw = attack.request();
  raw.payload(kSa).body = proposals;
  attack.send(raw);
}

// Refused with NO_PROPOSAL_CHOSEN, and nothing kept.
void check_unchosen(Attack& attack, const base::Bytes& proposals) {
  offer(attack, proposals);
  CHECK(attack.notified() == 14);
  CHECK(attack.counted("refused") == 1);
  CHECK(attack.half_open() == 0);
  attack.remember();
  attack.world.now += 1s;  // the limit of replies is not what is looked at here
}

void check_malformed(Attack& attack, const base::Bytes& proposals) {
  offer(attack, proposals);
  attack.check_dropped("malformed-packet");
}

}  // namespace

TEST_CASE("B030: SA payloads whose counts, marks or numbers are wrong are dropped") {
  Attack attack;
  check_malformed(attack, {});
  check_malformed(attack, proposal({}));
  for (const auto count : std::initializer_list<std::uint8_t>{2, 4, 255}) {
    auto wrong = proposal(good());
    wrong[7] = count;
    check_malformed(attack, wrong);
  }
  auto mark = proposal(good());
  mark[0] = 2;
  check_malformed(attack, mark);
  mark[0] = 7;
  check_malformed(attack, mark);
  mark = proposal(good());
  mark[8] = 0;
  check_malformed(attack, mark);
  check_malformed(attack, proposal(good(), 0));
  for (const auto second : std::initializer_list<std::uint8_t>{2, 1}) {
    auto numbers = proposal(good(), 2, 1, {}, false);
    base::append(numbers, proposal(good(), second));
    check_malformed(attack, numbers);
  }
  attack.check_unhurt();
}

TEST_CASE("B031: an initial IKE proposal with an SPI is dropped") {
  Attack attack;
  for (const std::size_t size : {1u, 4u, 8u, 255u}) {
    check_malformed(attack, proposal(good(), 1, 1, base::Bytes(size, 1)));
  }
}

TEST_CASE(
    "B031: a child proposal whose SPI is below 256 is not chosen, one of another size is INVALID_SYNTAX") {
  for (const auto& [spi, notified] :
       {std::pair{base::Bytes{0, 0, 0, 0}, ikev2::NotifyType::no_proposal_chosen},
        {base::Bytes{0, 0, 0, 255}, ikev2::NotifyType::no_proposal_chosen},
        {base::Bytes{1, 2, 3}, ikev2::NotifyType::invalid_syntax}}) {
    Attack attack;
    base::Bytes genuine;
    attack.world.net.intercept = [&](Flight& flight) {
      if (flight.message[18] == 35) genuine = flight.message;
      return flight.message[18] != 35;
    };
    attack.world.run(100ms);
    REQUIRE_FALSE(genuine.empty());
    Insider insider(attack.world.right);
    // The honest peer's own IKE_AUTH, opened with its keys, with another SA payload.
    Insider reader(attack.world.left);
    std::vector<RawPayload> payloads;
    for (const auto& payload : reader.open(genuine).payloads) {
      payloads.push_back({static_cast<std::uint8_t>(ikev2::type_of(payload)), reader.body_of(payload)});
      if (payloads.back().type == kSa) {
        payloads.back().body = proposal({{1, 20, key_length(128)}, {5, 0, {}}}, 1, 3, spi);
      }
    }
    attack.send(insider.message(ikev2::ExchangeType::ike_auth, 1, payloads), true);
    REQUIRE(attack.answers.size() == 1);
    CHECK(insider.open(attack.answers.front()).find_notify(notified) != nullptr);
    CHECK(attack.world.right.children.empty());
  }
}

TEST_CASE("B032: proposals for other protocols are passed over") {
  Attack attack;
  check_unchosen(attack, proposal(good(), 1, 0));
  for (const auto protocol : std::initializer_list<std::uint8_t>{2, 3}) {
    check_unchosen(attack, proposal(good(), 1, protocol, {0, 0, 1, 0}));
  }
  for (const auto protocol : std::initializer_list<std::uint8_t>{4, 200})
    check_unchosen(attack, proposal(good(), 1, protocol));
  auto second = proposal(good(), 1, 4, {}, false);
  base::append(second, proposal(good(), 2));
  offer(attack, second);
  CHECK(attack.half_open() == 1);
}

TEST_CASE(
    "B033: key lengths that a cipher cannot have make the transform unusable, and the rest is considered") {
  Attack attack;
  for (const auto id : std::initializer_list<std::uint16_t>{12, 13, 16, 20}) {
    check_unchosen(attack, proposal(with_cipher(id, {})));
    for (const auto bits : std::initializer_list<std::uint16_t>{0, 64, 129, 193, 65535}) {
      check_unchosen(attack, proposal(with_cipher(id, key_length(bits))));
    }
  }
  check_unchosen(attack, proposal(with_cipher(3, key_length(192))));
  check_unchosen(attack, proposal(with_cipher(28, key_length(256))));
  auto both = good();
  both.insert(both.begin(), {1, 20, key_length(129)});
  offer(attack, proposal(both));
  CHECK(attack.half_open() == 1);
}

TEST_CASE("B034: an attribute past its transform is dropped; an unknown or repeated one makes it unusable") {
  Attack attack;
  check_malformed(attack, proposal(with_cipher(20, {0x00, 0x0f, 0x01, 0x00})));
  check_unchosen(attack, proposal(with_cipher(20, {0x80, 0x0f, 0x01, 0x00})));
  auto twice = key_length(256);
  base::append(twice, key_length(256));
  check_unchosen(attack, proposal(with_cipher(20, twice)));
  attack.check_unhurt();
}

TEST_CASE("B035: a proposal with a transform type that we do not know is not chosen") {
  Attack attack;
  for (int type = 0; type < 256; ++type) {
    if (type >= 1 && type <= 4) continue;
    auto list = good();
    list.push_back({static_cast<std::uint8_t>(type), 0, {}});
    check_unchosen(attack, proposal(list));
  }
  attack.check_unhurt();
}

TEST_CASE(
    "B036, B037: proposals without PRF, key exchange or integrity, and AEAD with integrity, are not chosen") {
  Attack attack({}, [](SimPair& world) {
    world.right_profile.proposals.push_back(
        ike_proposal(crypto::Encr::aes_cbc, 256, crypto::Prf::hmac_sha2_256, crypto::Integ::hmac_sha2_256_128,
                     {crypto::Ke::curve25519}));
  });
  for (const std::size_t left_out : {1u, 2u}) {
    auto list = good();
    list.erase(list.begin() + static_cast<std::ptrdiff_t>(left_out));
    check_unchosen(attack, proposal(list));
  }
  check_unchosen(attack, proposal(with_cipher(12, key_length(256))));  // CBC alone
  auto none = with_cipher(12, key_length(256));
  none.push_back({3, 0, {}});
  check_unchosen(attack, proposal(none));
  auto doubled = good();
  doubled.push_back({3, 12, {}});
  check_unchosen(attack, proposal(doubled));
}

TEST_CASE("B039: an initiator refuses an answer that was not offered, and installs nothing") {
  std::vector<base::Bytes> answers = {
      {},
      proposal(with_cipher(20, key_length(128))),        // not offered
      proposal(good(), 2),                               // another number
      proposal({{1, 20, key_length(256)}, {2, 5, {}}}),  // a type left out
      proposal({{1, 20, key_length(256)}, {1, 20, key_length(256)}, {2, 5, {}}, {4, 31, {}}}),
  };
  answers.push_back(proposal(good(), 1, 1, {}, false));
  base::append(answers.back(), proposal(good(), 2));
  for (const auto& answer : answers) {
    SimPair world;
    world.net.intercept = [&](Flight& flight) {
      if (flight.from.address == world.right.address && flight.message[18] == 34) {
        auto raw = RawMessage::of(flight.message);
        raw.payload(kSa).body = answer;
        flight.message = raw.octets();
      }
      return true;
    };
    world.configure();
    world.initiate();
    world.run(4s);
    CHECK(world.left.outcomes.at(1).has_error());
    CHECK(world.left.children.empty());
    CHECK(world.left.spis.live == 0);
  }
}

TEST_CASE("B041: hundreds of proposals with thousands of transforms are refused in bounded time") {
  Attack attack;
  base::Bytes all;
  for (int number = 1; number <= 200; ++number) {
    base::append(all, proposal({{1, 7, {}}, {2, 9, {}}, {4, 99, {}}}, static_cast<std::uint8_t>(number), 1,
                               {}, number == 200));
  }
  check_unchosen(attack, all);
  std::vector<RawTransform> many(255, {1, 7, {}});
  auto wide = proposal(many, 1, 1, {}, false);
  base::append(wide, proposal(many, 2, 1, {}, false));
  base::append(wide, proposal(good(), 3));
  offer(attack, wide);
  CHECK(attack.half_open() == 1);
}

TEST_CASE("B045: the group of the KE payload is taken where it is acceptable, though another is preferred") {
  Attack attack({}, [](SimPair& world) {
    world.right_profile.proposals = {ike_proposal(crypto::Encr::aes_gcm_16, 256, crypto::Prf::hmac_sha2_256,
                                                  crypto::Integ::none,
                                                  {crypto::Ke::ecp_256, crypto::Ke::curve25519})};
  });
  attack.send(attack.first);  // holds a value of curve25519
  REQUIRE(attack.answers.size() == 1);
  CHECK(base::load_be16(RawMessage::of(attack.answers.front()).payload(kKe).body.data()) == 31);
}
