// Every algorithm of the tables is negotiated between two engines, for the IKE SA and for a child, with real
// keys.
#include <catch2/catch_test_macros.hpp>

#include "tests/sim/sim_pair.h"

using namespace sim;

namespace {

using crypto::Encr;
using crypto::Integ;
using crypto::Ke;
using crypto::Prf;

// Both sides with these proposals; the suites that came out.
void negotiate(const ikev2::Proposal& ike, const ikev2::Proposal& esp) {
  INFO(ike.text() << " and " << esp.text());
  SimPair world;
  for (auto* profile : {&world.left_profile, &world.right_profile}) {
    profile->proposals = {ike};
    profile->children[0].proposals = {esp};
  }
  world.configure();
  world.initiate();
  world.run(2s);
  REQUIRE(world.up());
  const auto& left = world.left.children.begin()->second;
  const auto& right = world.right.children.begin()->second;
  CHECK(left.suite == right.suite);
  CHECK(base::equal(left.keys_out.encr.span(), right.keys_in.encr.span()));
  CHECK(base::equal(left.keys_out.integ.span(), right.keys_in.integ.span()));
  CHECK(left.keys_out.encr.size() == crypto::encr_key_size(left.suite.cipher));
  CHECK(left.keys_out.integ.size() == crypto::integ_key_size(left.suite.cipher));
  const auto suite = SimPair::sa(world.left).suite;
  CHECK(suite == SimPair::sa(world.right).suite);
  for (const auto& t : ike.of(ikev2::TransformType::ke)) CHECK(suite.ke == static_cast<Ke>(t.id));
}

ikev2::Proposal usual_ike() {
  return ike_proposal(Encr::aes_gcm_16, 128, Prf::hmac_sha2_256, Integ::none, {Ke::curve25519});
}
ikev2::Proposal usual_esp() { return esp_proposal(Encr::aes_gcm_16, 128, Integ::none); }

}  // namespace

TEST_CASE(
    "every cipher with every key length protects an IKE SA and a child, those that encrypt nothing a child "
    "alone") {
  for (const auto& row : crypto::all_encr()) {
    if (row.id == Encr::none) continue;
    for (const std::uint16_t bits : row.key_bits) {
      if (bits == 0 && row.takes_key_length()) continue;
      const Integ integ = row.aead() ? Integ::none : Integ::sha1_96;
      const auto ike = ike_proposal(row.id, bits, Prf::hmac_sha2_256, integ, {Ke::curve25519});
      negotiate(row.encrypts ? ike : usual_ike(), esp_proposal(row.id, bits, integ));
      if (!row.takes_key_length()) break;
    }
  }
}

TEST_CASE("every integrity algorithm protects an IKE SA and a child") {
  for (const auto& row : crypto::all_integ()) {
    if (row.id == Integ::none || !row.numbered()) continue;
    negotiate(ike_proposal(Encr::aes_cbc, 128, row.prf, row.id, {Ke::curve25519}),
              esp_proposal(Encr::aes_cbc, 128, row.id));
  }
}

TEST_CASE("every PRF derives the keys of an IKE SA") {
  for (const auto& row : crypto::all_prf()) {
    if (row.id == Prf::none) continue;
    negotiate(ike_proposal(Encr::aes_cbc, 256, row.id, Integ::hmac_sha2_256_128, {Ke::curve25519}),
              usual_esp());
  }
}

TEST_CASE("every key exchange method makes an IKE SA") {
  for (const auto& row : crypto::all_ke()) {
    if (row.public_size == 0) continue;
    negotiate(ike_proposal(Encr::aes_gcm_16, 256, Prf::hmac_sha2_256, Integ::none, {row.id}), usual_esp());
  }
}

TEST_CASE("number 12 means 96 bits in a child whose profile says so, and has a key of the same size") {
  SimPair world;
  for (auto* profile : {&world.left_profile, &world.right_profile}) {
    profile->children[0].proposals = {esp_proposal(Encr::aes_cbc, 128, Integ::hmac_sha2_256_128)};
  }
  world.left_profile.children[0].sha2_256_96 = true;
  world.configure();
  world.initiate();
  world.run(2s);
  REQUIRE(world.up());
  const auto& left = world.left.children.begin()->second;
  const auto& right = world.right.children.begin()->second;
  CHECK(left.suite.cipher.integ == Integ::hmac_sha2_256_96);
  CHECK(right.suite.cipher.integ == Integ::hmac_sha2_256_128);
  CHECK(base::equal(left.keys_out.integ.span(), right.keys_in.integ.span()));
}
