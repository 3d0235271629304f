#include "ikev2/auth/signature.h"

#include <catch2/catch_test_macros.hpp>

#include "ikev2/auth/certificate_identity.h"
#include "tests/support/pki.h"
#include "tests/unit/ikev2/octets.h"

using namespace ikev2;
using crypto::Hash;
using crypto::KeyType;
using crypto::SignatureKind;
using crypto::SignatureScheme;
using test::hex;

namespace {

const std::vector<Hash> kAll{Hash::sha2_256, Hash::sha2_384, Hash::sha2_512, Hash::identity};

AuthConfig own(KeyType type, unsigned bits) {
  AuthConfig config;
  config.kind = AuthKind::signature;
  config.key = {type, bits};
  return config;
}
AuthConfig anybody() { return own(KeyType::none, 0); }

bool says(const base::Result<SignatureChoice>& result, std::string_view words) {
  return result.has_error() && result.error().reason.find(words) != std::string::npos;
}
bool refuses(const AuthConfig& remote, const AuthPayload& auth, std::string_view words) {
  const auto result = accept_auth(remote, auth);
  if (result.has_error()) INFO(result.error().reason);
  return result.has_error() && result.error().reason.find(words) != std::string::npos;
}

}  // namespace

TEST_CASE("we announce SHA-2 and the identity hash, never SHA-1 (RFC 7427 4, RFC 8420 2)") {
  CHECK(announced_hashes() == hex("0002000300040005"));
  CHECK(read_hashes(announced_hashes()) == kAll);
  CHECK(read_hashes(hex("00ff000200020001aa")) == std::vector<Hash>{Hash::sha2_256, Hash::sha1});
  CHECK(read_hashes({}).empty());
}

TEST_CASE("a key signs with what the peer has announced, as strongly as the key is") {
  const auto choose = [](KeyType type, unsigned bits, const std::vector<Hash>& hashes) {
    return choose_signature(own(type, bits), hashes).value();
  };
  const AuthMethod digital = AuthMethod::digital_signature;
  CHECK(choose(KeyType::rsa, 2048, kAll) ==
        SignatureChoice{digital, {SignatureKind::rsa_pss, Hash::sha2_256, 32}});
  CHECK(choose(KeyType::rsa, 2048, {Hash::sha2_512}) ==
        SignatureChoice{digital, {SignatureKind::rsa_pss, Hash::sha2_512, 64}});
  CHECK(choose(KeyType::ecdsa_256, 256, kAll) ==
        SignatureChoice{digital, {SignatureKind::ecdsa, Hash::sha2_256, 0}});
  CHECK(choose(KeyType::ecdsa_384, 384, kAll) ==
        SignatureChoice{digital, {SignatureKind::ecdsa, Hash::sha2_384, 0}});
  CHECK(choose(KeyType::ecdsa_521, 521, {Hash::sha2_256}) ==
        SignatureChoice{digital, {SignatureKind::ecdsa, Hash::sha2_256, 0}});
  CHECK(choose(KeyType::ed25519, 255, kAll) ==
        SignatureChoice{digital, {SignatureKind::ed25519, Hash::identity, 0}});
  CHECK(choose(KeyType::ed448, 448, kAll) ==
        SignatureChoice{digital, {SignatureKind::ed448, Hash::identity, 0}});
}

TEST_CASE("without RFC 7427, ECDSA keys have methods of their own, and RSA keys wait to be allowed SHA-1") {
  CHECK(choose_signature(own(KeyType::ecdsa_256, 256), {}).value().method == AuthMethod::ecdsa_256);
  CHECK(choose_signature(own(KeyType::ecdsa_384, 384), {}).value().method == AuthMethod::ecdsa_384);
  CHECK(choose_signature(own(KeyType::ecdsa_521, 521), {}).value().method == AuthMethod::ecdsa_521);
  CHECK(says(choose_signature(own(KeyType::rsa, 2048), {}), "scheme: rsa-sha1"));
  CHECK(says(choose_signature(own(KeyType::ed25519, 255), {}), "RFC 7427"));
  CHECK(says(choose_signature(own(KeyType::ed25519, 255), {Hash::sha2_256}), "RFC 8420"));
  AuthConfig vpp = own(KeyType::rsa, 2048);
  vpp.scheme = SignatureChoice{AuthMethod::rsa_signature, {SignatureKind::rsa_pkcs1, Hash::sha1, 0}};
  CHECK(choose_signature(vpp, {}).value() == *vpp.scheme);
  CHECK(choose_signature(vpp, kAll).value() == *vpp.scheme);
  AuthConfig pss = own(KeyType::rsa, 2048);
  pss.scheme = SignatureChoice{AuthMethod::digital_signature, {SignatureKind::rsa_pss, Hash::sha2_512, 64}};
  CHECK(says(choose_signature(pss, {Hash::sha2_256}), "does not announce sha2-512"));
}

TEST_CASE("the AUTH payload of method 14 begins with its AlgorithmIdentifier (RFC 7427 3)") {
  const SignatureChoice choice{AuthMethod::digital_signature, {SignatureKind::ed25519, Hash::identity, 0}};
  const AuthPayload auth = signature_payload(choice, hex("aabb"));
  CHECK(auth.method == AuthMethod::digital_signature);
  CHECK(auth.data == hex("07300506032b6570aabb"));
  const auto proof = accept_auth(anybody(), auth).value();
  CHECK(proof.schemes == std::vector<SignatureScheme>{choice.scheme});
  CHECK(proof.value == hex("aabb"));
  const SignatureChoice raw{AuthMethod::ecdsa_256, {SignatureKind::ecdsa_raw, Hash::sha2_256, 0}};
  CHECK(signature_payload(raw, hex("aabb")).data == hex("aabb"));
}

TEST_CASE("AUTH of an unexpected method is refused with both named (B084)") {
  AuthConfig secret;
  const AuthPayload mic{AuthMethod::shared_key_mic, hex("00")};
  CHECK(accept_auth(secret, mic).value().schemes.empty());
  CHECK(
      refuses(secret, {AuthMethod::rsa_signature, hex("00")}, "it expects authentication by shared-key-mic"));
  CHECK(refuses(anybody(), mic, "it expects a signature, the peer uses shared-key-mic"));
  for (const int method : {0, 3, 5, 6, 7, 8, 12, 13, 200}) {
    CAPTURE(method);
    CHECK(accept_auth(anybody(), {static_cast<AuthMethod>(method), hex("00")}).has_error());
    CHECK(accept_auth(secret, {static_cast<AuthMethod>(method), hex("00")}).has_error());
  }
}

TEST_CASE("a digital signature with a broken AlgorithmIdentifier, or with SHA-1, is refused (B089)") {
  const auto auth = [](const char* data) { return AuthPayload{AuthMethod::digital_signature, hex(data)}; };
  CHECK(refuses(anybody(), auth(""), "does not begin with an AlgorithmIdentifier"));
  CHECK(refuses(anybody(), auth("00aabb"), "does not begin with an AlgorithmIdentifier"));
  CHECK(refuses(anybody(), auth("ff300506032b6570aabb"), "does not begin with an AlgorithmIdentifier"));
  CHECK(refuses(anybody(), auth("07300506032b6599aabb"), "not known"));
  CHECK(refuses(anybody(), auth("0f300d06092a864886f70d0101050500aabb"), "SHA-1"));
  CHECK(refuses(anybody(), auth("0b300906072a8648ce3d0401aabb"), "SHA-1"));
  CHECK(refuses(anybody(), auth("0f300d06092a864886f70d01010a3000aabb"), "SHA-1"));
}

TEST_CASE("RSA signatures of method 1 may have any hash of SHA-2, and SHA-1 only where the profile says so") {
  const AuthPayload auth{AuthMethod::rsa_signature, hex("aa")};
  const auto plain = accept_auth(anybody(), auth).value();
  CHECK(plain.schemes.size() == 3);
  for (const auto& scheme : plain.schemes) CHECK(scheme.hash != Hash::sha1);
  AuthConfig vpp = anybody();
  vpp.scheme = SignatureChoice{AuthMethod::rsa_signature, {SignatureKind::rsa_pkcs1, Hash::sha1, 0}};
  CHECK(accept_auth(vpp, auth).value().schemes == std::vector<SignatureScheme>{vpp.scheme->scheme});
  CHECK(refuses(vpp, {AuthMethod::ecdsa_256, hex("aa")}, "it expects a signature rsa-sig (rsa-sha1)"));
}

TEST_CASE(
    "the signature of a key of another type than the pinned one is refused before it is looked at (B101)") {
  CHECK(refuses(own(KeyType::rsa, 2048), {AuthMethod::ecdsa_256, hex("aa")}, "by a key rsa-2048"));
  CHECK(refuses(own(KeyType::ecdsa_384, 384), {AuthMethod::ecdsa_256, hex("aa")}, "by a key ecdsa-384"));
  CHECK(accept_auth(own(KeyType::ecdsa_256, 256), {AuthMethod::ecdsa_256, hex("aa")}).has_value());
}

TEST_CASE("an identity must stand in the subjectAltName, by its own type (B100, RFC 4945 5.1.3.6)") {
  using namespace test_pki;
  auto wanted = request("O=Example,CN=cn.test");
  wanted.names =
      names({"Left.test"}, {"joe@left.test"}, {{192, 0, 2, 1}, hex("20010db8000000000000000000000001")});
  const auto certificate = certify(wanted, key("left"));
  const auto& named = certificate->contents();
  const auto check = [](const crypto::CertificateContents& contents, std::string_view text) {
    return check_certificate_identity(contents, Identity::parse(text).value());
  };
  for (const char* good : {"fqdn:left.TEST", "rfc822:joe@left.test", "192.0.2.1", "2001:db8::1",
                           "der-asn1-dn:O=example,CN=CN.test"}) {
    CAPTURE(good);
    CHECK(check(named, good).has_value());
  }
  for (const char* bad :
       {"fqdn:right.test", "fqdn:cn.test", "fqdn:joe@left.test", "rfc822:joe@right.test", "192.0.2.2",
        "2001:db8::2", "der-asn1-dn:CN=cn.test", "key-id:0x6c6566742e74657374"}) {
    CAPTURE(bad);
    CHECK(check(named, bad).has_error());
  }
  CHECK(check(named, "fqdn:cn.test").error().reason ==
        "certificate O=Example,CN=cn.test is not that of fqdn:cn.test: it is that of fqdn:Left.test, "
        "rfc822:joe@left.test, ip4-addr:192.0.2.1, ip6-addr:2001:db8::1, der-asn1-dn:O=Example,CN=cn.test");
  const Identity with_nul{IdType::fqdn, base::to_bytes(base::as_bytes(std::string_view("left.test\0", 10)))};
  CHECK(check_certificate_identity(named, with_nul).has_error());
}

TEST_CASE("only a certificate without any subjectAltName has its identity in the CN (B100)") {
  using namespace test_pki;
  const auto certificate = certify(request("CN=left.test,E=joe@left.test"), key("left"));
  const auto& plain = certificate->contents();
  const auto check = [&](std::string_view text) {
    return check_certificate_identity(plain, Identity::parse(text).value()).has_value();
  };
  CHECK(check("fqdn:left.test"));
  CHECK(check("rfc822:joe@left.test"));
  CHECK_FALSE(check("fqdn:right.test"));
  CHECK_FALSE(check("192.0.2.1"));
  auto other = request("CN=left.test");
  other.names.email = {"a@b.test"};
  CHECK(check_certificate_identity(certify(other, key("left"))->contents(),
                                   Identity::parse("fqdn:left.test").value())
            .has_error());
}
