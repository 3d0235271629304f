#include "ikev2/negotiate/proposal.h"

#include <catch2/catch_test_macros.hpp>

#include "tests/unit/ikev2/negotiate/proposals.h"
#include "tests/unit/ikev2/octets.h"

using namespace ikev2;
using namespace test;

TEST_CASE("Transforms and proposals have the names that users write") {
  CHECK(text(cbc(256)) == "aes-cbc-256");
  CHECK(text(kChacha) == "chacha20-poly1305");
  CHECK(text(kEsn) == "esn");
  CHECK(text(kNoEsn) == "no-esn");
  CHECK(text(kModp2048) == "modp-2048");
  CHECK(text(kNoInteg) == "none");
  CHECK(text(Transform{static_cast<TransformType>(6), 35}) == "transform 6:35");
  CHECK(text(Transform{TransformType::esn, 2}) == "transform 5:2");
  CHECK(ike(1, {kModp2048, kSha1, kPrfSha1, cbc(256)}).text() == "aes-cbc-256/hmac-sha1/sha1-96/modp-2048");
  CHECK(text(Proposals{esp(1, {kChacha, kEsn}), esp(2, {gcm(128), kNoEsn, kEsn})}) ==
        "chacha20-poly1305/esn, aes-gcm-16-128/no-esn/esn");
}

TEST_CASE("Transforms of one type keep their order") {
  CHECK(esp(1, {cbc(192), kEsn, cbc(256), kNoEsn}).of(TransformType::encr) ==
        std::vector<Transform>{cbc(192), cbc(256)});
  CHECK(esp(1, {kEsn}).of(TransformType::ke).empty());
}

TEST_CASE("A first child's proposals hold no key exchange (RFC 7296 1.2)") {
  const Proposals bare =
      without_ke({ours(esp(0, {gcm(256), kModp2048, kCurve, kEsn})), ours(esp(0, {kChacha, kEsn}))});
  CHECK(bare == Proposals{ours(esp(0, {gcm(256), kEsn})), ours(esp(0, {kChacha, kEsn}))});
}

TEST_CASE("Key exchanges are listed in order, each once, without NONE") {
  CHECK(key_exchanges({ours(ike(0, {kCurve, kModp2048})), ours(ike(0, {kModp2048, kEcp256, kNoKe}))}) ==
        std::vector<crypto::Ke>{crypto::Ke::curve25519, crypto::Ke::modp_2048, crypto::Ke::ecp_256});
  CHECK(key_exchanges({ours(esp(0, {gcm(256), kEsn}))}).empty());
}

TEST_CASE("An offer is numbered, carries the SPI, and has AEADs in proposals of their own (RFC 7296 3.3)") {
  const Proposals configured{ours(esp(0, {gcm(256), kChacha, cbc(256), kSha256, kSha1, kEsn})),
                             ours(esp(0, {cbc(128), kSha1, kEsn}))};
  const Proposals offer = to_offer(configured, hex("c0b24047"));
  CHECK(offer == Proposals{esp(1, {gcm(256), kChacha, kEsn}), esp(2, {cbc(256), kSha256, kSha1, kEsn}),
                           esp(3, {cbc(128), kSha1, kEsn})});
}

TEST_CASE("An offer keeps the order of preference of mixed ciphers") {
  const Proposals offer =
      to_offer({ours(ike(0, {cbc(256), gcm(256), cbc(128), kPrfSha1, kSha1, kCurve}))}, {});
  CHECK(offer == Proposals{ike(1, {cbc(256), kPrfSha1, kSha1, kCurve}), ike(2, {gcm(256), kPrfSha1, kCurve}),
                           ike(3, {cbc(128), kPrfSha1, kSha1, kCurve})});
}

TEST_CASE("An offer holds at most 255 proposals (RFC 7296 3.3.1)") {
  const Proposals many(300, ours(esp(0, {gcm(256), kEsn})));
  CHECK(to_offer(many, hex("c0b24047")).size() == 255);
}
