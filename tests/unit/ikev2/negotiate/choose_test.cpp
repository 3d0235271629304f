#include <catch2/catch_test_macros.hpp>

#include "tests/unit/ikev2/negotiate/proposals.h"
#include "tests/unit/ikev2/octets.h"

using namespace ikev2;
using namespace test;
using crypto::Ke;

namespace {

const Proposals kAllowedIke{ours(ike(0, {cbc(256), kPrfSha1, kSha1, kModp2048}))};
const Proposals kAllowedEsp{ours(esp(0, {cbc(192), kSha1, kEsn, kNoEsn}))};

// The reason of a refusal, which must be NO_PROPOSAL_CHOSEN.
std::string refusal(const Proposals& offered, const Proposals& allowed) {
  const auto result = choose(offered, allowed, Ke::none);
  REQUIRE(result.has_error());
  CHECK(result.error().family == base::ErrorFamily::incompatible);
  CHECK(asks_for(result, NotifyType::no_proposal_chosen));
  return result.error().reason;
}
bool refuses(const Proposals& offered, const Proposals& allowed, std::string_view words) {
  const std::string reason = refusal(offered, allowed);
  INFO(reason);
  CHECK(reason.find(words) != std::string::npos);
  return reason.find(words) != std::string::npos;
}

}  // namespace

TEST_CASE("One transform of each type is chosen, with the peer's number and SPI (RFC 7296 2.7)") {
  const Proposals offered{esp(3, {cbc(256), cbc(192), kSha256, kSha1, kNoEsn, kEsn})};
  const auto chosen = choose(offered, kAllowedEsp, Ke::none);
  REQUIRE(chosen.has_value());
  CHECK(chosen->proposal == esp(3, {cbc(192), kSha1, kEsn}));
  CHECK(chosen->cipher == crypto::CipherSpec{crypto::Encr::aes_cbc, 192, crypto::Integ::sha1_96});
  CHECK(chosen->esn);
  CHECK(chosen->ke == Ke::none);
}

TEST_CASE("An IKE choice names cipher, PRF and key exchange (RFC 7296 3.3.3)") {
  const auto chosen = choose({ike(1, {cbc(256), kPrfSha1, kSha1, kModp2048})}, kAllowedIke, Ke::modp_2048);
  REQUIRE(chosen.has_value());
  CHECK(chosen->prf == crypto::Prf::hmac_sha1);
  CHECK(chosen->ke == Ke::modp_2048);
}

TEST_CASE("Our order of proposals and of transforms rules, not the peer's (RFC 7296 2.7)") {
  const Proposals allowed{ours(esp(0, {gcm(256), kEsn})),
                          ours(esp(0, {cbc(192), cbc(128), kSha256, kSha1, kEsn}))};
  const Proposal weak = esp(1, {cbc(128), kSha1, kEsn}),
                 mid = esp(2, {cbc(128), cbc(192), kSha1, kSha256, kEsn});
  CHECK(choose({weak, mid}, allowed, Ke::none)->proposal == esp(2, {cbc(192), kSha256, kEsn}));
  CHECK(choose({weak, mid, esp(3, {gcm(256), kEsn})}, allowed, Ke::none)->proposal ==
        esp(3, {gcm(256), kEsn}));
  CHECK(choose({weak}, allowed, Ke::none)->proposal == weak);
}

TEST_CASE(
    "B045: A group that equals the KE payload's is preferred to one that costs a round trip (RFC 7296 1.2)") {
  const Proposals allowed{ours(ike(0, {cbc(256), kPrfSha1, kSha1, kCurve, kModp2048}))};
  const Proposals offered{ike(1, {cbc(256), kPrfSha1, kSha1, kModp2048, kCurve})};
  CHECK(choose(offered, allowed, Ke::modp_2048)->ke == Ke::modp_2048);
  CHECK(choose(offered, allowed, Ke::curve25519)->ke == Ke::curve25519);
  CHECK(choose(offered, allowed, Ke::ecp_256)->ke ==
        Ke::curve25519);  // our first: INVALID_KE_PAYLOAD follows
}

TEST_CASE("A later proposal of ours wins when its group is that of the KE payload (RFC 7296 1.2)") {
  const Proposals allowed{ours(ike(0, {gcm(256), kPrfSha256, kCurve})),
                          ours(ike(0, {cbc(256), kPrfSha1, kSha1, kModp2048}))};
  const Proposals offered{ike(1, {gcm(256), kPrfSha256, kCurve}),
                          ike(2, {cbc(256), kPrfSha1, kSha1, kModp2048})};
  CHECK(choose(offered, allowed, Ke::modp_2048)->proposal.number == 2);
  CHECK(choose(offered, allowed, Ke::curve25519)->proposal.number == 1);
  CHECK(choose(offered, allowed, Ke::ecp_521)->proposal.number == 1);
}

TEST_CASE("A choice without key exchange costs no round trip, whatever KE came along (RFC 7296 1.3)") {
  const Proposals offered{esp(1, {cbc(192), kSha1, kEsn, kNoKe, kModp2048})};
  const auto chosen = choose(offered, kAllowedEsp, Ke::modp_2048);
  REQUIRE(chosen.has_value());
  CHECK(chosen->ke == Ke::none);
  CHECK(chosen->proposal.of(TransformType::ke) == std::vector<Transform>{kNoKe});  // one of each offered type
}

TEST_CASE("A refusal names the nearest miss, then what was offered and what is allowed") {
  CHECK(refusal({ike(1, {cbc(256), kPrfSha1, kSha1, kModp2048})},
                {ours(ike(0, {cbc(256), kPrfSha1, kSha256, kModp2048}))}) ==
        "no proposal chosen: nearest proposal 1: integrity: offered sha1-96, allowed hmac-sha2-256-128; "
        "offered aes-cbc-256/hmac-sha1/sha1-96/modp-2048; allowed "
        "aes-cbc-256/hmac-sha1/hmac-sha2-256-128/modp-2048");
}

TEST_CASE("The nearest proposal is the one with the fewest types in disagreement") {
  const Proposals offered{ike(1, {cbc(128), kPrfSha256, kSha256, kCurve}),
                          ike(2, {cbc(256), kPrfSha1, kSha1, kCurve, kEcp256}),
                          ike(3, {cbc(128), kPrfSha1, kSha1, kCurve})};
  CHECK(refuses(offered, kAllowedIke,
                "nearest proposal 2: key exchange: offered curve25519, ecp-256, allowed modp-2048;"));
}

TEST_CASE("A near miss in two types names both") {
  CHECK(
      refuses({ike(1, {cbc(128), cbc(192), kPrfSha1, kSha1, kCurve})}, kAllowedIke,
              "nearest proposal 1: encryption: offered aes-cbc-128, aes-cbc-192, allowed aes-cbc-256 and key "
              "exchange: offered curve25519, allowed modp-2048;"));
}

TEST_CASE("B036: An IKE proposal without PRF, key exchange or integrity is not chosen (RFC 7296 3.3.3)") {
  CHECK(refuses({ike(1, {cbc(256), kSha1, kModp2048})}, kAllowedIke,
                "prf: offered nothing, allowed hmac-sha1"));
  CHECK(refuses({ike(1, {cbc(256), kPrfSha1, kSha1})}, kAllowedIke, "key exchange: offered nothing"));
  CHECK(refuses({ike(1, {cbc(256), kPrfSha1, kSha1, kNoKe})}, kAllowedIke, "key exchange: offered none"));
  CHECK(refuses({ike(1, {cbc(256), kPrfSha1, kModp2048})}, kAllowedIke, "integrity: offered nothing"));
  CHECK(refuses({ike(1, {kPrfSha1, kSha1, kModp2048})}, kAllowedIke, "encryption: offered nothing"));
}

TEST_CASE("Key exchange NONE is not chosen for an IKE SA even where it is configured (RFC 7296 3.3.2)") {
  refusal({ike(1, {cbc(256), kPrfSha1, kSha1, kNoKe})}, {ours(ike(0, {cbc(256), kPrfSha1, kSha1, kNoKe}))});
}

TEST_CASE("B038: A child proposal without a sequence number transform is not chosen (RFC 7296 3.3.3)") {
  CHECK(refuses({esp(1, {cbc(192), kSha1})}, kAllowedEsp,
                "sequence numbers: offered nothing, allowed esn, no-esn"));
}

TEST_CASE("B038: Sequence numbers are chosen in our order, and only usable values (RFC 7296 3.3.2)") {
  const Transform odd{TransformType::esn, 2, 0, false};
  CHECK(choose({esp(1, {cbc(192), kSha1, odd, kNoEsn})}, kAllowedEsp, Ke::none)->esn == false);
  refusal({esp(1, {cbc(192), kSha1, odd})}, kAllowedEsp);
}

TEST_CASE(
    "B037: An AEAD with a real integrity transform is not chosen, with NONE or nothing it is (RFC 5282 8)") {
  const Proposals allowed{ours(esp(0, {gcm(256), kEsn}))};
  CHECK(refuses({esp(1, {gcm(256), kSha1, kEsn})}, allowed, "integrity: offered sha1-96, allowed none"));
  CHECK(choose({esp(1, {gcm(256), kEsn})}, allowed, Ke::none)->proposal == esp(1, {gcm(256), kEsn}));
  const auto with_none = choose({esp(1, {gcm(256), kNoInteg, kEsn})}, allowed, Ke::none);
  REQUIRE(with_none.has_value());
  CHECK(with_none->proposal == esp(1, {gcm(256), kNoInteg, kEsn}));
  CHECK(with_none->cipher == crypto::CipherSpec{crypto::Encr::aes_gcm_16, 256, crypto::Integ::none});
}

TEST_CASE(
    "B037: A cipher that is no AEAD is not chosen without integrity, NULL least of all (RFC 7296 3.3.3)") {
  CHECK(refuses({esp(1, {cbc(192), kNoInteg, kEsn})}, kAllowedEsp, "integrity: offered none"));
  CHECK(refuses({esp(1, {cbc(192), kEsn})}, kAllowedEsp, "integrity: offered nothing"));
  refusal({esp(1, {cbc(192), kNoInteg, kEsn})}, {ours(esp(0, {cbc(192), kNoInteg, kEsn}))});
  refusal({esp(1, {kNullCipher, kNoInteg, kEsn})}, {ours(esp(0, {kNullCipher, kNoInteg, kEsn}))});
  refusal({esp(1, {kNullCipher, kEsn})}, {ours(esp(0, {kNullCipher, kEsn}))});
  CHECK(choose({esp(1, {kNullCipher, kSha1, kEsn})}, {ours(esp(0, {kNullCipher, kSha1, kEsn}))}, Ke::none)
            .has_value());
}

TEST_CASE("A proposal of ours that mixes AEAD and CBC takes either, in order (RFC 5282 8)") {
  const Proposals allowed{ours(esp(0, {cbc(256), gcm(256), kSha256, kEsn}))};
  CHECK(choose({esp(1, {gcm(256), kEsn})}, allowed, Ke::none)->proposal == esp(1, {gcm(256), kEsn}));
  CHECK(choose({esp(1, {gcm(256), kEsn}), esp(2, {cbc(256), kSha256, kEsn})}, allowed, Ke::none)->proposal ==
        esp(2, {cbc(256), kSha256, kEsn}));
}

TEST_CASE(
    "A peer's proposal that mixes AEAD and CBC is taken with NONE or with a real algorithm (RFC 5282 8)") {
  const Proposals mixed{esp(1, {cbc(256), gcm(256), kSha256, kNoInteg, kEsn})};
  CHECK(choose(mixed, {ours(esp(0, {gcm(256), kEsn}))}, Ke::none)->proposal ==
        esp(1, {gcm(256), kNoInteg, kEsn}));
  CHECK(choose(mixed, {ours(esp(0, {cbc(256), kSha256, kEsn}))}, Ke::none)->proposal ==
        esp(1, {cbc(256), kSha256, kEsn}));
}

TEST_CASE(
    "B033: An unusable transform is passed over, the others of its type are considered (RFC 7296 3.3.6)") {
  Transform odd = cbc(192);
  odd.usable = false;
  CHECK(choose({esp(1, {odd, cbc(192), kSha1, kEsn})}, kAllowedEsp, Ke::none).has_value());
  CHECK(refuses({esp(1, {odd, kSha1, kEsn})}, kAllowedEsp, "offered aes-cbc-192 (unusable attributes)"));
  Transform odd_integ = kNoInteg;
  odd_integ.usable = false;  // a type of which nothing is usable was not left out
  refusal({esp(1, {gcm(256), odd_integ, kEsn})}, {ours(esp(0, {gcm(256), kEsn}))});
}

TEST_CASE("B035: A proposal with a transform type that we do not know is passed over (RFC 7296 3.3.6)") {
  for (const int type : {0, 6, 12, 13, 14, 255}) {
    const Transform strange{static_cast<TransformType>(type), 0};
    const Proposal bad = esp(1, {cbc(192), kSha1, kEsn, strange});
    CHECK(refuses({bad}, kAllowedEsp, "transform type unknown (" + std::to_string(type) + ")"));
    CHECK(choose({bad, esp(2, {cbc(192), kSha1, kEsn})}, kAllowedEsp, Ke::none)->proposal.number == 2);
  }
}

TEST_CASE(
    "B035: Transforms of a type that the protocol does not have make a proposal unusable (RFC 7296 3.3.3)") {
  refusal({esp(1, {cbc(192), kPrfSha1, kSha1, kEsn})}, kAllowedEsp);
  refusal({ike(1, {cbc(256), kPrfSha1, kSha1, kModp2048, kEsn})}, kAllowedIke);
}

TEST_CASE("B032: Proposals for another protocol are passed over (RFC 7296 3.3.1)") {
  for (const int protocol : {0, 1, 2, 4, 200}) {
    Proposal other = esp(1, {cbc(192), kSha1, kEsn});
    other.protocol = static_cast<ProtocolId>(protocol);
    CHECK(refuses({other}, kAllowedEsp, "not ESP"));
    CHECK(choose({other, esp(2, {cbc(192), kSha1, kEsn})}, kAllowedEsp, Ke::none)->proposal.number == 2);
  }
  Proposal other = ike(1, {cbc(256), kPrfSha1, kSha1, kModp2048});
  other.protocol = ProtocolId::esp;
  CHECK(refuses({other}, kAllowedIke, "it is for protocol ESP, not IKE"));
}

TEST_CASE(
    "B031: Child SPIs up to 255 and the IKE SPI zero make a proposal unusable (RFC 4303 2.1, RFC 7296 3.1)") {
  for (const std::uint8_t low : std::initializer_list<std::uint8_t>{0, 1, 255}) {
    Proposal p = esp(1, {cbc(192), kSha1, kEsn});
    p.spi = {0, 0, 0, low};
    CHECK(refuses({p}, kAllowedEsp, "SPI is reserved"));
  }
  Proposal lowest = esp(1, {cbc(192), kSha1, kEsn});
  lowest.spi = {0, 0, 1, 0};
  CHECK(choose({lowest}, kAllowedEsp, Ke::none).has_value());
  Proposal rekey = ike(1, {cbc(256), kPrfSha1, kSha1, kModp2048});
  rekey.spi = base::Bytes(8, 0);
  CHECK(refuses({rekey}, kAllowedIke, "SPI is reserved"));
  rekey.spi.back() = 1;
  CHECK(choose({rekey}, kAllowedIke, Ke::modp_2048).has_value());
}

TEST_CASE("A key exchange in a child is chosen only where both name it (RFC 7296 1.3.1)") {
  const Proposals pfs{ours(esp(0, {cbc(192), kSha1, kModp2048, kEsn}))};
  CHECK(choose({esp(1, {cbc(192), kSha1, kModp2048, kEsn})}, pfs, Ke::modp_2048)->ke == Ke::modp_2048);
  CHECK(refuses({esp(1, {cbc(192), kSha1, kEsn})}, pfs, "key exchange: offered nothing, allowed modp-2048"));
  CHECK(refuses({esp(1, {cbc(192), kSha1, kModp2048, kEsn})}, kAllowedEsp,
                "key exchange: offered modp-2048, allowed none"));
}

TEST_CASE("AH needs an integrity algorithm and holds no cipher (RFC 7296 3.3.3)") {
  const Proposals allowed{ours(ah(0, {kSha256, kEsn}))};
  const auto chosen = choose({ah(1, {kSha256, kEsn})}, allowed, Ke::none);
  REQUIRE(chosen.has_value());
  CHECK(chosen->cipher == crypto::CipherSpec{crypto::Encr::none, 0, crypto::Integ::hmac_sha2_256_128});
  refusal({ah(1, {kNoInteg, kEsn})}, allowed);
  refusal({ah(1, {kEsn})}, allowed);
  refusal({ah(1, {cbc(192), kSha256, kEsn})}, allowed);
}

TEST_CASE("Unknown algorithms and sizes are never chosen, and named by number (RFC 7296 3.3.6)") {
  CHECK(refuses({esp(1, {{TransformType::encr, 999, 256}, kSha1, kEsn})}, kAllowedEsp,
                "offered unknown (999)"));
  CHECK(refuses({esp(1, {cbc(192), {TransformType::integ, 60000}, kEsn})}, kAllowedEsp,
                "offered unknown (60000)"));
}

TEST_CASE("B041: 255 proposals of 255 transforms are refused in bounded time with a short reason") {
  Proposals offered;
  for (unsigned n = 1; n <= 255; ++n) {
    Proposal p = esp(static_cast<std::uint8_t>(n), {});
    for (std::uint16_t t = 0; t < 253; ++t)
      p.transforms.push_back({TransformType::encr, static_cast<std::uint16_t>(1000 + t)});
    p.transforms.push_back(kSha1);
    p.transforms.push_back(kEsn);
    offered.push_back(std::move(p));
  }
  const std::string reason = refusal(offered, kAllowedEsp);
  CHECK(reason.size() < 2000);
  CHECK(reason.find("more") != std::string::npos);
}

TEST_CASE("With nothing offered or nothing allowed nothing is chosen") {
  refusal({}, kAllowedEsp);
  refusal({esp(1, {cbc(192), kSha1, kEsn})}, {});
}
