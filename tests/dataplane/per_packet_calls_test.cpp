// Nothing is allocated, locked or thrown for a packet: every such call of this program is counted.
#include <catch2/catch_test_macros.hpp>
#include <mutex>
#include <string>

#include "crypto/botan/provider.h"
#include "esp/child_watch.h"
#include "tests/dataplane/bundle_link.h"
#include "tests/dataplane/counted_calls.h"
#include "tests/dataplane/link.h"
#include "tests/dataplane/suites.h"
#include "tests/support/esp_pair.h"

using dataplane::Calls;
using dataplane::calls_so_far;

TEST_CASE("allocations, locks and exceptions are counted in this program, those of its libraries too") {
  const Calls before = calls_so_far();
  const auto one = std::make_unique<support::TestRng>();
  CHECK(calls_so_far().allocations > before.allocations);
  if (!dataplane::kCountsLocksAndThrows) return;
  std::mutex mutex;
  { const std::lock_guard hold(mutex); }
  CHECK(calls_so_far().locks == before.locks + 1);
  CHECK_THROWS(std::stoi("no number"));  // thrown in the standard library
  CHECK(calls_so_far().throws == before.throws + 1);
}

// Botan's CCM gathers the whole message in a buffer of its own. Where Botan has a pool of locked memory with
// room, that is no allocation; with Debian 13's it is one.
//
// Its GMAC takes small pieces of memory for each message, from that pool, which has a lock, or from malloc().
bool keeps_to_itself(const crypto::CipherSpec& suite) {
  return suite.encr == crypto::Encr::aes_gmac || suite.encr == crypto::Encr::aes_ccm_8 ||
         suite.encr == crypto::Encr::aes_ccm_12 || suite.encr == crypto::Encr::aes_ccm_16;
}

TEST_CASE(
    "neither pipeline allocates, locks or throws for a batch, with any suite but CCM and GMAC, also of two "
    "SAs, with replays and strangers") {
  const auto provider = crypto::make_botan_provider();
  for (const auto& suite : dataplane::all_suites()) {
    if (keeps_to_itself(suite)) continue;
    INFO(dataplane::text(suite));
    support::SaShape first, second;
    first.cipher = second.cipher = suite;
    second.child = 2;
    second.spi = 0x5555;
    second.remote_net = "10.3.0.0/16";
    support::EspEnd left, right;
    base::PacketPool pool(80);
    for (const auto& shape : {first, second}) {
      left.send_by(shape, *provider);
      REQUIRE(right.receive_by(shape, *provider));
    }
    base::PacketBatch batch, wire, delivered, ike;
    esp::OutboundResult sent;
    Calls out, in;
    for (int round = 0; round < 10; ++round) {
      for (std::size_t i = 0; i < 64; ++i) {
        const auto to = support::ip(i % 2 == 0 ? "10.2.0.2" : "10.3.0.2");
        batch.push(support::frame_of(pool, support::udp_packet(support::ip("10.1.0.1"), to, 1, 2, i * 20)));
      }
      Calls before = calls_so_far();
      left.out.process(batch, sent);
      if (round > 0) out += calls_so_far() - before;  // scratch space of the cipher may be made once
      support::carry(sent.udp, wire);
      wire[9].bytes()[0] ^= 1;  // no SA has this SPI
      std::memset(wire[10].bytes().data() + 4, 0, 4);
      // Botan tells of a wrong tag by an exception, which the adapters of AEADs alone meet.
      if (!suite.aead()) wire[11].bytes().back() ^= 1;
      before = calls_so_far();
      right.in.process(esp::Arrival::udp, wire, delivered, ike);
      if (round > 0) in += calls_so_far() - before;
      CHECK(delivered.size() == (suite.aead() ? 62 : 61));
      delivered.clear();
    }
    CHECK(out == Calls{});
    CHECK(in == Calls{});
  }
}

TEST_CASE(
    "neither AH nor transport mode allocates, locks or throws for a batch, nor does the look at limits") {
  for (const bool ah : {false, true}) {
    for (const bool transport : {false, true}) {
      support::SaShape shape;
      shape.soft_packets = 100;
      if (ah) shape.protocol = crypto::IpsecProtocol::ah;
      if (ah) shape.cipher = {crypto::Encr::none, 0, crypto::Integ::hmac_sha2_256_128};
      shape.udp_encap = !ah;
      if (transport) shape = support::between_hosts(shape);
      dataplane::HostLink link(shape);
      link.sender->life = std::make_shared<esp::ChildLife>();
      esp::ChildWatch watch(link.left.sad);
      int soft = 0;
      const esp::ChildWatch::Report report{[](base::ChildId) {}, [](base::ChildId) {},
                                           [&](base::ChildId, bool) { ++soft; }};
      Calls all;
      for (int round = 0; round < 5; ++round) {
        for (std::size_t i = 0; i < 64; ++i) {
          link.give(transport
                        ? link.datagram(i * 20)
                        : support::udp_packet(support::ip("10.1.0.1"), support::ip("10.2.0.2"), 1, 2, i));
        }
        const Calls before = calls_so_far();
        link.seal();
        link.open();
        watch.look(base::Instant(std::chrono::seconds(round + 1)), report);
        if (round != 0) all += calls_so_far() - before;
        CHECK(link.delivered.size() == 64);
      }
      CHECK(all == Calls{});
      CHECK(soft == 1);
    }
  }
}

TEST_CASE(
    "no bundle allocates, locks or throws for a batch, whether packets are compressed, padded, dummies, or "
    "refused") {
  using esp::Transform;
  for (const std::vector<Transform>& transforms :
       {std::vector{Transform::tun, Transform::comp, Transform::esp, Transform::ah},
        std::vector{Transform::tun, Transform::comp}, std::vector{Transform::comp, Transform::esp}}) {
    support::BundleShape shape{transforms};
    const bool with_esp = transforms.size() > 1 && esp::rank(transforms.back()) >= esp::rank(Transform::esp);
    if (with_esp) shape.tfc_size = 300;
    if (with_esp) shape.dummy_every = 5;
    dataplane::BundleLink link(shape);
    Calls all;
    for (int round = 0; round < 5; ++round) {
      for (std::size_t i = 0; i < 40; ++i) {
        link.give(i % 2 == 0 ? link.even(i * 30) : link.datagram(i * 30));
      }
      const Calls before = calls_so_far();
      link.seal();
      base::store_be32(link.wire[3].bytes().data() + (link.arrival() == esp::Arrival::raw ? 0 : 32), 77);
      link.open();
      if (round != 0) all += calls_so_far() - before;
      CHECK(link.delivered.size() == 39);
    }
    CHECK(all == Calls{});
  }
}
