#include "ikev2/message/rules.h"

#include <catch2/catch_test_macros.hpp>

#include "tests/unit/ikev2/octets.h"

using namespace ikev2;
using test::asks_for, test::hex, test::malformed;

namespace {

const SaPayload kIkeSa{{{1, ProtocolId::ike, {}, {{TransformType::ke, 31}}}}};
const SaPayload kIkeRekey{{{1, ProtocolId::ike, base::Bytes(8, 1), {{TransformType::ke, 31}}}}};
const SaPayload kEspSa{{{1, ProtocolId::esp, base::Bytes(4, 1), {{TransformType::encr, 28}}}}};
const KePayload kKe{crypto::Ke::curve25519, base::Bytes(32, 1)};
const NoncePayload kNonce{base::Bytes(16, 1)};
const IdPayload kIdi{PayloadType::idi, {IdType::fqdn, {0x61}}, {}};
const IdPayload kIdr{PayloadType::idr, {IdType::fqdn, {0x62}}, {}};
const AuthPayload kAuth{AuthMethod::shared_key_mic, {1}};
const TsPayload kTsi{PayloadType::tsi, {}, 0};
const TsPayload kTsr{PayloadType::tsr, {}, 0};
const CpPayload kCp{{1, 0, 0, 0}};
const EapPayload kEap{{1, 1, 0, 4}};
const DeletePayload kDelete{ProtocolId::ike, {}};
const VendorPayload kVendor{};
const NotifyPayload kStatus{NotifyType::initial_contact, {}, {}, {}};

NotifyPayload notify(NotifyType type) { return {type, ProtocolId::none, {}, {}}; }
UnknownPayload unknown(std::uint8_t type, bool critical) {
  return {static_cast<PayloadType>(type), critical, {}};
}

base::Status check(ExchangeType exchange, bool response, std::vector<Payload> payloads) {
  Header header;
  header.exchange = exchange;
  header.response = response;
  return check_rules({header, std::move(payloads)});
}
base::Status request(ExchangeType exchange, std::vector<Payload> payloads) {
  return check(exchange, false, std::move(payloads));
}
base::Status response(ExchangeType exchange, std::vector<Payload> payloads) {
  return check(exchange, true, std::move(payloads));
}
bool bad_syntax(const base::Status& status, std::string_view words) {
  return malformed(status, words) && asks_for(status, NotifyType::invalid_syntax);
}

constexpr auto kInit = ExchangeType::ike_sa_init;
constexpr auto kIkeAuth = ExchangeType::ike_auth;
constexpr auto kCreate = ExchangeType::create_child_sa;
constexpr auto kInformational = ExchangeType::informational;

}  // namespace

TEST_CASE(
    "An IKE_SA_INIT request holds SA, KE and Nonce, and any of them missing is refused (RFC 7296 1.2)") {
  CHECK(request(kInit, {kIkeSa, kKe, kNonce, kStatus, kVendor}).has_value());
  CHECK(bad_syntax(request(kInit, {kKe, kNonce}), "no SA payload"));
  CHECK(bad_syntax(request(kInit, {kIkeSa, kNonce}), "no KE payload"));
  CHECK(bad_syntax(request(kInit, {kIkeSa, kKe}), "no Nonce payload"));
  CHECK(bad_syntax(request(kInit, {}), "no SA payload"));
}

TEST_CASE("An IKE_SA_INIT response holds SA, KE and Nonce, and may ask for certificates (RFC 7296 1.2)") {
  CHECK(response(kInit, {kIkeSa, kKe, kNonce, CertReqPayload{}, CertReqPayload{}}).has_value());
  CHECK(bad_syntax(response(kInit, {kIkeSa, kKe}), "no Nonce payload"));
  CHECK(bad_syntax(response(kInit, {kStatus}), "no SA payload"));
}

TEST_CASE("An answer with COOKIE or an error needs nothing else (RFC 7296 1.2, 2.6, 2.7)") {
  CHECK(response(kInit, {notify(NotifyType::cookie)}).has_value());
  CHECK(response(kInit, {notify(NotifyType::invalid_ke_payload)}).has_value());
  CHECK(response(kInit, {notify(NotifyType::no_proposal_chosen)}).has_value());
  CHECK(response(kIkeAuth, {notify(NotifyType::authentication_failed)}).has_value());
  CHECK(response(kIkeAuth, {kIdr, kAuth, notify(NotifyType::ts_unacceptable)}).has_value());
  CHECK(response(kCreate, {notify(NotifyType::temporary_failure)}).has_value());
  CHECK(bad_syntax(response(kCreate, {notify(NotifyType::cookie)}), "no SA payload"));
}

TEST_CASE("A request with an error notify or COOKIE still needs its payloads (RFC 7296 1.2)") {
  CHECK(bad_syntax(request(kInit, {notify(NotifyType::invalid_syntax)}), "no SA payload"));
  CHECK(bad_syntax(request(kInit, {notify(NotifyType::cookie), kKe, kNonce}), "no SA payload"));
}

TEST_CASE(
    "B022: Payloads of which there can be one are refused when they stand twice (RFC 7296 1.2, 3.5, 3.8)") {
  CHECK(bad_syntax(request(kInit, {kIkeSa, kIkeSa, kKe, kNonce}), "more than one SA"));
  CHECK(bad_syntax(request(kInit, {kIkeSa, kKe, kKe, kNonce}), "more than one KE"));
  CHECK(bad_syntax(request(kInit, {kIkeSa, kKe, kNonce, kNonce}), "more than one Nonce"));
  const std::vector<Payload> whole{kIdi, kIdr, kAuth, kCp, kEap, kEspSa, kTsi, kTsr};
  REQUIRE(request(kIkeAuth, whole).has_value());
  for (const Payload& payload : whole) {
    auto twice = whole;
    twice.push_back(payload);
    CHECK(bad_syntax(request(kIkeAuth, twice), "more than one " + name(type_of(payload))));
  }
  CHECK(bad_syntax(request(kIkeAuth, {kIdi, AuthPayload{static_cast<AuthMethod>(0), {}}, kAuth}),
                   "more than one AUTH"));
  CHECK(bad_syntax(request(kInformational, {kCp, kCp}), "more than one CP"));
}

TEST_CASE("B022: An answer with an error is refused, too, when a payload stands twice (RFC 7296 3.8)") {
  CHECK(bad_syntax(response(kIkeAuth, {kAuth, kAuth, notify(NotifyType::ts_unacceptable)}),
                   "more than one AUTH"));
}

TEST_CASE("B026: Payloads are accepted in any order (RFC 7296 2.5)") {
  CHECK(request(kInit, {kNonce, kVendor, kKe, kStatus, kIkeSa}).has_value());
  CHECK(request(kIkeAuth, {kAuth, kTsr, kTsi, kEspSa, kIdr, kIdi}).has_value());
  CHECK(request(kCreate, {kTsr, kTsi, kNonce, kEspSa}).has_value());
}

TEST_CASE("A payload where it must not stand is refused (RFC 7296 1.2 to 1.4)") {
  CHECK(bad_syntax(request(kInit, {kIkeSa, kKe, kNonce, kAuth}), "AUTH payload must not stand"));
  CHECK(bad_syntax(request(kInit, {kIkeSa, kKe, kNonce, kIdi}), "IDi payload must not stand"));
  CHECK(bad_syntax(request(kInit, {kIkeSa, kKe, kNonce, kTsi, kTsr}), "TSi payload must not stand"));
  CHECK(bad_syntax(response(kIkeAuth, {kIdi, kAuth}), "IDi payload must not stand"));
  CHECK(bad_syntax(request(kIkeAuth, {kIdi, kAuth, kNonce}), "Nonce payload must not stand"));
  CHECK(bad_syntax(request(kCreate, {kEspSa, kNonce, kAuth}), "AUTH payload must not stand"));
  CHECK(bad_syntax(request(kInformational, {kEspSa}), "SA payload must not stand"));
}

TEST_CASE("A first IKE_AUTH request holds IDi, a later one EAP or AUTH (RFC 7296 1.2, 2.16)") {
  CHECK(request(kIkeAuth, {kIdi, kAuth, kEspSa, kTsi, kTsr}).has_value());
  CHECK(request(kIkeAuth, {kIdi, kEspSa, kTsi, kTsr}).has_value());  // no AUTH: EAP is asked for
  CHECK(request(kIkeAuth, {kEap}).has_value());
  CHECK(request(kIkeAuth, {kAuth}).has_value());
  CHECK(bad_syntax(request(kIkeAuth, {kEspSa, kTsi, kTsr}), "no IDi payload"));
  CHECK(bad_syntax(request(kIkeAuth, {}), "no IDi payload"));
}

TEST_CASE("B025: SA, TSi and TSr stand together in IKE_AUTH or not at all (RFC 7296 1.2, RFC 6023)") {
  CHECK(request(kIkeAuth, {kIdi, kAuth}).has_value());
  CHECK(bad_syntax(request(kIkeAuth, {kIdi, kAuth, kTsi, kTsr}), "SA and the traffic selectors"));
  CHECK(bad_syntax(request(kIkeAuth, {kIdi, kAuth, kEspSa}), "SA and the traffic selectors"));
  CHECK(bad_syntax(request(kIkeAuth, {kIdi, kAuth, kEspSa, kTsi}), "TSi and TSr"));
  CHECK(bad_syntax(request(kIkeAuth, {kIdi, kAuth, kEspSa, kTsr}), "TSi and TSr"));
  CHECK(bad_syntax(response(kIkeAuth, {kIdr, kAuth, kEspSa, kTsi}), "TSi and TSr"));
  CHECK(response(kIkeAuth, {kIdr, kAuth, kEspSa, kTsi, kTsr}).has_value());
}

TEST_CASE("CREATE_CHILD_SA holds SA and Nonce, and both selectors or none (RFC 7296 1.3)") {
  CHECK(request(kCreate, {kEspSa, kNonce, kTsi, kTsr}).has_value());
  CHECK(request(kCreate, {kIkeRekey, kNonce, kKe}).has_value());
  CHECK(response(kCreate, {kIkeRekey, kNonce, kKe}).has_value());
  CHECK(bad_syntax(request(kCreate, {kNonce, kTsi, kTsr}), "no SA payload"));
  CHECK(bad_syntax(request(kCreate, {kEspSa, kTsi, kTsr}), "no Nonce payload"));
  CHECK(bad_syntax(request(kCreate, {kEspSa, kNonce, kTsi}), "TSi and TSr"));
  CHECK(bad_syntax(response(kCreate, {kEspSa}), "no Nonce payload"));
}

TEST_CASE("INFORMATIONAL may be empty, or hold notifies, deletes and one CP (RFC 7296 1.4)") {
  CHECK(request(kInformational, {}).has_value());
  CHECK(response(kInformational, {}).has_value());
  CHECK(request(kInformational, {kDelete, kDelete, kStatus, kCp}).has_value());
}

TEST_CASE("B118: A DELETE outside INFORMATIONAL is passed over (RFC 7296 1.4)") {
  CHECK(request(kIkeAuth, {kIdi, kAuth, kDelete}).has_value());
  CHECK(request(kInit, {kIkeSa, kKe, kNonce, kDelete}).has_value());
}

TEST_CASE("B017: An unknown payload without the critical bit is skipped (RFC 7296 2.5)") {
  CHECK(request(kInit, {unknown(200, false), kIkeSa, unknown(1, false), kKe, kNonce}).has_value());
  CHECK(request(kInformational, {unknown(255, false)}).has_value());
}

TEST_CASE(
    "An unknown critical payload is refused with UNSUPPORTED_CRITICAL_PAYLOAD and its type (RFC 7296 2.5)") {
  for (const std::uint8_t type : std::initializer_list<std::uint8_t>{1, 32, 49, 52, 54, 255}) {
    const auto status = request(kInit, {kIkeSa, unknown(200, false), unknown(type, true), kKe, kNonce});
    REQUIRE(status.has_error());
    CHECK(status.error().family == base::ErrorFamily::malformed);
    CHECK(asks_for(status, NotifyType::unsupported_critical_payload));
    CHECK(status.error().notify_data == base::Bytes{type});
  }
  CHECK(response(kIkeAuth, {unknown(200, true), notify(NotifyType::authentication_failed)}).has_error());
}

TEST_CASE("B031: The SPI of an IKE proposal is empty at first and has eight octets later (RFC 7296 3.3.1)") {
  CHECK(bad_syntax(request(kInit, {kIkeRekey, kKe, kNonce}), "SPI of 8 octets"));
  CHECK(bad_syntax(response(kInit, {kIkeRekey, kKe, kNonce}), "SPI of 8 octets"));
  CHECK(bad_syntax(request(kCreate, {kIkeSa, kNonce, kKe}), "SPI of 0 octets"));
}

TEST_CASE("B008: Exchanges that we do not speak are refused (RFC 7296 3.1)") {
  for (const int exchange : {0, 33, 38, 43, 44, 240, 255}) {
    CHECK(bad_syntax(request(static_cast<ExchangeType>(exchange), {}), "not spoken"));
  }
}
