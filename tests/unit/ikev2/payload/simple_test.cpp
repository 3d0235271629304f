// CERT, CERTREQ, AUTH, Nonce, V, CP, EAP: payloads of few fields.
#include <catch2/catch_test_macros.hpp>

#include "ikev2/payload/payload.h"
#include "tests/unit/ikev2/octets.h"

using namespace ikev2;
using test::hex, test::malformed;

TEST_CASE("CERT and CERTREQ carry an encoding and octets, and are written the same (RFC 7296 3.6, 3.7)") {
  const auto cert = parse_cert(base::Reader(hex("04 3082")));
  REQUIRE(cert.has_value());
  CHECK(cert->encoding == 4);
  CHECK(cert->data == hex("3082"));
  CHECK(test::written(*cert) == hex("043082"));
  const auto request = parse_certreq(base::Reader(hex("04 aabb")));
  REQUIRE(request.has_value());
  CHECK(request->authorities == hex("aabb"));
  CHECK(test::written(*request) == hex("04aabb"));
  CHECK(malformed(parse_cert(base::Reader({})), "encoding"));
  CHECK(malformed(parse_certreq(base::Reader({})), "encoding"));
}

TEST_CASE("AUTH carries a method and data; its reserved octets are ignored and sent as zero (RFC 7296 3.8)") {
  const auto auth = parse_auth(base::Reader(hex("02 ffffff aabbcc")));
  REQUIRE(auth.has_value());
  CHECK(auth->method == AuthMethod::shared_key_mic);
  CHECK(auth->data == hex("aabbcc"));
  CHECK(test::written(*auth) == hex("02000000aabbcc"));
  CHECK(malformed(parse_auth(base::Reader(hex("0200"))), "reserved"));
  CHECK(malformed(parse_auth(base::Reader({})), "method"));
}

TEST_CASE("B056: Nonces of 16 to 256 octets are read, shorter and longer ones are malformed (RFC 7296 3.9)") {
  for (const std::size_t size : {16u, 32u, 256u}) {
    const base::Bytes wire(size, 7);
    const auto nonce = parse_nonce(base::Reader(wire));
    REQUIRE(nonce.has_value());
    CHECK(test::written(*nonce) == wire);
  }
  for (const std::size_t size : {0u, 1u, 15u, 257u, 1000u}) {
    const base::Bytes wire(size, 7);
    CHECK(malformed(parse_nonce(base::Reader(wire)), "16 to 256"));
  }
}

TEST_CASE("B029: A vendor ID of any length is read and written (RFC 7296 3.12)") {
  for (const std::size_t size : {0u, 1u, 16u, 65000u}) {
    const base::Bytes wire(size, 9);
    CHECK(test::written(*parse_vendor(base::Reader(wire))) == wire);
  }
}

TEST_CASE(
    "B124: CP is kept whole when its attributes fit, and malformed when one passes the end (RFC 7296 3.15)") {
  const base::Bytes request = hex("01000000 00010000 00030004 08080808");
  CHECK(test::written(*parse_cp(base::Reader(request))) == request);
  CHECK(parse_cp(base::Reader(hex("02000000"))).has_value());
  CHECK(malformed(parse_cp(base::Reader(hex("010000"))), "configuration type"));
  CHECK(malformed(parse_cp(base::Reader(hex("01000000 0001"))), "attribute length"));
  CHECK(malformed(parse_cp(base::Reader(hex("01000000 00010005 01020304"))), "attribute value"));
}

TEST_CASE("EAP is kept whole when its length is that of the payload, else malformed (RFC 7296 3.16)") {
  const base::Bytes request = hex("01 07 0005 01");
  CHECK(test::written(*parse_eap(base::Reader(request))) == request);
  CHECK(malformed(parse_eap(base::Reader(hex("01070006 01"))), "EAP length"));
  CHECK(malformed(parse_eap(base::Reader(hex("01070004 01"))), "EAP length"));
  CHECK(malformed(parse_eap(base::Reader(hex("010700"))), "EAP length"));
}

TEST_CASE("Every payload knows its type") {
  CHECK(type_of(SaPayload{}) == PayloadType::sa);
  CHECK(type_of(IdPayload{PayloadType::idr, {}, {}}) == PayloadType::idr);
  CHECK(type_of(TsPayload{PayloadType::tsr, {}, 0}) == PayloadType::tsr);
  CHECK(type_of(UnknownPayload{static_cast<PayloadType>(200), false, {}}) == static_cast<PayloadType>(200));
}
