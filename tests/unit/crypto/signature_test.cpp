#include "crypto/signature.h"

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>

#include "tests/support/pki.h"
#include "tests/unit/crypto/support.h"

using namespace crypto;
using crypto_test::hex;
using test_pki::key;
using test_pki::public_half;

namespace {

// SubjectPublicKeyInfo and PKCS #8 of an Edwards curve, RFC 8410 4 and 7.
base::Bytes ed_public(std::string_view oid, std::string_view octets) {
  const base::Bytes value = hex(octets);
  base::Bytes out{0x30, static_cast<std::uint8_t>(value.size() + 10), 0x30, 5, 6, 3};
  base::append(out, hex(oid));
  base::append(out, base::Bytes{3, static_cast<std::uint8_t>(value.size() + 1), 0});
  base::append(out, value);
  return out;
}
base::Bytes ed_private(std::string_view oid, std::string_view octets) {
  const base::Bytes value = hex(octets);
  base::Bytes out{0x30, static_cast<std::uint8_t>(value.size() + 14), 2, 1, 0, 0x30, 5, 6, 3};
  base::append(out, hex(oid));
  base::append(out, base::Bytes{4, static_cast<std::uint8_t>(value.size() + 2), 4,
                                static_cast<std::uint8_t>(value.size())});
  base::append(out, value);
  return out;
}

constexpr SignatureScheme kEd25519{SignatureKind::ed25519, Hash::identity, 0};
constexpr SignatureScheme kEd448{SignatureKind::ed448, Hash::identity, 0};

}  // namespace

TEST_CASE("Ed25519 signs as RFC 8032 7.1 TEST 2 says") {
  const auto secret = load_private_key(
      ed_private("2b6570", "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb"));
  REQUIRE(secret.has_value());
  const base::Bytes spki =
      ed_public("2b6570", "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c");
  CHECK((*secret)->spki() == spki);
  const base::Bytes signature =
      hex("92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c38"
          "7b2eaeb4302aeeb00d291612bb0c00");
  CHECK((*secret)->sign(kEd25519, hex("72"), test_pki::rng()).value() == signature);
  const auto half = load_public_key(spki).value();
  CHECK(half->verify(kEd25519, hex("72"), signature).has_value());
  CHECK(half->verify(kEd25519, hex("73"), signature).has_error());
}

TEST_CASE("Ed448 signs as RFC 8032 7.4 (1 octet) says") {
  const auto secret =
      load_private_key(ed_private("2b6571",
                                  "c4eab05d357007c632f3dbb48489924d552b08fe0c353a0d4a1f00acda2c463afbea67c5e8"
                                  "d2877c5e3bc397a659949ef8021e954e0a12274e"));
  REQUIRE(secret.has_value());
  const base::Bytes signature =
      hex("26b8f91727bd62897af15e41eb43c377efb9c610d48f2335cb0bd0087810f4352541b143c4b981b7e18f62de8ccdf633fc"
          "1bf037ab7cd779805e0dbcc0aae1cbcee1afb2e027df36bc04dcecbf154336c19f0af7e0a6472905e799f1953d2a0ff334"
          "8ab21aa4adafd1d234441cf807c03a00");
  CHECK((*secret)->sign(kEd448, hex("03"), test_pki::rng()).value() == signature);
  CHECK(load_public_key((*secret)->spki()).value()->verify(kEd448, hex("03"), signature).has_value());
}

TEST_CASE("an Ed25519 signature with s not below the order, and a key of small order, are refused (B091)") {
  const auto half = public_half(key("ed", KeyType::ed25519));
  base::Bytes signature = key("ed", KeyType::ed25519)->sign(kEd25519, hex("00"), test_pki::rng()).value();
  // s + L is the same number modulo L, and no signature (RFC 8032 5.1.7).
  const base::Bytes order = hex("edd3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010");
  unsigned carry = 0;
  for (std::size_t i = 0; i < 32; ++i) {
    carry += signature[32 + i] + order[i];
    signature[32 + i] = static_cast<std::uint8_t>(carry);
    carry >>= 8;
  }
  CHECK(half->verify(kEd25519, hex("00"), signature).has_error());
  CHECK(
      load_public_key(ed_public("2b6570", "0100000000000000000000000000000000000000000000000000000000000000"))
          .has_error());
}

TEST_CASE("every kind of key verifies what it has signed, and nothing else (B085)") {
  using enum KeyType;
  const auto [type, scheme] =
      GENERATE(table<KeyType, SignatureScheme>({{rsa, {SignatureKind::rsa_pkcs1, Hash::sha1, 0}},
                                                {rsa, {SignatureKind::rsa_pkcs1, Hash::sha2_256, 0}},
                                                {rsa, {SignatureKind::rsa_pkcs1, Hash::sha2_512, 0}},
                                                {rsa, {SignatureKind::rsa_pss, Hash::sha2_256, 32}},
                                                {rsa, {SignatureKind::rsa_pss, Hash::sha2_384, 48}},
                                                {ecdsa_256, {SignatureKind::ecdsa_raw, Hash::sha2_256, 0}},
                                                {ecdsa_384, {SignatureKind::ecdsa_raw, Hash::sha2_384, 0}},
                                                {ecdsa_521, {SignatureKind::ecdsa_raw, Hash::sha2_512, 0}},
                                                {ecdsa_256, {SignatureKind::ecdsa, Hash::sha2_256, 0}},
                                                {ecdsa_384, {SignatureKind::ecdsa, Hash::sha2_512, 0}},
                                                {ed25519, kEd25519},
                                                {ed448, kEd448}}));
  CAPTURE(name(scheme));
  const auto own = key("signer", type);
  const auto half = public_half(own);
  const base::Bytes message = hex("00112233");
  const base::Bytes signature = own->sign(scheme, message, test_pki::rng()).value();
  CHECK(half->verify(scheme, message, signature).has_value());
  CHECK(half->verify(scheme, hex("00112234"), signature).has_error());
  base::Bytes changed = signature;
  changed[changed.size() / 2] ^= 1;
  CHECK(half->verify(scheme, message, changed).has_error());
  changed = signature;
  changed.push_back(0);
  CHECK(half->verify(scheme, message, changed).has_error());
  CHECK(half->verify(scheme, message, {}).has_error());
  CHECK(half->verify(scheme, message, base::Bytes(signature.size(), 0)).has_error());
  CHECK(half->verify(scheme, message, base::Bytes(signature.size(), 0xff)).has_error());
  CHECK(public_half(key("another", type))->verify(scheme, message, signature).has_error());
}

TEST_CASE(
    "raw ECDSA signatures have a fixed length (RFC 4754 3), and neither form passes for the other (B090)") {
  const SignatureScheme raw{SignatureKind::ecdsa_raw, Hash::sha2_256, 0},
      der{SignatureKind::ecdsa, Hash::sha2_256, 0};
  const auto own = key("signer", KeyType::ecdsa_256);
  for (int i = 0; i < 20; ++i) CHECK(own->sign(raw, hex("01"), test_pki::rng()).value().size() == 64);
  CHECK(key("signer", KeyType::ecdsa_521)
            ->sign({SignatureKind::ecdsa_raw, Hash::sha2_512, 0}, hex("01"), test_pki::rng())
            .value()
            .size() == 132);
  const auto half = public_half(own);
  CHECK(half->verify(raw, hex("01"), own->sign(der, hex("01"), test_pki::rng()).value()).has_error());
  CHECK(half->verify(der, hex("01"), own->sign(raw, hex("01"), test_pki::rng()).value()).has_error());
  CHECK_FALSE(fits(raw, KeyType::ecdsa_384));
}

TEST_CASE("a signature says which hash it is made with: another one does not verify (B086)") {
  const auto own = key("signer", KeyType::rsa);
  const auto half = public_half(own);
  const SignatureScheme sha1{SignatureKind::rsa_pkcs1, Hash::sha1, 0},
      sha2{SignatureKind::rsa_pkcs1, Hash::sha2_256, 0};
  CHECK(half->verify(sha2, hex("01"), own->sign(sha1, hex("01"), test_pki::rng()).value()).has_error());
  CHECK(half->verify(
                {SignatureKind::rsa_pss, Hash::sha2_256, 32}, hex("01"),
                own->sign({SignatureKind::rsa_pss, Hash::sha2_256, 20}, hex("01"), test_pki::rng()).value())
            .has_error());
}

TEST_CASE("AlgorithmIdentifiers are those of RFC 7427 A and RFC 8420 A, and are read again") {
  CHECK(algorithm_identifier({SignatureKind::rsa_pkcs1, Hash::sha2_256, 0}) ==
        hex("300d06092a864886f70d01010b0500"));
  CHECK(algorithm_identifier({SignatureKind::rsa_pkcs1, Hash::sha1, 0}) ==
        hex("300d06092a864886f70d0101050500"));
  CHECK(algorithm_identifier({SignatureKind::ecdsa, Hash::sha2_256, 0}) == hex("300a06082a8648ce3d040302"));
  CHECK(algorithm_identifier({SignatureKind::ecdsa, Hash::sha2_512, 0}) == hex("300a06082a8648ce3d040304"));
  CHECK(algorithm_identifier(kEd25519) == hex("300506032b6570"));
  CHECK(algorithm_identifier(kEd448) == hex("300506032b6571"));
  const SignatureScheme pss{SignatureKind::rsa_pss, Hash::sha2_256, 32};
  CHECK(algorithm_identifier(pss) ==
        hex("304106092a864886f70d01010a3034a00f300d06096086480165030402010500a11c301a06092a864886f70d010108"
            "300d06096086480165030402010500a203020120"));
  for (const auto& scheme :
       {pss, kEd25519, kEd448, SignatureScheme{SignatureKind::rsa_pkcs1, Hash::sha2_384, 0},
        SignatureScheme{SignatureKind::rsa_pss, Hash::sha2_512, 64}}) {
    CHECK(parse_algorithm_identifier(algorithm_identifier(scheme)).value() == scheme);
  }
}

TEST_CASE("RSASSA-PSS with strange parameters is refused before anything is computed (B088, B089)") {
  const auto parse = [](std::string_view text) { return parse_algorithm_identifier(hex(text)); };
  const auto reason = [&](std::string_view text) {
    return parse(text).has_error() ? parse(text).error().reason : "";
  };
  // No parameters at all would mean SHA-1.
  CHECK(parse("300d06092a864886f70d01010a3000").value().hash == Hash::sha1);
  CHECK(parse("300b06092a864886f70d01010a").has_error());
  // A salt of 2^16, of 65, and a negative one.
  CHECK(reason("301406092a864886f70d01010a3007a20502030100"
               "00")
            .find("salt") != std::string::npos);
  CHECK(parse("301206092a864886f70d01010a3005a203020141").has_error());
  CHECK(parse("301206092a864886f70d01010a3005a2030201ff").has_error());
  // The hash is SHA2-256, that of MGF1 is left out (SHA-1).
  CHECK(reason("301e06092a864886f70d01010a3011a00f300d06096086480165030402010500") ==
        "RSASSA-PSS with two different hashes");
  // A trailer of 2, octets behind, a hash that is not known.
  CHECK(parse("301206092a864886f70d01010a3005a303020102").has_error());
  CHECK(parse("300506032b657000").has_error());
  CHECK(parse("300506032b657a").has_error());
  CHECK(parse("").has_error());
  CHECK(parse("3080").has_error());
}

TEST_CASE(
    "keys that are too short, have a small exponent, or spell out their curve are refused (B086, B087, "
    "B090)") {
  // RSA of 1024 bits, and one of 2048 bits with e = 3: an odd modulus is all that is needed here.
  const auto rsa = [](std::size_t octets, std::string_view exponent) {
    base::Bytes n(octets, 0xc5);
    const auto item = [](std::uint8_t tag, const base::Bytes& content) {
      base::Bytes out{tag, 0x82, static_cast<std::uint8_t>(content.size() >> 8),
                      static_cast<std::uint8_t>(content.size())};
      if (content.size() < 128) out = {tag, static_cast<std::uint8_t>(content.size())};
      base::append(out, content);
      return out;
    };
    n.insert(n.begin(), 0);
    base::Bytes numbers = item(2, n);
    base::append(numbers, hex(exponent));
    base::Bytes bits = item(0x30, numbers);
    bits.insert(bits.begin(), 0);
    base::Bytes body = hex("300d06092a864886f70d0101010500");
    base::append(body, item(3, bits));
    return item(0x30, body);
  };
  CHECK(load_public_key(rsa(256, "0203010001")).has_value());
  CHECK(load_public_key(rsa(128 + 64, "0203010001")).has_error());
  CHECK(load_public_key(rsa(256, "020103")).has_error());
  CHECK(load_public_key(rsa(256, "020101")).has_error());
  CHECK(load_public_key(rsa(2048, "0203010001")).has_error());
  CHECK(make_private_key({KeyType::rsa, 1024}, test_pki::rng()).has_error());
  CHECK(load_public_key(hex("3003020100")).has_error());
  CHECK(load_public_key({}).has_error());
}

TEST_CASE("a private key is written as PKCS #8 and read again; what is no key says so") {
  for (const auto type : {KeyType::rsa, KeyType::ecdsa_384, KeyType::ed25519, KeyType::ed448}) {
    const auto own = key("file", type);
    const base::SecretBytes pem = own->pem();
    CHECK(base::as_text(pem).starts_with("-----BEGIN PRIVATE KEY-----"));
    const auto again = load_private_key(pem);
    REQUIRE(again.has_value());
    CHECK((*again)->spki() == own->spki());
  }
  const auto reason = [](std::string_view text) {
    return load_private_key(base::as_bytes(text)).error().reason;
  };
  CHECK(reason("hello") == "it is no private key: neither PEM nor DER");
  CHECK(reason("-----BEGIN CERTIFICATE-----\nAA==\n-----END CERTIFICATE-----\n") ==
        "there is no private key in it");
  CHECK(reason("-----BEGIN ENCRYPTED PRIVATE KEY-----\nAA==\n-----END ENCRYPTED PRIVATE KEY-----\n") ==
        "the private key is encrypted: store it without a passphrase");
  CHECK_FALSE(reason("-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n").empty());
}
