// Byte-exact transcripts: fixed randomness and clock give the same messages, today and after any change.

#include <catch2/catch_test_macros.hpp>

#include "ikev2/sa/transitions.h"
#include "tests/sim/sim_pair.h"
#include "tests/support/golden_file.h"

using namespace sim;

namespace {

// Every message in the order of sending: who, from which port, and its octets in lines of 32.
std::string transcript(const SimPair& world) {
  std::string text;
  for (const Flight& flight : world.net.log) {
    text += flight.from.text() + " -> " + flight.to.text() +
            (flight.natt ? " (behind a non-ESP marker)\n" : "\n");
    for (std::size_t at = 0; at < flight.message.size(); at += 32) {
      const auto rest = std::min<std::size_t>(32, flight.message.size() - at);
      text += "  " + base::to_hex(base::ByteSpan(flight.message).subspan(at, rest)) + "\n";
    }
  }
  return text;
}

std::string play(const ikev2::Proposal& ike, const ikev2::Proposal& esp, ikev2::Encap encap) {
  SimPair world(42);
  for (auto* profile : {&world.left_profile, &world.right_profile}) {
    profile->proposals = {ike};
    profile->children[0].proposals = {esp};
    profile->encap = encap;
  }
  world.configure();
  world.initiate();
  world.run(2s);
  REQUIRE(world.up());
  world.left.command(ikev2::Terminate{ikev2::RequestId{2}, "pr", {}}, world.now);
  world.run(2s);
  return transcript(world);
}

}  // namespace

TEST_CASE("the transcript of an AES-GCM handshake is the same octet for octet") {
  const auto text =
      play(ike_proposal(crypto::Encr::aes_gcm_16, 256, crypto::Prf::hmac_sha2_256, crypto::Integ::none,
                        {crypto::Ke::curve25519}),
           esp_proposal(crypto::Encr::aes_gcm_16, 128, crypto::Integ::none), ikev2::Encap::automatic);
  CHECK(text == test::golden_file("tests/golden/aes-gcm-curve25519.txt", text));
}

TEST_CASE("the transcript of an AES-CBC handshake without NAT detection is the same octet for octet") {
  const auto text = play(ike_proposal(crypto::Encr::aes_cbc, 256, crypto::Prf::hmac_sha1,
                                      crypto::Integ::sha1_96, {crypto::Ke::modp_2048}),
                         esp_proposal(crypto::Encr::aes_cbc, 192, crypto::Integ::sha1_96), ikev2::Encap::esp);
  CHECK(text == test::golden_file("tests/golden/aes-cbc-modp-2048.txt", text));
}

TEST_CASE("docs/states.md and docs/states.dot show the table as it is") {
  CHECK(ikev2::transitions_as_markdown() ==
        test::golden_file("docs/states.md", ikev2::transitions_as_markdown()));
  CHECK(ikev2::transitions_as_dot() == test::golden_file("docs/states.dot", ikev2::transitions_as_dot()));
}

TEST_CASE("every row of the table begins somewhere, ends somewhere, and no two rows claim the same event") {
  for (const ikev2::Row& row : ikev2::transitions()) {
    CHECK(row.from != 0);
    CHECK(row.to != 0);
    for (const ikev2::Row& other : ikev2::transitions()) {
      if (&row == &other || row.trigger != other.trigger) continue;
      const bool message = row.trigger == ikev2::Trigger::request || row.trigger == ikev2::Trigger::response;
      if (message && row.exchange != other.exchange) continue;
      CHECK((row.from & other.from) == 0);
    }
  }
}
