// IKE_AUTH with signatures: every kind of key in both roles, and every way to fail.
#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>

#include "ikev2/auth/signature.h"
#include "tests/sim/checks.h"
#include "tests/support/pki.h"

using namespace sim;
using namespace test_pki;
using crypto::CertificatePtr;
using crypto::KeyType;
using ikev2::AuthKind;
using ikev2::AuthMethod;
using ikev2::CredentialId;

namespace {

constexpr std::uint64_t kOwn = 11, kPeer = 12;  // credentials

bool holds(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }
std::string failure(const SimPair& world, std::uint64_t request = 1) {
  const auto& outcome = world.left.outcomes.at(request);
  return outcome.has_error() ? outcome.error().reason : "";
}

// One side signs with `key`, and sends these certificates.
void sign_with(Node& node, ikev2::PeerConfig& profile, const Key& own,
               const std::vector<CertificatePtr>& certificates) {
  profile.local_auth = {};
  profile.local_auth.kind = AuthKind::signature;
  profile.local_auth.credential = CredentialId{kOwn};
  profile.local_auth.key = own->info();
  for (const auto& certificate : certificates)
    profile.local_auth.certificates.push_back(certificate->contents().der);
  node.materials[kOwn] = {.key = own};
}
void pin(Node& node, ikev2::PeerConfig& profile, const Key& peer) {
  profile.remote_auth = {};
  profile.remote_auth.kind = AuthKind::signature;
  profile.remote_auth.credential = CredentialId{kPeer};
  profile.remote_auth.key = peer->info();
  node.materials[kPeer] = {.pinned = public_half(peer)};
}
void trust(Node& node, ikev2::PeerConfig& profile, const crypto::Trust& whom) {
  profile.remote_auth = {};
  profile.remote_auth.kind = AuthKind::signature;
  profile.remote_auth.credential = CredentialId{kPeer};
  for (const auto& ca : whom.authorities)
    base::append(profile.remote_auth.authorities, ca->contents().key_hash);
  node.materials[kPeer] = {.trust = whom};
}

// Both sides sign and are certified by the same root, left over an intermediate CA.
struct Certified : SimPair {
  crypto::Issuer root = authority("O=Test,CN=Root");
  crypto::Issuer middle = authority("O=Test,CN=Middle", &root);
  CertificatePtr left_certificate = certify(host_request("left.test"), key("left"), &middle);
  CertificatePtr right_certificate = certify(host_request("right.test"), key("right"), &root);
  explicit Certified(std::uint32_t seed = 1) : SimPair(seed) {
    sign_with(left, left_profile, key("left"), {left_certificate, middle.certificate});
    sign_with(right, right_profile, key("right"), {right_certificate});
    trust(left, left_profile, {{root.certificate}, {}});
    trust(right, right_profile, {{root.certificate}, {}});
  }
  void go() {
    configure();
    initiate();
    run(3s);
  }
  // The initiator is refused: it learns nothing but that, and the responder's log tells why.
  void check_refused(const std::string& why) {
    go();
    check_all_gone(*this);
    CHECK(holds(failure(*this), "AUTHENTICATION_FAILED"));
    CHECK_FALSE(holds(failure(*this), why));
    INFO(right.engine.status(false).profiles.at(0).last_error->reason);
    CHECK(holds(right.engine.status(false).profiles.at(0).last_error->reason, why));
    CHECK(right.said(why));
  }
};

}  // namespace

TEST_CASE("two sides with pinned keys of every kind come up, with and without certificates") {
  using enum KeyType;
  const auto type = GENERATE(rsa, ecdsa_256, ecdsa_384, ecdsa_521, ed25519, ed448);
  const bool certificates = GENERATE(true, false);
  CAPTURE(static_cast<int>(type), certificates);
  SimPair world;
  const Key left = key("left", type), right = key("right", type);
  const auto list = [&](const Key& own) {
    return certificates ? std::vector{certify(request("CN=self"), own)} : std::vector<CertificatePtr>{};
  };
  sign_with(world.left, world.left_profile, left, list(left));
  sign_with(world.right, world.right_profile, right, list(right));
  pin(world.left, world.left_profile, right);
  pin(world.right, world.right_profile, left);
  world.configure();
  world.initiate();
  world.run(3s);
  INFO(failure(world));
  CHECK(world.up());
}

TEST_CASE("one side signs and the other has a shared secret") {
  SimPair world;
  sign_with(world.left, world.left_profile, key("left"), {});
  pin(world.right, world.right_profile, key("left"));
  world.configure();
  world.initiate();
  world.run(3s);
  CHECK(world.up());
}

TEST_CASE("each scheme that a profile can ask for is spoken between the two sides") {
  using crypto::Hash;
  using enum crypto::SignatureKind;
  const auto [type, method, scheme] = GENERATE(table<KeyType, AuthMethod, crypto::SignatureScheme>(
      {{KeyType::rsa, AuthMethod::rsa_signature, {rsa_pkcs1, Hash::sha1, 0}},
       {KeyType::rsa, AuthMethod::digital_signature, {rsa_pkcs1, Hash::sha2_256, 0}},
       {KeyType::rsa, AuthMethod::digital_signature, {rsa_pss, Hash::sha2_384, 48}},
       {KeyType::ecdsa_256, AuthMethod::ecdsa_256, {ecdsa_raw, Hash::sha2_256, 0}},
       {KeyType::ecdsa_384, AuthMethod::ecdsa_384, {ecdsa_raw, Hash::sha2_384, 0}},
       {KeyType::ecdsa_521, AuthMethod::ecdsa_521, {ecdsa_raw, Hash::sha2_512, 0}},
       {KeyType::ecdsa_256, AuthMethod::digital_signature, {ecdsa, Hash::sha2_512, 0}}}));
  CAPTURE(name(scheme));
  SimPair world;
  sign_with(world.left, world.left_profile, key("left", type), {});
  sign_with(world.right, world.right_profile, key("right", type), {});
  pin(world.left, world.left_profile, key("right", type));
  pin(world.right, world.right_profile, key("left", type));
  for (auto* auth : {&world.left_profile.local_auth, &world.left_profile.remote_auth,
                     &world.right_profile.local_auth, &world.right_profile.remote_auth})
    auth->scheme = ikev2::SignatureChoice{method, scheme};
  world.configure();
  world.initiate();
  world.run(3s);
  INFO(failure(world));
  REQUIRE(world.up());
  CHECK(world.right.verified.at(0).schemes == std::vector{scheme});
  CHECK(world.left.verified.at(0).schemes == std::vector{scheme});
}

TEST_CASE("chains over an intermediate CA are sent and believed") {
  Certified world;
  world.go();
  INFO(failure(world));
  REQUIRE(world.up());
  CHECK(world.right.verified.at(0).certificates.size() == 2);
  CHECK(world.left.verified.at(0).certificates.size() == 1);
}

TEST_CASE("chains survive a network that loses, repeats and reorders") {
  const auto seed = GENERATE(1U, 2U, 3U, 4U, 5U);
  Certified world(seed);
  world.net.weather = {0.2, 0.2, 1ms, 300ms};
  world.configure();
  world.initiate();
  world.run(120s, [&] { return world.up(); });
  CHECK(world.up());
}

TEST_CASE("a certificate of another name is refused (B100)") {
  Certified world;
  sign_with(world.left, world.left_profile, key("left"),
            {certify(host_request("other.test"), key("left"), &world.root)});
  world.check_refused("certificate CN=other.test is not that of fqdn:left.test");
}

TEST_CASE("an expired certificate is refused, and its date named (B093)") {
  Certified world;
  world.right.unix_time = kNow + 400 * kDay;
  world.check_refused("certificate CN=left.test has expired on 2028-01-15 08:00:00 UTC");
}

TEST_CASE("a revoked certificate is refused (B096)") {
  Certified world;
  const auto crl = crypto::make_revocation_list(world.middle, {world.left_certificate->contents().serial},
                                                kNow - kDay, kNow + kDay, rng());
  trust(world.right, world.right_profile,
        {{world.root.certificate}, {crypto::load_revocation_list(crl.value()).value()}});
  world.check_refused("certificate CN=left.test is revoked by its CA");
}

TEST_CASE("a certificate of an unknown CA is refused") {
  Certified world;
  const crypto::Issuer other = authority("CN=Other");
  sign_with(world.left, world.left_profile, key("left"),
            {certify(host_request("left.test"), key("left"), &other)});
  world.check_refused("is issued by CN=Other, which is none of our CAs");
}

TEST_CASE("a good certificate without its private key proves nothing (B085)") {
  Certified world;
  world.left.materials[kOwn] = {.key = key("thief")};
  world.check_refused("the signature does not verify with the key of certificate CN=left.test");
}

TEST_CASE("a peer that sends no certificate is refused where a CA is configured") {
  Certified world;
  world.left_profile.local_auth.certificates.clear();
  world.check_refused("the peer sends no certificate");
}

TEST_CASE("more certificates than are looked at are refused (B092)") {
  Certified world;
  const base::Bytes middle = world.middle.certificate->contents().der;
  for (int i = 0; i < 8; ++i) world.left_profile.local_auth.certificates.push_back(middle);
  world.check_refused("the peer sends more than 8 certificates");
}

TEST_CASE("another key than the pinned one is refused (B101)") {
  Certified world;
  pin(world.right, world.right_profile, key("somebody else"));
  world.check_refused("the signature does not verify with the key of the certificate that the profile pins");
}

TEST_CASE("a shared secret where a signature is expected is refused, and the other way round (B084)") {
  Certified world;
  SECTION("secret for signature") {
    world.left_profile.local_auth = {};
    world.left_profile.local_auth.credential = CredentialId{1};
    world.check_refused("it expects a signature, the peer uses shared-key-mic");
  }
  SECTION("signature for secret") {
    world.right_profile.remote_auth = {};
    world.right_profile.remote_auth.credential = CredentialId{1};
    world.check_refused("it expects authentication by shared-key-mic, the peer uses digital-signature");
  }
}

TEST_CASE("a responder that cannot prove itself is refused by the initiator, and told so") {
  Certified world;
  sign_with(world.right, world.right_profile, key("right"),
            {certify(host_request("elsewhere.test"), key("right"), &world.root)});
  world.go();
  check_all_gone(world);
  CHECK(holds(failure(world), "certificate CN=elsewhere.test is not that of fqdn:right.test"));
  CHECK(world.right.said("the peer refuses our authentication"));
}

TEST_CASE(
    "an unknown identity with a good certificate costs a check all the same, and gets the same answer "
    "(B083)") {
  Certified world;
  world.left_profile.local_id = *ikev2::Identity::parse("fqdn:stranger.test");
  world.check_refused("no profile fits the peer fqdn:stranger.test");
  REQUIRE(world.right.verified.size() == 1);
  CHECK(world.right.verified[0].credential == CredentialId{});
  CHECK(world.right.verified[0].certificates.size() == 2);
}

TEST_CASE("a peer that takes our own identity is refused where the profile admits any (B109)") {
  Certified world;
  world.right_profile.remote_id = ikev2::IdentityPattern();
  world.left_profile.local_id = *ikev2::Identity::parse("fqdn:right.test");
  world.check_refused("the peer takes our own identity");
}

TEST_CASE("a profile whose key is gone ends the attempt at once, with a reason (B111)") {
  Certified world;
  world.left.materials.erase(kOwn);
  world.go();
  CHECK(holds(failure(world), "the profile has no private key"));
  CHECK(world.left.engine.status(false).ike_sas.empty());
}

TEST_CASE("RSA against a peer without RFC 7427 says what would help") {
  Certified world;
  sign_with(world.left, world.left_profile, key("left", KeyType::rsa), {});
  // The right side neither signs nor wants a signature: it announces nothing.
  world.right_profile.local_auth = world.right_profile.remote_auth = {};
  world.right_profile.local_auth.credential = world.right_profile.remote_auth.credential = CredentialId{1};
  world.go();
  CHECK(holds(failure(world), "scheme: rsa-sha1"));
}

TEST_CASE(
    "the responder chooses among profiles of one address by identity and by method, never by the first guess "
    "(B102)") {
  // Beside each other for any peer: two secrets, an RSA key, an ECDSA key; the last three for the same
  // identity.
  const auto wanted =
      GENERATE(std::string("a-psk"), std::string("b-psk"), std::string("c-rsa"), std::string("d-ecdsa"));
  CAPTURE(wanted);
  SimPair world;
  const auto add = [&](const std::string& name, const std::string& identity, auto&& change) {
    ikev2::PeerConfig profile = world.right_profile;
    profile.name = name;
    profile.remote_address = ikev2::AnyPeer{};
    profile.remote_id = *ikev2::IdentityPattern::parse(identity);
    change(profile);
    world.right.command(ikev2::AddPeer{std::make_shared<ikev2::PeerConfig>(profile)}, world.now);
  };
  add("a-psk", "fqdn:*.test", [&](auto& p) { p.remote_auth.credential = CredentialId{2}; });
  add("b-psk", "fqdn:left.test", [&](auto& p) { p.remote_auth.credential = CredentialId{3}; });
  add("c-rsa", "fqdn:left.test", [&](auto& p) {
    pin(world.right, p, key("left", KeyType::rsa));
    p.remote_auth.credential = CredentialId{21};
  });
  add("d-ecdsa", "fqdn:left.test", [&](auto& p) {
    pin(world.right, p, key("left"));
    p.remote_auth.credential = CredentialId{22};
  });
  world.right.secrets[2] = "second secret";
  world.right.secrets[3] = "third secret";
  world.right.materials[21] = {.pinned = public_half(key("left", KeyType::rsa))};
  world.right.materials[22] = {.pinned = public_half(key("left"))};

  if (wanted == "a-psk") world.left_profile.local_id = *ikev2::Identity::parse("fqdn:other.test");
  if (wanted == "a-psk" || wanted == "b-psk") {
    world.left_profile.local_auth.credential = CredentialId{5};
    world.left.secrets[5] = wanted == "a-psk" ? "second secret" : "third secret";
  }
  if (wanted == "c-rsa") sign_with(world.left, world.left_profile, key("left", KeyType::rsa), {});
  if (wanted == "d-ecdsa") sign_with(world.left, world.left_profile, key("left"), {});
  world.left.command(ikev2::AddPeer{std::make_shared<ikev2::PeerConfig>(world.left_profile)}, world.now);
  world.initiate();
  world.run(3s);
  INFO(failure(world));
  REQUIRE(world.up());
  CHECK(SimPair::sa(world.right).profile == wanted);
}

TEST_CASE(
    "signatures that somebody has changed on the way inside end in AUTHENTICATION_FAILED, whatever their "
    "length (B085, B090)") {
  const auto size = GENERATE(0U, 1U, 63U, 64U, 65U, 132U, 512U);
  Certified world;
  // A key that answers with zeros.
  class Liar final : public crypto::PrivateKey {
   public:
    Liar(Key real, std::size_t octets) : real_(std::move(real)), octets_(octets) {}
    crypto::KeyInfo info() const override { return real_->info(); }
    const base::Bytes& spki() const override { return real_->spki(); }
    base::Result<base::Bytes> sign(const crypto::SignatureScheme&, base::ByteSpan,
                                   base::Rng&) const override {
      return base::Bytes(octets_, 0);
    }
    base::SecretBytes pem() const override { return {}; }

   private:
    Key real_;
    std::size_t octets_;
  };
  world.left.materials[kOwn] = {.key = std::make_shared<Liar>(key("left"), size)};
  world.check_refused("does not verify for profile pr: ");
}

TEST_CASE("a responder that is asked for another identity than its own refuses (B102, B110)") {
  Certified world;
  world.left_profile.remote_id = *ikev2::IdentityPattern::parse("fqdn:somebody.test");
  world.check_refused("the peer asks for fqdn:somebody.test, we are fqdn:right.test");
}

TEST_CASE("distinguished names are identities: of the subject, and with a wildcard for the peer") {
  Certified world;
  world.left_profile.local_id = *ikev2::Identity::parse("der-asn1-dn:CN=left.test");
  world.right_profile.remote_id = *ikev2::IdentityPattern::parse("der-asn1-dn:CN=*");
  world.go();
  INFO(failure(world));
  CHECK(world.up());
}

TEST_CASE("a distinguished name that is not the subject of the certificate is refused (B100)") {
  Certified world;
  world.left_profile.local_id = *ikev2::Identity::parse("der-asn1-dn:CN=admin.test");
  world.right_profile.remote_id = *ikev2::IdentityPattern::parse("der-asn1-dn:CN=*");
  world.check_refused("certificate CN=left.test is not that of der-asn1-dn:CN=admin.test");
}
