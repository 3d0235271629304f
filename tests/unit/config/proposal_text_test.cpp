#include "config/proposal_text.h"

#include "config/algorithm_names.h"

#include "crypto/algorithms.h"
#include "support.h"

using namespace config;

namespace {

// Warnings have tests of their own.
std::string ike(std::string_view text) {
  std::vector<std::string> warnings;
  const auto r = parse_ike_proposal(text, warnings);
  return r.has_error() ? "error: " + r.error().reason : r->text();
}
std::string child(std::string_view text) {
  std::vector<std::string> warnings;
  const auto r = parse_child_proposal(text, warnings);
  return r.has_error() ? "error: " + r.error().reason : r->text();
}

}  // namespace

TEST_CASE("the proposal of the first sample is transforms in order of their types") {
  std::vector<std::string> warnings;
  const auto p = parse_ike_proposal("aes-cbc-256/hmac-sha1/sha1-96/modp-2048", warnings);
  REQUIRE(p.has_value());
  CHECK(p->protocol == ikev2::ProtocolId::ike);
  using enum ikev2::TransformType;
  CHECK(p->transforms ==
        std::vector<ikev2::Transform>{{encr, 12, 256}, {prf, 2, 0}, {integ, 2, 0}, {ke, 14, 0}});
  const auto c = parse_child_proposal("aes-cbc-192/sha1-96/esn/no-esn", warnings);
  REQUIRE(c.has_value());
  CHECK(c->protocol == ikev2::ProtocolId::esp);
  CHECK(c->transforms ==
        std::vector<ikev2::Transform>{{encr, 12, 192}, {integ, 2, 0}, {esn, 1, 0}, {esn, 0, 0}});
  CHECK(warnings.empty());
}

TEST_CASE("names stand in any order, and alternatives keep theirs") {
  CHECK(ike("modp-2048/sha1-96/aes-cbc-256/hmac-sha1") == "aes-cbc-256/hmac-sha1/sha1-96/modp-2048");
  CHECK(ike("curve25519/aes-cbc-128/aes-cbc-256/ecp-256/sha1-96/hmac-sha2-512-256/hmac-sha2-512") ==
        "aes-cbc-128/aes-cbc-256/hmac-sha2-512/sha1-96/hmac-sha2-512-256/curve25519/ecp-256");
  CHECK(ike(" aes-cbc-256 / sha1-96 / modp-2048 ") == "aes-cbc-256/hmac-sha1/sha1-96/modp-2048");
  CHECK(ike("aes-cbc-256/sha1-96/sha1-96/modp-2048") == "aes-cbc-256/hmac-sha1/sha1-96/modp-2048");
  CHECK(ike("AES-CBC-256/SHA1-96/modp-2048") == "aes-cbc-256/hmac-sha1/sha1-96/modp-2048");
}

TEST_CASE("without a PRF it is that of the integrity algorithm, with AEAD HMAC-SHA2-256") {
  CHECK(ike("aes-cbc-256/sha1-96/modp-2048") == "aes-cbc-256/hmac-sha1/sha1-96/modp-2048");
  CHECK(ike("aes-cbc-256/hmac-sha2-384-192/ecp-384") ==
        "aes-cbc-256/hmac-sha2-384/hmac-sha2-384-192/ecp-384");
  CHECK(ike("aes-cbc-256/hmac-sha2-256-128/sha1-96/ecp-384") ==
        "aes-cbc-256/hmac-sha2-256/hmac-sha1/hmac-sha2-256-128/sha1-96/ecp-384");
  CHECK(ike("aes-gcm-16-256/curve25519") == "aes-gcm-16-256/hmac-sha2-256/curve25519");
  CHECK(ike("chacha20-poly1305/hmac-sha2-512/curve25519") == "chacha20-poly1305/hmac-sha2-512/curve25519");
}

TEST_CASE("without an ESN word both are meant, extended numbers preferred") {
  CHECK(child("aes-gcm-16-128") == "aes-gcm-16-128/esn/no-esn");
  CHECK(child("aes-gcm-16-128/no-esn") == "aes-gcm-16-128/no-esn");
  CHECK(child("aes-gcm-16-128/esn") == "aes-gcm-16-128/esn");
  CHECK(child("aes-gcm-16-128/no-esn/esn") == "aes-gcm-16-128/no-esn/esn");
  CHECK(child("chacha20-poly1305") == "chacha20-poly1305/esn/no-esn");
}

TEST_CASE("aes-gcm-256 means aes-gcm-16-256") {
  CHECK(child("aes-gcm-256") == "aes-gcm-16-256/esn/no-esn");
  CHECK(child("aes-gcm-128/esn") == "aes-gcm-16-128/esn");
  CHECK(ike("aes-gcm-192/ecp-256") == "aes-gcm-16-192/hmac-sha2-256/ecp-256");
}

TEST_CASE("strongSwan's spelling is taken, and means no-esn where no ESN word stands") {
  CHECK(ike("aes256-sha1-modp2048") == "aes-cbc-256/hmac-sha1/sha1-96/modp-2048");
  CHECK(ike("aes128gcm16-prfsha256-ecp256") == "aes-gcm-16-128/hmac-sha2-256/ecp-256");
  CHECK(ike("aes256gcm16-prfsha384-ecp384") == "aes-gcm-16-256/hmac-sha2-384/ecp-384");
  CHECK(ike("aes128gcm16-sha384-modp3072") == "aes-gcm-16-128/hmac-sha2-384/modp-3072");
  CHECK(ike("chacha20poly1305-prfsha512-x25519") == "chacha20-poly1305/hmac-sha2-512/curve25519");
  CHECK(ike("chacha20-poly1305-prfsha256-curve25519") == "chacha20-poly1305/hmac-sha2-256/curve25519");
  CHECK(ike("aes256-aes128-sha256-sha1-modp3072-modp2048") ==
        "aes-cbc-256/aes-cbc-128/hmac-sha2-256/hmac-sha1/hmac-sha2-256-128/sha1-96/modp-3072/modp-2048");
  CHECK(ike("aes-sha2_512-ecp521") == "aes-cbc-128/hmac-sha2-512/hmac-sha2-512-256/ecp-521");
  CHECK(child("aes192-sha1-esn") == "aes-cbc-192/sha1-96/esn");
  CHECK(child("aes192-sha1") == "aes-cbc-192/sha1-96/no-esn");
  CHECK(child("aes128-sha256-modp2048-noesn") == "aes-cbc-128/hmac-sha2-256-128/modp-2048/no-esn");
  CHECK(child("aes192-sha1-esn-noesn") == "aes-cbc-192/sha1-96/esn/no-esn");
  CHECK(child("aes256gcm16") == "aes-gcm-16-256/no-esn");
  CHECK(child("aes256gcm128") == "aes-gcm-16-256/no-esn");
  CHECK(child("aes256gcm16-curve25519") == "aes-gcm-16-256/curve25519/no-esn");
  CHECK(child("chacha20poly1305") == "chacha20-poly1305/no-esn");
}

TEST_CASE("VPP's names are taken wherever a name is read") {
  CHECK(child("aes-cbc-256/sha-256-128") == "aes-cbc-256/hmac-sha2-256-128/esn/no-esn");
  CHECK(child("aes-cbc-256/sha-384-192") == "aes-cbc-256/hmac-sha2-384-192/esn/no-esn");
  CHECK(child("aes-cbc-256/sha-512-256") == "aes-cbc-256/hmac-sha2-512-256/esn/no-esn");
  CHECK(child("aes-cbc-256/sha1") == "aes-cbc-256/sha1-96/esn/no-esn");
  CHECK(child("aes-gcm-16-256/none") == "aes-gcm-16-256/esn/no-esn");
  CHECK(ike("encr:aes-cbc-256/prf:hmac-sha1/integ:sha1-96/dh-group:modp-2048") ==
        "aes-cbc-256/hmac-sha1/sha1-96/modp-2048");
  CHECK(child("encr:aes-cbc-192/integ:sha1-96/dh-group:none/esn:yes") == "aes-cbc-192/sha1-96/esn");
  CHECK(child("encr:aes-cbc-192/integ:sha1-96/esn:no") == "aes-cbc-192/sha1-96/no-esn");
}

TEST_CASE("every row of the algorithm tables is negotiated under its own name, for all its key lengths") {
  for (const auto& row : crypto::all_encr()) {
    for (const std::uint16_t bits : row.key_bits) {
      if (row.id == crypto::Encr::none || (bits == 0 && row.takes_key_length())) continue;
      const std::string text = crypto::name(row.id, bits) + (row.aead() ? "/esn" : "/sha1-96/esn");
      CHECK(child(text) == text);
      if (!row.encrypts) continue;
      const std::string whole =
          crypto::name(row.id, bits) + (row.aead() ? "/hmac-sha2-256/ecp-256" : "/hmac-sha1/sha1-96/ecp-256");
      CHECK(ike(whole) == whole);
    }
  }
  for (const auto& row : crypto::all_prf()) {
    const std::string whole = "aes-gcm-16-128/" + std::string(row.name) + "/ecp-256";
    if (row.id != crypto::Prf::none) CHECK(ike(whole) == whole);
  }
  for (const auto& row : crypto::all_integ()) {
    if (row.id == crypto::Integ::none || !row.numbered()) continue;
    const std::string whole = "aes-cbc-128/" + std::string(row.name) + "/esn";
    CHECK(child(whole) == whole);
  }
  for (const auto& row : crypto::all_ke()) {
    if (row.kind == crypto::KeKind::none || row.kind == crypto::KeKind::kem) continue;
    const std::string whole = "aes-gcm-16-128/hmac-sha2-256/" + std::string(row.name);
    CHECK(ike(whole) == whole);
  }
}

TEST_CASE("ML-KEM and further key exchanges are known and refused as not supported") {
  for (const char* name :
       {"ml-kem-512", "ml-kem-768", "ml-kem-1024", "ke1-ml-kem-768", "ke7-modp-2048", "ke1_mlkem768"}) {
    CHECK(ike(std::string(name) + "/aes-cbc-128/sha1-96/ecp-256")
              .ends_with(" is not supported by this version"));
  }
}

TEST_CASE("what encrypts nothing is for children alone, with an integrity algorithm, and is warned of") {
  CHECK(ike("null/sha1-96/ecp-256") == "error: null encrypts nothing: an IKE SA cannot use it");
  CHECK(ike("aes-gmac-256/ecp-256") == "error: aes-gmac-256 encrypts nothing: an IKE SA cannot use it");
  CHECK(child("null/esn") == "error: null needs an integrity algorithm, as hmac-sha2-256-128");
  std::vector<std::string> warnings;
  CHECK(parse_child_proposal("null/sha1-96", warnings).has_value());
  CHECK(parse_child_proposal("aes-gmac-128", warnings).has_value());
  CHECK(warnings == std::vector<std::string>{"null encrypts nothing", "aes-gmac-128 encrypts nothing"});
}

TEST_CASE("weak algorithms are named in the warnings") {
  std::vector<std::string> warnings;
  CHECK(parse_ike_proposal("3des/hmac-md5/md5-96/modp-1024", warnings).has_value());
  CHECK(warnings ==
        std::vector<std::string>{"3des is weak", "hmac-md5 is weak", "md5-96 is weak", "modp-1024 is weak"});
}

TEST_CASE("nothing weak and nothing readable stands in a default") {
  ikev2::Proposals all = default_ike_proposals();
  for (const auto& p : default_child_proposals()) all.push_back(p);
  for (const auto& p : all) {
    for (const auto& t : p.transforms) {
      if (t.type != ikev2::TransformType::esn) CHECK_FALSE(find_algorithm(ikev2::text(t))->weak);
      if (t.type != ikev2::TransformType::esn) CHECK_FALSE(find_algorithm(ikev2::text(t))->readable);
    }
  }
}

TEST_CASE("an unknown word is named, with what may have been meant") {
  CHECK(ike("aes-cbc-265/sha1-96/modp-2048") ==
        "error: unknown algorithm \"aes-cbc-265\"; did you mean \"aes-cbc-256\"?");
  CHECK(ike("aes256-sah1-modp2048") == "error: unknown algorithm \"sah1\"; did you mean \"sha1\"?");
  CHECK(child("aes-gcm-16-265") ==
        "error: unknown algorithm \"aes-gcm-16-265\"; did you mean \"aes-gcm-16-256\"?");
  CHECK(child("blowfish-256/sha1-96") == "error: unknown algorithm \"blowfish-256\"");
  CHECK(child("aes-cbc/sha1-96") ==
        "error: \"aes-cbc\" needs a key length: aes-cbc-128, aes-cbc-192 or aes-cbc-256");
  CHECK(child("aes-gcm") ==
        "error: \"aes-gcm\" needs a key length: aes-gcm-16-128, aes-gcm-16-192 or aes-gcm-16-256");
  CHECK(child("") == "error: a name is missing between two separators");
  CHECK(child("aes-cbc-256//sha1-96") == "error: a name is missing between two separators");
  CHECK(child("ke8-modp-2048/aes-gcm-256").starts_with("error: unknown algorithm \"ke8-modp-2048\""));
  CHECK(child("aes-cbc-256/sha2-256-96") ==
        "error: sha2-256-96 has no IANA number and cannot be negotiated; for a peer that means it by "
        "hmac-sha2-256-128, name that one and set sha2_256_96: true in the child");
}

TEST_CASE("incomplete and contradictory proposals are refused") {
  CHECK(ike("sha1-96/modp-2048") == "error: no encryption algorithm is named");
  CHECK(child("sha1-96/esn") == "error: no encryption algorithm is named");
  CHECK(ike("aes-cbc-256/hmac-sha1/modp-2048") ==
        "error: aes-cbc-256 needs an integrity algorithm, as hmac-sha2-256-128");
  CHECK(child("aes-cbc-256/none") == "error: aes-cbc-256 needs an integrity algorithm, as hmac-sha2-256-128");
  CHECK(ike("aes-cbc-256/sha1-96") == "error: no key exchange is named, as curve25519 or modp-2048");
  CHECK(child("aes-gcm-16-256/sha1-96") ==
        "error: aes-gcm-16-256 protects integrity itself: leave sha1-96 out");
  CHECK(child("aes-gcm-16-256/aes-cbc-256/sha1-96") ==
        "error: aes-gcm-16-256 and aes-cbc-256 cannot stand in one proposal: write two");
  CHECK(ike("aes-cbc-256/sha1-96/modp-2048/esn") ==
        "error: esn is for children: an IKE SA has no sequence numbers");
  CHECK(child("aes-cbc-256/hmac-sha1") ==
        "error: hmac-sha1 is a PRF, and a child has none; the integrity algorithm is sha1-96");
  CHECK(child("aes-cbc-256/sha1-96/hmac-sha2-256") == "error: hmac-sha2-256 is a PRF, and a child has none");
}

TEST_CASE("the defaults are two proposals each") {
  CHECK(ikev2::text(default_ike_proposals()) ==
        "aes-gcm-16-256/chacha20-poly1305/hmac-sha2-256/hmac-sha2-384/hmac-sha2-512/"
        "curve25519/ecp-384/ecp-256/modp-3072, "
        "aes-cbc-256/hmac-sha2-256/hmac-sha2-384/hmac-sha2-512/hmac-sha2-256-128/"
        "curve25519/ecp-384/ecp-256/modp-3072");
  CHECK(ikev2::text(default_child_proposals()) ==
        "aes-gcm-16-256/chacha20-poly1305/esn/no-esn, aes-cbc-256/hmac-sha2-256-128/esn/no-esn");
  for (const auto& p : default_ike_proposals()) {
    std::vector<std::string> warnings;
    CHECK(*parse_ike_proposal(p.text(), warnings) == p);
  }
  for (const auto& p : default_child_proposals()) {
    std::vector<std::string> warnings;
    CHECK(*parse_child_proposal(p.text(), warnings) == p);
  }
}
