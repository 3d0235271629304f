// Nothing is allocated per packet: every allocation of this program is counted.
#include <atomic>
#include <catch2/catch_test_macros.hpp>
#include <cstdlib>
#include <new>

#include "crypto/botan/provider.h"
#include "esp/child_watch.h"
#include "tests/dataplane/bundle_link.h"
#include "tests/dataplane/link.h"
#include "tests/dataplane/suites.h"
#include "tests/support/esp_pair.h"

namespace {

std::atomic<std::uint64_t> allocations{0};

void* counted(std::size_t size) {
  allocations.fetch_add(1, std::memory_order_relaxed);
  void* const memory = std::malloc(size == 0 ? 1 : size);
  if (memory == nullptr) throw std::bad_alloc();
  return memory;
}
void* counted(std::size_t size, std::align_val_t alignment) {
  allocations.fetch_add(1, std::memory_order_relaxed);
  const auto unit = static_cast<std::size_t>(alignment);
  void* const memory = std::aligned_alloc(unit, (size + unit - 1) / unit * unit);
  if (memory == nullptr) throw std::bad_alloc();
  return memory;
}

}  // namespace

void* operator new(std::size_t size) { return counted(size); }
void* operator new[](std::size_t size) { return counted(size); }
void* operator new(std::size_t size, std::align_val_t alignment) { return counted(size, alignment); }
void* operator new[](std::size_t size, std::align_val_t alignment) { return counted(size, alignment); }
void* operator new(std::size_t size, const std::nothrow_t&) noexcept { return counted(size); }
void* operator new[](std::size_t size, const std::nothrow_t&) noexcept { return counted(size); }
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete[](void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }
void operator delete[](void* memory, std::size_t) noexcept { std::free(memory); }
void operator delete(void* memory, std::align_val_t) noexcept { std::free(memory); }
void operator delete[](void* memory, std::align_val_t) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t, std::align_val_t) noexcept { std::free(memory); }
void operator delete[](void* memory, std::size_t, std::align_val_t) noexcept { std::free(memory); }

TEST_CASE("allocations are counted in this program") {
  const auto before = allocations.load();
  const auto one = std::make_unique<support::TestRng>();
  CHECK(allocations.load() > before);
}

// Botan's CCM gathers the whole message in a buffer of its own. Where Botan has a pool of locked memory with
// room, that is no allocation; with Debian 13's it is one.
bool gathers_in_library(const crypto::CipherSpec& suite) {
  return suite.encr == crypto::Encr::aes_ccm_8 || suite.encr == crypto::Encr::aes_ccm_12 ||
         suite.encr == crypto::Encr::aes_ccm_16;
}

TEST_CASE(
    "neither pipeline allocates for a batch, with any suite but CCM, also of two SAs, with replays and "
    "strangers") {
  const auto provider = crypto::make_botan_provider();
  for (const auto& suite : dataplane::all_suites()) {
    if (gathers_in_library(suite)) continue;
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
    std::uint64_t worst_out = 0, worst_in = 0;
    for (int round = 0; round < 10; ++round) {
      for (std::size_t i = 0; i < 64; ++i) {
        const auto to = support::ip(i % 2 == 0 ? "10.2.0.2" : "10.3.0.2");
        batch.push(support::frame_of(pool, support::udp_packet(support::ip("10.1.0.1"), to, 1, 2, i * 20)));
      }
      std::uint64_t before = allocations.load();
      left.out.process(batch, sent);
      const std::uint64_t out = allocations.load() - before;
      support::carry(sent.udp, wire);
      wire[9].bytes()[0] ^= 1;  // no SA has this SPI
      std::memset(wire[10].bytes().data() + 4, 0, 4);
      // Botan tells of a wrong tag by an exception, which the adapters of AEADs alone meet.
      if (!suite.aead()) wire[11].bytes().back() ^= 1;
      before = allocations.load();
      right.in.process(esp::Arrival::udp, wire, delivered, ike);
      const std::uint64_t in = allocations.load() - before;
      CHECK(delivered.size() == (suite.aead() ? 62 : 61));
      delivered.clear();
      if (round == 0) continue;  // scratch space of the cipher may be made once
      worst_out = std::max(worst_out, out);
      worst_in = std::max(worst_in, in);
    }
    CHECK(worst_out == 0);
    CHECK(worst_in == 0);
  }
}

TEST_CASE("neither AH nor transport mode allocates for a batch, nor does the look at limits") {
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
      std::uint64_t worst = 0;
      for (int round = 0; round < 5; ++round) {
        for (std::size_t i = 0; i < 64; ++i) {
          link.give(transport
                        ? link.datagram(i * 20)
                        : support::udp_packet(support::ip("10.1.0.1"), support::ip("10.2.0.2"), 1, 2, i));
        }
        const std::uint64_t before = allocations.load();
        link.seal();
        link.open();
        watch.look(base::Instant(std::chrono::seconds(round + 1)), report);
        if (round != 0) worst = std::max(worst, allocations.load() - before);
        CHECK(link.delivered.size() == 64);
      }
      CHECK(worst == 0);
      CHECK(soft == 1);
    }
  }
}

TEST_CASE("no bundle allocates for a batch, whether packets are compressed, padded, dummies, or refused") {
  using esp::Transform;
  for (const std::vector<Transform>& transforms :
       {std::vector{Transform::tun, Transform::comp, Transform::esp, Transform::ah},
        std::vector{Transform::tun, Transform::comp}, std::vector{Transform::comp, Transform::esp}}) {
    support::BundleShape shape{transforms};
    const bool with_esp = transforms.size() > 1 && esp::rank(transforms.back()) >= esp::rank(Transform::esp);
    if (with_esp) shape.tfc_size = 300;
    if (with_esp) shape.dummy_every = 5;
    dataplane::BundleLink link(shape);
    std::uint64_t worst = 0;
    for (int round = 0; round < 5; ++round) {
      for (std::size_t i = 0; i < 40; ++i) {
        link.give(i % 2 == 0 ? link.even(i * 30) : link.datagram(i * 30));
      }
      const std::uint64_t before = allocations.load();
      link.seal();
      base::store_be32(link.wire[3].bytes().data() + (link.arrival() == esp::Arrival::raw ? 0 : 32), 77);
      link.open();
      if (round != 0) worst = std::max(worst, allocations.load() - before);
      CHECK(link.delivered.size() == 39);
    }
    CHECK(worst == 0);
  }
}
