#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>

#include "crypto/certificate.h"
#include "tests/support/pki.h"

using namespace test_pki;
using Catch::Matchers::ContainsSubstring;
using crypto::CertificatePtr;

namespace {

std::string failure(const CertificatePtr& leaf, const std::vector<CertificatePtr>& others,
                    const crypto::Trust& trust, std::int64_t now = kNow) {
  const base::Status status = crypto::validate_chain(leaf, others, trust, now);
  return status.has_error() ? status.error().reason : "";
}

// A root, an intermediate CA, and a host below it.
struct Chain {
  crypto::Issuer root = authority("O=Test,CN=Root");
  crypto::Issuer middle = authority("O=Test,CN=Middle", &root);
  CertificatePtr leaf = certify(host_request("left.test"), key("left"), &middle);
  crypto::Trust trust{{root.certificate}, {}};
};

crypto::RevocationListPtr list(const crypto::Issuer& issuer, const std::vector<CertificatePtr>& revoked,
                               std::int64_t from = kNow - kDay, std::int64_t until = kNow + kDay) {
  std::vector<base::Bytes> serials;
  for (const auto& certificate : revoked) serials.push_back(certificate->contents().serial);
  return crypto::load_revocation_list(
             crypto::make_revocation_list(issuer, serials, from, until, rng()).value())
      .value();
}

}  // namespace

TEST_CASE("a chain over an intermediate CA is believed, in whatever order the rest comes") {
  const Chain c;
  CHECK(failure(c.leaf, {c.middle.certificate}, c.trust).empty());
  CHECK(failure(c.leaf, {c.root.certificate, c.middle.certificate}, c.trust).empty());
  CHECK(failure(c.leaf, {c.leaf, c.middle.certificate, c.middle.certificate}, c.trust).empty());
}

TEST_CASE("an intermediate CA may be the one that is believed") {
  const Chain c;
  CHECK(failure(c.leaf, {}, {{c.middle.certificate}, {}}).empty());
}

TEST_CASE("every kind of key can be a CA's and a host's") {
  using enum crypto::KeyType;
  for (const auto type : {rsa, ecdsa_256, ecdsa_384, ecdsa_521, ed25519, ed448}) {
    CAPTURE(static_cast<int>(type));
    const Key own = key("any CA", type);
    const crypto::Issuer ca{certify(ca_request("CN=Any"), own), own};
    const auto leaf = certify(host_request("left.test"), key("any host", type), &ca);
    CHECK(leaf->contents().key->info().type == type);
    CHECK(failure(leaf, {}, {{ca.certificate}, {}}).empty());
  }
}

TEST_CASE("without its intermediate certificate the reason names the CA that is missing") {
  const Chain c;
  CHECK_THAT(
      failure(c.leaf, {}, c.trust),
      ContainsSubstring("certificate CN=left.test is issued by O=Test,CN=Middle, which is none of our CAs"));
}

TEST_CASE("an unknown CA, and one that only has the name of ours, are refused") {
  const Chain c;
  const crypto::Issuer other = authority("CN=Other");
  CHECK_THAT(failure(certify(host_request("left.test"), key("left"), &other), {other.certificate}, c.trust),
             ContainsSubstring("certificate CN=Other is issued by CN=Other, which is none of our CAs"));
  const Key forged_key = key("forger");
  const crypto::Issuer forged{certify(ca_request("O=Test,CN=Root"), forged_key), forged_key};
  CHECK_FALSE(failure(certify(host_request("left.test"), key("left"), &forged), {forged.certificate}, c.trust)
                  .empty());
}

TEST_CASE("a certificate that has expired, or is not yet valid, is refused with the date (B093)") {
  const Chain c;
  CHECK_THAT(failure(c.leaf, {c.middle.certificate}, c.trust, kNow + 400 * kDay),
             ContainsSubstring("certificate CN=left.test has expired on 2028-01-15 08:00:00 UTC"));
  CHECK_THAT(failure(c.leaf, {c.middle.certificate}, c.trust, kNow - 2 * kDay),
             ContainsSubstring("certificate CN=left.test is not valid before 2027-01-14 08:00:00 UTC"));
  auto late = ca_request("CN=Late");
  late.not_after = kNow + 10;
  const crypto::Issuer ca{certify(late, key("late")), key("late")};
  CHECK_THAT(
      failure(certify(host_request("left.test"), key("left"), &ca), {}, {{ca.certificate}, {}}, kNow + 11),
      ContainsSubstring("certificate CN=Late has expired on 2027-01-15 08:00:10 UTC"));
}

TEST_CASE("dates beyond 2038 and beyond 2050 are read right (B093)") {
  auto far = host_request("left.test");
  far.not_before = 2'600'000'000;  // 2052
  far.not_after = 32'503'679'999;  // 2999-12-31 23:59:59
  const auto certificate = certify(far, key("left"));
  CHECK(certificate->contents().not_before == 2'600'000'000);
  CHECK(certificate->contents().not_after == 32'503'679'999);
  CHECK(crypto::date_text(253'402'300'799) == "9999-12-31 23:59:59 UTC");
  CHECK(crypto::date_text(951'782'400) == "2000-02-29 00:00:00 UTC");
  CHECK(crypto::date_text(2'147'483'648) == "2038-01-19 03:14:08 UTC");
}

TEST_CASE("a certificate without the CA bit, or without keyCertSign, issues nothing (B092)") {
  const Chain c;
  const crypto::Issuer host{c.leaf, key("left")};
  CHECK_THAT(failure(certify(host_request("evil.test"), key("evil"), &host), {c.leaf, c.middle.certificate},
                     c.trust),
             ContainsSubstring("certificate CN=left.test is not that of a CA"));
  auto lame = ca_request("CN=Lame");
  lame.key_usage = crypto::kDigitalSignature;
  const crypto::Issuer ca{certify(lame, key("lame"), &c.root), key("lame")};
  CHECK_THAT(failure(certify(host_request("a.test"), key("left"), &ca), {ca.certificate}, c.trust),
             ContainsSubstring("certificate CN=Lame may not issue others"));
}

TEST_CASE("a path that is longer than a CA allows is refused (B092)") {
  auto short_root = ca_request("CN=Short");
  short_root.path_length = 0;
  const crypto::Issuer root{certify(short_root, key("short")), key("short")};
  CHECK(failure(certify(host_request("a.test"), key("left"), &root), {}, {{root.certificate}, {}}).empty());
  const crypto::Issuer below = authority("CN=Below", &root);
  CHECK_THAT(failure(certify(host_request("a.test"), key("left"), &below), {below.certificate},
                     {{root.certificate}, {}}),
             ContainsSubstring("certificate CN=Short allows 0 CAs below it, and there are 1"));
}

TEST_CASE("a chain that goes in circles, or is too long, ends (B092)") {
  const Chain c;
  // Two CAs that have signed each other, and neither is known.
  const Key a = key("loop a"), b = key("loop b");
  const crypto::Issuer first{certify(ca_request("CN=A"), a), a};
  const crypto::Issuer second{certify(ca_request("CN=B"), b, &first), b};
  const auto first_by_second = certify(ca_request("CN=A"), a, &second);
  const crypto::Issuer looped{first_by_second, a};
  CHECK_FALSE(failure(certify(host_request("a.test"), key("left"), &looped),
                      {first_by_second, second.certificate}, c.trust)
                  .empty());
  std::vector<CertificatePtr> others;
  crypto::Issuer last = c.root;
  for (int i = 0; i < 8; ++i) {
    last = authority("CN=Step " + std::to_string(i), &last);
    others.push_back(last.certificate);
  }
  CHECK_THAT(failure(certify(host_request("a.test"), key("left"), &last), others, c.trust),
             ContainsSubstring("has no chain of at most 8 certificates"));
  CHECK_FALSE(failure(c.leaf, std::vector<CertificatePtr>(9, c.middle.certificate), c.trust).empty());
}

TEST_CASE("a certificate for other purposes is refused (RFC 4945 5.1.3)") {
  const Chain c;
  auto wrong = host_request("left.test");
  wrong.key_usage = crypto::kKeyCertSign;
  CHECK_THAT(failure(certify(wrong, key("left"), &c.root), {}, c.trust),
             ContainsSubstring("may not sign: its key usage lacks digitalSignature"));
  wrong = host_request("left.test");
  wrong.extended_usage = {"1.3.6.1.5.5.7.3.3"};  // codeSigning
  CHECK_THAT(failure(certify(wrong, key("left"), &c.root), {}, c.trust), ContainsSubstring("is not for IKE"));
  wrong.extended_usage.emplace_back("1.3.6.1.5.5.7.3.17");  // ipsecIKE
  CHECK(failure(certify(wrong, key("left"), &c.root), {}, c.trust).empty());
}

TEST_CASE("a critical extension that is not known makes a certificate unbelievable (B094)") {
  const Chain c;
  auto strange = host_request("left.test");
  strange.unknown_critical = {"1.2.3.4.5"};
  CHECK_THAT(failure(certify(strange, key("left"), &c.root), {}, c.trust),
             ContainsSubstring("has a critical extension that is not known: 1.2.3.4.5"));
}

TEST_CASE("name constraints hold for every kind of name, whatever its letter case (B095)") {
  auto request = ca_request("CN=Narrow");
  request.constraints.permitted.dns = {"inside.test"};
  request.constraints.permitted.email = {"inside.test"};
  request.constraints.permitted.ip = {{10, 0, 0, 0, 255, 0, 0, 0}};
  request.constraints.excluded.dns = {"secret.inside.test"};
  const crypto::Issuer ca{certify(request, key("narrow")), key("narrow")};
  const crypto::Trust trust{{ca.certificate}, {}};
  const auto try_names = [&](const crypto::GeneralNames& wanted) {
    auto leaf = test_pki::request("O=Leaf");
    leaf.names = wanted;
    return failure(certify(leaf, key("left"), &ca), {}, trust);
  };
  CHECK(try_names(names({"a.Inside.TEST", "inside.test"})).empty());
  CHECK_THAT(try_names(names({"a.outside.test"})),
             ContainsSubstring("its name a.outside.test is not among those"));
  CHECK_FALSE(try_names(names({"notinside.test"})).empty());
  CHECK_FALSE(try_names(names({"a.inside.test", "evil.test"})).empty());
  CHECK_THAT(try_names(names({"a.SECRET.inside.test"})), ContainsSubstring("must not certify"));
  CHECK(try_names(names({}, {"a@INSIDE.test"})).empty());
  CHECK_FALSE(try_names(names({}, {"a@sub.inside.test"})).empty());
  CHECK(try_names(names({}, {}, {{10, 1, 2, 3}})).empty());
  CHECK_FALSE(try_names(names({}, {}, {{11, 1, 2, 3}})).empty());
  CHECK_FALSE(
      try_names(names({}, {}, {base::Bytes(16, 1)})).empty());  // IPv6, and only an IPv4 network is permitted
  // Without a subjectAltName, the CN is what would be compared: it must keep to them as well.
  CHECK_FALSE(
      failure(certify(test_pki::request("CN=www.outside.test"), key("left"), &ca), {}, trust).empty());
}

TEST_CASE("a revoked certificate is refused, of the leaf as of an intermediate CA (B096)") {
  Chain c;
  c.trust.revoked = {list(c.middle, {})};
  CHECK(failure(c.leaf, {c.middle.certificate}, c.trust).empty());
  c.trust.revoked = {list(c.middle, {c.leaf})};
  CHECK_THAT(failure(c.leaf, {c.middle.certificate}, c.trust),
             ContainsSubstring("certificate CN=left.test is revoked"));
  c.trust.revoked = {list(c.middle, {}), list(c.root, {c.middle.certificate})};
  CHECK_THAT(failure(c.leaf, {c.middle.certificate}, c.trust),
             ContainsSubstring("certificate O=Test,CN=Middle is revoked"));
}

TEST_CASE("a CRL that has ended, is missing, or is not signed by the CA lets nobody in (B096)") {
  Chain c;
  c.trust.revoked = {list(c.middle, {}, kNow - 2 * kDay, kNow - kDay)};
  CHECK_THAT(failure(c.leaf, {c.middle.certificate}, c.trust),
             ContainsSubstring("cannot be checked: the CRL of"));
  c.trust.revoked = {list(c.root, {})};
  CHECK_THAT(failure(c.leaf, {c.middle.certificate}, c.trust),
             ContainsSubstring("none of our CRLs is of its CA"));
  const crypto::Issuer forged{c.middle.certificate, key("forger")};
  c.trust.revoked = {list(forged, {})};
  CHECK_FALSE(failure(c.leaf, {c.middle.certificate}, c.trust).empty());
  auto mute = ca_request("CN=Mute");
  mute.key_usage = crypto::kKeyCertSign;
  const crypto::Issuer ca{certify(mute, key("mute")), key("mute")};
  const auto leaf = certify(host_request("a.test"), key("left"), &ca);
  CHECK_THAT(failure(leaf, {}, {{ca.certificate}, {list(ca, {})}}), ContainsSubstring("lacks cRLSign"));
}

TEST_CASE("octets that are no certificate are refused, and so are octets behind one (B094)") {
  const Chain c;
  const base::Bytes der = c.leaf->contents().der;
  for (std::size_t size = 0; size < der.size(); size += 7)
    CHECK(crypto::parse_certificate(base::ByteSpan(der).first(size)).has_error());
  base::Bytes longer = der;
  longer.push_back(0);
  CHECK(crypto::parse_certificate(longer).has_error());
  base::Bytes indefinite = der;
  indefinite[1] = 0x80;
  CHECK(crypto::parse_certificate(indefinite).has_error());
  CHECK(crypto::parse_certificate(base::Bytes(crypto::kLargestCertificate + 1, 0x30)).has_error());
  base::Bytes changed = der;
  changed.back() ^= 1;
  const auto forged = crypto::parse_certificate(changed);
  if (forged.has_value()) CHECK_FALSE(failure(*forged, {c.middle.certificate}, c.trust).empty());
}

TEST_CASE("PEM files hold several certificates, and texts between them") {
  const Chain c;
  const std::string pem = "subject: left\n" + crypto::to_pem("CERTIFICATE", c.leaf->contents().der) +
                          "\nissuer\n" + crypto::to_pem("CERTIFICATE", c.middle.certificate->contents().der);
  const auto both = crypto::load_certificates(base::as_bytes(pem));
  REQUIRE(both.has_value());
  REQUIRE(both->size() == 2);
  CHECK((*both)[1]->subject() == "certificate O=Test,CN=Middle");
  CHECK(crypto::load_certificates(base::as_bytes("nothing")).has_error());
  CHECK(crypto::load_certificates(c.leaf->contents().der).value().size() == 1);
}
