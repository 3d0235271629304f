// Two pipelines back to back: what goes into one comes out of the other.
#include <algorithm>
#include <catch2/catch_test_macros.hpp>
#include <random>
#include <set>

#include "crypto/botan/provider.h"
#include "tests/dataplane/suites.h"
#include "tests/support/esp_pair.h"

namespace {

using esp::Counter;
using support::ip;

const auto kProvider = crypto::make_botan_provider();

struct Link {
  base::PacketPool pool{256};
  support::EspEnd left, right;
  std::shared_ptr<esp::OutboundSa> sender;
  std::shared_ptr<esp::InboundSa> receiver;
  base::PacketBatch batch, wire, delivered, ike;
  esp::OutboundResult sent;

  explicit Link(const support::SaShape& shape)
      : sender(left.send_by(shape, *kProvider)), receiver(right.receive_by(shape, *kProvider)) {}

  // Sends what is in `batch`; afterwards it is in `wire`.
  void seal() {
    sent.clear();
    wire.clear();
    left.out.process(batch, sent);
    support::carry(sent.udp, wire);
    support::carry(sent.raw, wire);
  }
  void open(bool udp) {
    delivered.clear();
    right.in.process(udp ? esp::Arrival::udp : esp::Arrival::raw, wire, delivered, ike);
  }
};

base::Bytes inner(bool v6, std::size_t i) {
  const std::size_t payload = (i * 37) % 1200;
  const auto port = static_cast<std::uint16_t>(i);
  if (v6) return support::udp_packet(ip("2001:db8:1::1"), ip("2001:db8:2::2"), port, 53, payload);
  return support::udp_packet(ip("10.1.0.1"), ip("10.2.0.2"), port, 53, payload);
}

// Sends `count` packets at once and compares; how many came out unchanged.
std::size_t pass(Link& link, bool v6, bool udp, std::size_t count, std::size_t first) {
  for (std::size_t i = 0; i < count; ++i) {
    link.batch.push(support::frame_of(link.pool, inner(v6, first + i)));
  }
  link.seal();
  link.open(udp);
  std::size_t same = 0;
  for (std::size_t i = 0; i < link.delivered.size(); ++i) {
    same += base::equal(link.delivered[i].bytes(), inner(v6, first + i)) ? 1 : 0;
  }
  return same;
}

std::vector<support::SaShape> all_shapes() {
  std::vector<support::SaShape> out;
  for (const auto& suite : dataplane::all_suites()) {
    for (const int bits : {0, 1, 2, 3, 4, 5, 6, 7}) {
      support::SaShape shape;
      shape.cipher = suite;
      shape.esn = (bits & 1) != 0;
      shape.udp_encap = (bits & 2) != 0;
      shape.outer_v6 = (bits & 4) != 0;
      out.push_back(shape);
    }
  }
  return out;
}

}  // namespace

TEST_CASE("every suite carries packets of both families over both, in UDP and raw, with and without ESN") {
  for (const auto& shape : all_shapes()) {
    INFO(dataplane::text(shape.cipher)
         << " esn " << shape.esn << " udp " << shape.udp_encap << " outer v6 " << shape.outer_v6);
    for (const bool v6 : {false, true}) {
      Link link(shape);
      for (const std::size_t count : {1u, 2u, 7u, 64u}) {
        REQUIRE(pass(link, v6, shape.udp_encap, count, count) == count);
      }
      CHECK(link.sender->traffic.packets == 74);
      CHECK(link.receiver->traffic.packets == 74);
      CHECK(link.receiver->traffic.bytes == link.sender->traffic.bytes);
    }
  }
}

TEST_CASE("every suite carries batches of 1 to 64 packets") {
  for (const auto& suite : dataplane::all_suites()) {
    INFO(dataplane::text(suite));
    support::SaShape shape;
    shape.cipher = suite;
    Link link(shape);
    for (std::size_t count = 1; count <= 64; ++count)
      REQUIRE(pass(link, false, true, count, count * 64) == count);
  }
}

TEST_CASE("with ESN every suite goes on behind 2^32-1") {
  for (const auto& suite : dataplane::all_suites()) {
    INFO(dataplane::text(suite));
    support::SaShape shape;
    shape.cipher = suite;
    shape.esn = true;
    Link link(shape);
    link.sender->next_sequence = (std::uint64_t{1} << 32) - 20;
    REQUIRE(link.receiver->window.update(link.sender->next_sequence - 1));
    CHECK(pass(link, false, true, 40, 0) == 40);
    CHECK(pass(link, false, true, 40, 40) == 40);
    CHECK(link.receiver->window.highest() == (std::uint64_t{1} << 32) + 59);
  }
}

TEST_CASE("the high half of an ESN is authenticated although it does not travel") {
  for (const auto& suite : dataplane::all_suites()) {
    INFO(dataplane::text(suite));
    support::SaShape shape;
    shape.cipher = suite;
    shape.esn = true;
    Link link(shape);
    REQUIRE(link.receiver->window.update((std::uint64_t{5} << 32) + 10));
    link.sender->next_sequence = 100;  // of subspace 0, where the receiver expects 5
    CHECK(pass(link, false, true, 3, 0) == 0);
    CHECK(link.right.counters.get(Counter::in_integrity) == 3);
    link.sender->next_sequence = (std::uint64_t{5} << 32) + 100;
    CHECK(pass(link, false, true, 3, 0) == 3);
  }
}

TEST_CASE("B140: every suite refuses a packet that was changed in any octet behind the SPI") {
  for (const auto& suite : dataplane::all_suites()) {
    INFO(dataplane::text(suite));
    support::SaShape shape;
    shape.cipher = suite;
    Link link(shape);
    link.batch.push(support::frame_of(link.pool, inner(false, 1)));
    link.seal();
    const base::Bytes genuine = base::to_bytes(link.wire[0].bytes());
    const base::Endpoint local = link.wire[0].local;
    for (std::size_t at = 4; at < genuine.size(); ++at) {
      auto forged = genuine;
      forged[at] ^= 0x40;
      link.wire.clear();
      link.wire.push(support::frame_of(link.pool, forged));
      link.wire[0].local = local;
      link.open(true);
      REQUIRE(link.delivered.empty());
    }
    CHECK(link.right.counters.get(Counter::in_integrity) == genuine.size() - 4);
    CHECK(link.receiver->window.highest() == 0);
    link.wire.push(support::frame_of(link.pool, genuine));
    link.wire[0].local = local;
    link.open(true);
    CHECK(link.delivered.size() == 1);
  }
}

TEST_CASE("one forged packet in a batch takes no other with it") {
  for (const auto& suite : dataplane::all_suites()) {
    INFO(dataplane::text(suite));
    support::SaShape shape;
    shape.cipher = suite;
    Link link(shape);
    for (std::size_t i = 0; i < 9; ++i) link.batch.push(support::frame_of(link.pool, inner(false, i)));
    link.seal();
    link.wire[4].bytes().back() ^= 0x80;
    link.open(true);
    REQUIRE(link.delivered.size() == 8);
    for (std::size_t i = 0; i < 8; ++i) {
      CHECK(base::equal(link.delivered[i].bytes(), inner(false, i < 4 ? i : i + 1)));
    }
  }
}

TEST_CASE("packets that arrive shuffled and doubled are each delivered once") {
  support::SaShape shape;
  shape.replay_window = 64;
  Link link(shape);
  std::mt19937 random(5);
  for (int round = 0; round < 50; ++round) {
    for (std::size_t i = 0; i < 32; ++i) link.batch.push(support::frame_of(link.pool, inner(false, i)));
    link.seal();
    std::vector<base::Bytes> octets;
    for (const auto& frame : link.wire) octets.push_back(base::to_bytes(frame.bytes()));
    const base::Endpoint local = link.wire[0].local;
    link.wire.clear();
    const std::vector<base::Bytes> again = octets;
    octets.insert(octets.end(), again.begin(), again.end());
    std::shuffle(octets.begin(), octets.end(), random);
    for (const auto& one : octets) {
      link.wire.push(support::frame_of(link.pool, one));
      link.wire[link.wire.size() - 1].local = local;
    }
    link.open(true);
    REQUIRE(link.delivered.size() == 32);
    std::set<base::Bytes> distinct;
    for (const auto& frame : link.delivered) distinct.insert(base::to_bytes(frame.bytes()));
    REQUIRE(distinct.size() == 32);
  }
  CHECK(link.right.counters.get(Counter::in_replay) == 50 * 32);
}

TEST_CASE("a ping over IPv4 and UDP with AES-GCM grows by 8 + 8 + padding + 2 + 16 octets") {
  Link link({});
  auto ping = support::udp_packet(ip("10.1.0.1"), ip("10.2.0.2"), 8, 0, 56);
  REQUIRE(ping.size() == 84);
  link.batch.push(support::frame_of(link.pool, ping));
  link.seal();
  REQUIRE(link.wire.size() == 1);
  CHECK(link.wire[0].length == 8 + 8 + 84 + 2 + 2 + 16);
  CHECK(link.sender->traffic.bytes == 84);
}

TEST_CASE("what is encrypted alone, by keys set by hand, comes out as it went in") {
  support::SaShape shape;
  shape.cipher = {crypto::Encr::des3, 0, crypto::Integ::none};
  shape.cipher.unauthenticated = true;
  shape.replay_window = 0;
  for (const bool udp : {false, true}) {
    shape.udp_encap = udp;
    Link link(shape);
    CHECK(pass(link, false, udp, 40, 0) == 40);
    CHECK(pass(link, true, udp, 40, 3) == 40);
  }
}
