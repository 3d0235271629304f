#include <catch2/catch_test_macros.hpp>

#include "tests/unit/ikev2/negotiate/proposals.h"
#include "tests/unit/ikev2/octets.h"

using namespace ikev2;
using namespace test;

namespace {

const Proposals kOffered{esp(1, {gcm(256), kEsn, kNoEsn}),
                         esp(2, {cbc(256), cbc(192), kSha1, kSha256, kEsn, kNoEsn})};

bool refuses(const Proposals& answer, const Proposals& offered, std::string_view words) {
  const auto result = check_answer(answer, offered);
  REQUIRE(result.has_error());
  INFO(result.error().reason);
  CHECK(result.error().family == base::ErrorFamily::misbehaved);
  const bool found = result.error().reason.find(words) != std::string::npos;
  CHECK(found);
  return found;
}

}  // namespace

TEST_CASE("An answer of one offered transform of each type is accepted (RFC 7296 2.7)") {
  const auto chosen = check_answer({esp(2, {kNoEsn, cbc(192), kSha256})}, kOffered);
  REQUIRE(chosen.has_value());
  CHECK(chosen->cipher == crypto::CipherSpec{crypto::Encr::aes_cbc, 192, crypto::Integ::hmac_sha2_256_128});
  CHECK_FALSE(chosen->esn);
  CHECK(chosen->proposal.spi == hex("c0b24047"));
}

TEST_CASE("B039: Two proposals or none in an answer are refused (RFC 7296 2.7)") {
  CHECK(refuses({esp(1, {gcm(256), kEsn}), esp(2, {cbc(256), kSha1, kEsn})}, kOffered, "2 proposals"));
  CHECK(refuses({}, kOffered, "0 proposals"));
}

TEST_CASE("B039: An answer with a number that was not offered is refused (RFC 7296 3.3.1)") {
  CHECK(refuses({esp(3, {gcm(256), kEsn})}, kOffered, "no proposal 3"));
  CHECK(refuses({esp(0, {gcm(256), kEsn})}, kOffered, "no proposal 0"));
}

TEST_CASE("B039: An answer under the number of another proposal is refused (RFC 7296 3.3.1)") {
  CHECK(refuses({esp(1, {cbc(256), kSha1, kEsn})}, kOffered, "aes-cbc-256 was not offered"));
}

TEST_CASE("B039: An answer with an algorithm or key length that was not offered is refused (RFC 7296 2.7)") {
  CHECK(refuses({esp(2, {cbc(128), kSha1, kEsn})}, kOffered, "encryption aes-cbc-128 was not offered"));
  CHECK(refuses({esp(2, {cbc(256), {TransformType::integ, 1}, kEsn})}, kOffered,
                "integrity md5-96 was not offered"));
  Transform odd = cbc(256);
  odd.usable = false;
  CHECK(refuses({esp(2, {odd, kSha1, kEsn})}, kOffered, "was not offered"));
}

TEST_CASE("B039: An answer with two transforms of a type is refused (RFC 7296 2.7)") {
  CHECK(refuses({esp(2, {cbc(256), cbc(192), kSha1, kEsn})}, kOffered, "two transforms for encryption"));
  CHECK(refuses({esp(2, {cbc(256), kSha1, kEsn, kEsn})}, kOffered, "two transforms for sequence numbers"));
}

TEST_CASE("B039: An answer that leaves a type out is refused (RFC 7296 2.7)") {
  CHECK(refuses({esp(2, {cbc(256), kSha1})}, kOffered, "no transform for sequence numbers"));
  CHECK(refuses({esp(2, {cbc(256), kEsn})}, kOffered, "do not go together"));
  CHECK(refuses({esp(2, {kSha1, kEsn})}, kOffered, "no transform for encryption"));
}

TEST_CASE("B040: A key exchange in an answer to an offer without one is refused (RFC 7296 1.2)") {
  CHECK(refuses({esp(1, {gcm(256), kModp2048, kEsn})}, kOffered, "key exchange modp-2048 was not offered"));
}

TEST_CASE("NONE in an answer where the type was left out says the same, and is accepted (RFC 7296 3.3.2)") {
  CHECK(check_answer({esp(1, {gcm(256), kNoInteg, kNoKe, kEsn})}, kOffered).has_value());
}

TEST_CASE("A key exchange that was offered without NONE may not be left out of the answer (RFC 7296 2.7)") {
  const Proposals pfs{esp(1, {gcm(256), kModp2048, kEsn})};
  CHECK(refuses({esp(1, {gcm(256), kEsn})}, pfs, "no transform for key exchange"));
  CHECK(refuses({esp(1, {gcm(256), kNoKe, kEsn})}, pfs, "key exchange none was not offered"));
  CHECK(check_answer({esp(1, {gcm(256), kEsn})}, {esp(1, {gcm(256), kModp2048, kNoKe, kEsn})}).has_value());
}

TEST_CASE("An answer for another protocol or with a reserved SPI is refused (RFC 7296 3.3.1, RFC 4303 2.1)") {
  CHECK(refuses({ah(1, {gcm(256), kEsn})}, kOffered, "protocol AH, not ESP"));
  Proposal low = esp(1, {gcm(256), kEsn});
  low.spi = {0, 0, 0, 255};
  // No peer that counts right sends it: malformed, not merely a bad choice.
  const auto result = check_answer({low}, kOffered);
  REQUIRE(result.has_error());
  CHECK(result.error().family == base::ErrorFamily::malformed);
  CHECK(result.error().reason == "the responder's SPI is zero or reserved");
}

TEST_CASE(
    "An offer that mixed AEAD and CBC is answered with or without integrity as the cipher needs (RFC 5282 "
    "8)") {
  const Proposals mixed{esp(1, {gcm(256), cbc(256), kSha1, kEsn})};
  CHECK(check_answer({esp(1, {gcm(256), kEsn})}, mixed).has_value());
  CHECK(check_answer({esp(1, {cbc(256), kSha1, kEsn})}, mixed).has_value());
  CHECK(refuses({esp(1, {gcm(256), kSha1, kEsn})}, mixed, "do not go together"));
  CHECK(refuses({esp(1, {cbc(256), kEsn})}, mixed, "do not go together"));
}

TEST_CASE("Proposals that were never numbered count from one (RFC 7296 3.3.1)") {
  const Proposals offered{ours(ike(0, {gcm(256), kPrfSha256, kCurve})),
                          ours(ike(0, {cbc(256), kPrfSha1, kSha1, kCurve}))};
  CHECK(check_answer({ike(2, {cbc(256), kPrfSha1, kSha1, kCurve})}, offered)->ke == crypto::Ke::curve25519);
  CHECK(refuses({ike(1, {cbc(256), kPrfSha1, kSha1, kCurve})}, offered, "was not offered"));
}
