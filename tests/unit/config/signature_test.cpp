#include "support.h"
#include "temporary_directory.h"
#include "tests/support/pki.h"

using namespace config_test;
using Catch::Matchers::ContainsSubstring;
using test_pki::key;

namespace {

constexpr std::int64_t kFar = 4'000'000'000;  // 2096

crypto::CertificateRequest lasting(crypto::CertificateRequest request) {
  request.not_before = 0;
  request.not_after = kFar;
  return request;
}

// A folder with a CA, a certificate of it with its key, and a profile that has `local` and `remote` for
// signature.
struct Folder : TemporaryDirectory {
  crypto::Issuer ca{test_pki::certify(lasting(test_pki::ca_request("CN=Root")), key("root")), key("root")};
  crypto::CertificatePtr own =
      test_pki::certify(lasting(test_pki::host_request("left.test")), key("left"), &ca);
  Folder() {
    write("own.key", std::string(base::as_text(key("left")->pem())), 0600);
    write("rsa.key", std::string(base::as_text(key("left", crypto::KeyType::rsa)->pem())), 0600);
    write_certificates("own.pem", {own});
    write_certificates("ca.pem", {ca.certificate});
    write("crl.pem",
          crypto::to_pem("X509 CRL", crypto::make_revocation_list(ca, {}, 0, kFar, test_pki::rng()).value()),
          0644);
  }
  void write_certificates(const std::string& name, const std::vector<crypto::CertificatePtr>& list) const {
    std::string pem;
    for (const auto& certificate : list) pem += crypto::to_pem("CERTIFICATE", certificate->contents().der);
    write(name, pem, 0644);
  }
  // The local map stands in line 3 from column 31, the remote one in line 4 from column 52.
  config::LoadResult load(const std::string& local, const std::string& remote) const {
    return config::load_text("profiles:\n  pr1:\n    local: {auth: {signature: " + local +
                                 "}}\n    remote: {address: 192.0.2.2, auth: {signature: " + remote +
                                 "}}\n    children: {net: {}}\n",
                             *this / "p.yaml");
  }
  // The only diagnostic, without the file's name.
  std::string only(const std::string& local, const std::string& remote) const {
    const auto lines = lines_of(load(local, remote));
    CAPTURE(lines);
    REQUIRE(lines.size() == 1);
    REQUIRE(lines[0].starts_with(*this / "p.yaml"));
    return lines[0].substr((*this / "p.yaml").size() + 1);
  }
};

constexpr const char* kOwn = "{key: own.key, cert: own.pem}";
constexpr const char* kCa = "{ca: [ca.pem]}";

}  // namespace

TEST_CASE("a private key, our certificate and a CA become what the engine and the key worker need") {
  const Folder f;
  const auto result = f.load(kOwn, "{ca: [ca.pem], crl: [crl.pem]}");
  CAPTURE(lines_of(result));
  REQUIRE(lines_of(result).empty());
  const auto& peer = *result.config.peers.at(0);
  CHECK(peer.local_auth.kind == ikev2::AuthKind::signature);
  CHECK(peer.local_auth.key == crypto::KeyInfo{crypto::KeyType::ecdsa_256, 256});
  CHECK(peer.local_auth.certificates == std::vector<base::Bytes>{f.own->contents().der});
  CHECK(peer.remote_auth.key.type == crypto::KeyType::none);
  CHECK(base::equal(peer.remote_auth.authorities, f.ca.certificate->contents().key_hash));
  REQUIRE(result.config.credentials.size() == 2);
  CHECK(result.config.credentials[0].material.key->spki() == key("left")->spki());
  CHECK(result.config.credentials[1].material.trust->authorities.size() == 1);
  CHECK(result.config.credentials[1].material.trust->revoked.size() == 1);
}

TEST_CASE("our certificate may bring intermediate ones, in one file or several, or be left out") {
  const Folder f;
  f.write_certificates("both.pem", {f.own, f.ca.certificate});
  CHECK(f.load("{key: own.key, cert: both.pem}", kCa).config.peers.at(0)->local_auth.certificates.size() ==
        2);
  CHECK(f.load("{key: own.key, cert: [own.pem, ca.pem]}", kCa)
            .config.peers.at(0)
            ->local_auth.certificates.size() == 2);
  const auto none = f.load("{key: own.key}", kCa);
  CHECK(none.ok());
  CHECK(none.config.peers.at(0)->local_auth.certificates.empty());
}

TEST_CASE("a pinned certificate is a key, and may have expired, with a warning") {
  const Folder f;
  const auto result = f.load(kOwn, "{cert: own.pem}");
  REQUIRE(lines_of(result).empty());
  CHECK(result.config.peers.at(0)->remote_auth.key.type == crypto::KeyType::ecdsa_256);
  CHECK(result.config.credentials.at(1).material.pinned->spki() == key("left")->spki());
  auto old = test_pki::host_request("left.test");
  old.not_before = 0;
  old.not_after = 86400;
  f.write_certificates("old.pem", {test_pki::certify(old, key("left"))});
  CHECK(f.only(kOwn, "{cert: old.pem}") ==
        "4:59: warning: cert (pinned, and so accepted all the same): certificate CN=left.test has expired on "
        "1970-01-02 "
        "00:00:00 UTC");
}

TEST_CASE("a private key that others can read is an error at its place") {
  const Folder f;
  f.write("open.key", std::string(base::as_text(key("left")->pem())), 0644);
  CHECK(f.only("{key: open.key, cert: own.pem}", kCa) ==
        "3:37: error: key: " + (f / "open.key") + ": others can read this secret (mode 0644); chmod o= it");
}

TEST_CASE("keys and certificates that are missing or unfit are errors that say what they are") {
  const Folder f;
  f.write("text", "hello\n", 0600);
  CHECK(f.only("{key: nowhere, cert: own.pem}", kCa) ==
        "3:37: error: key: " + (f / "nowhere") + ": No such file or directory");
  CHECK(f.only("{key: text, cert: own.pem}", kCa) ==
        "3:37: error: key: it is no private key: neither PEM nor DER");
  CHECK(f.only("{key: own.pem, cert: own.pem}", kCa).starts_with("3:37: error: key: "));
  CHECK(f.only("{key: own.key, cert: text}", kCa) == "3:52: error: cert: there is no certificate in it");
  CHECK(f.only("{key: own.key, cert: ca.pem}", kCa) ==
        "3:52: error: cert: certificate CN=Root is not of the private key: it must come first");
  CHECK(f.only("{cert: own.pem}", kCa) == "3:20: error: signature: key is missing, our private key");
  CHECK(f.only(kOwn, "{ca: [own.pem]}") ==
        "4:58: error: ca: certificate CN=left.test is not that of a CA; to believe it alone, write cert: "
        "own.pem");
  CHECK(f.only(kOwn, "{ca: [ca.pem], crl: [own.pem]}").starts_with("4:73: error: crl: "));
  f.write_certificates("two.pem", {f.own, f.ca.certificate});
  CHECK(f.only(kOwn, "{cert: two.pem}") ==
        "4:59: error: cert: 2 certificates: the peer's own alone is pinned");
  CHECK_THAT(f.only(kOwn, "{}"), ContainsSubstring("write cert, the peer's certificate, or ca"));
  CHECK_THAT(f.only(kOwn, "{cert: own.pem, ca: [ca.pem]}"), ContainsSubstring("write either cert"));
  CHECK_THAT(f.only(kOwn, "{cert: own.pem, crl: [crl.pem]}"),
             ContainsSubstring("a pinned certificate is not looked for in it"));
  CHECK_THAT(f.only(kOwn, "{ca: [ca.pem], key: own.key}"), ContainsSubstring("key"));
  CHECK_THAT(f.only("{key: own.key, chain: own.pem}", kCa), ContainsSubstring("error"));
}

TEST_CASE("a scheme is one that the key can make, and SHA-1 is warned of") {
  const Folder f;
  const auto vpp = f.load("{key: rsa.key, scheme: rsa-sha1}", "{ca: [ca.pem], scheme: ecdsa-256}");
  CHECK(lines_of(vpp).size() == 1);
  CHECK_THAT(lines_of(vpp)[0], ContainsSubstring("warning: scheme: signatures with SHA-1 are weak"));
  CHECK(vpp.config.peers.at(0)->local_auth.scheme->method == ikev2::AuthMethod::rsa_signature);
  CHECK(vpp.config.peers.at(0)->remote_auth.scheme->method == ikev2::AuthMethod::ecdsa_256);
  CHECK_THAT(f.only("{key: own.key, scheme: rsa-sha2-256}", kCa),
             ContainsSubstring("a key ecdsa-256 makes no such signature"));
  CHECK_THAT(f.only("{key: own.key, scheme: dsa}", kCa), ContainsSubstring("is none of rsa-sha1"));
}

TEST_CASE("auth is either a secret or a signature") {
  CHECK(check("profiles: {p: {local: {auth: {psk: a, signature: {key: k}}}, remote: {auth: {psk: a}}, "
              "children: {c: {}}}}") == Lines{"f:1:39: error: auth: write either psk or signature"});
}
