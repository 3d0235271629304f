// What the data path does while one child takes over from another: nothing is lost.
#include <catch2/catch_test_macros.hpp>

#include "tests/dataplane/link.h"

namespace {

using esp::Counter;
using support::ip;

// Two ends that may have several children with the same selectors, as apps/daemon/dataplane makes them.
struct Ends {
  base::PacketPool pool{256};
  support::EspEnd left, right;
  std::size_t sent = 0, arrived = 0;

  static support::SaShape shape(std::uint64_t child) {
    support::SaShape s;
    s.child = child;
    s.spi = 0xc0000000 + static_cast<std::uint32_t>(child);
    return s;
  }
  void receive_by(std::uint64_t child) { REQUIRE(right.receive_by(shape(child), dataplane::provider())); }
  // Both SAs of the sender, without a policy yet.
  std::shared_ptr<esp::OutboundSa> add(std::uint64_t child) {
    auto sa = esp::OutboundSa::make(support::params_of(shape(child), false), dataplane::provider()).value();
    left.sad.add(std::make_shared<const esp::Bundle>(esp::Bundle{base::ChildId(child), {sa}}));
    return sa;
  }
  void use(std::uint64_t child) {
    left.spd.remove(base::ChildId(child));
    spd::Policy policy;
    policy.id = child;
    policy.action = spd::Action::protect;
    policy.selectors = support::params_of(shape(child), false).selectors;
    policy.priority = spd::priority_of(policy.selectors);
    policy.bundle = base::ChildId(child);
    left.spd.add_first(policy);
    left.out.set_policies(left.spd.snapshot());
  }
  void remove(std::uint64_t child) {
    left.spd.remove(base::ChildId(child));
    left.out.set_policies(left.spd.snapshot());
    left.sad.remove(base::ChildId(child));
  }
  base::PacketBatch seal(std::size_t packets = 4) {
    base::PacketBatch batch, wire;
    esp::OutboundResult result;
    sent += packets;
    for (std::size_t i = 0; i < packets; ++i) {
      batch.push(support::frame_of(pool, support::udp_packet(ip("10.1.0.1"), ip("10.2.0.2"), 1, 2, 72)));
    }
    left.out.process(batch, result);
    support::carry(result.udp, wire);
    return wire;
  }
  void open(base::PacketBatch& wire) {
    base::PacketBatch delivered, ike;
    right.in.process(esp::Arrival::udp, wire, delivered, ike);
    arrived += delivered.size();
  }
  void pass() {
    auto wire = seal();
    open(wire);
  }
  static std::uint32_t spi_of(const base::PacketBatch& wire) { return base::load_be32(wire[0].data()); }
};

}  // namespace

TEST_CASE(
    "a rekey loses no packet: what is under way on the old SA arrives, what follows goes by the new one") {
  Ends ends;
  ends.receive_by(1);
  ends.add(1);
  ends.use(1);
  ends.pass();
  auto under_way = ends.seal();
  // The receiver has the new inbound SA before the sender may use it.
  ends.receive_by(2);
  ends.add(2);
  auto still_old = ends.seal();
  CHECK(Ends::spi_of(still_old) == 0xc0000001);
  ends.use(2);
  auto first_new = ends.seal();
  CHECK(Ends::spi_of(first_new) == 0xc0000002);
  ends.open(first_new);
  ends.open(still_old);
  ends.open(under_way);
  ends.remove(1);
  ends.pass();
  ends.right.sad.remove(base::ChildId(1));
  ends.pass();
  CHECK(ends.arrived == ends.sent);
  CHECK(ends.left.counters.get(Counter::out_no_policy) == 0);
  CHECK(ends.left.counters.get(Counter::out_no_sa) == 0);
}

TEST_CASE("of children with equal selectors the one used last sends, and when it goes the one before it") {
  Ends ends;
  for (const std::uint64_t child : {1u, 2u, 3u}) {
    ends.receive_by(child);
    ends.add(child);
    ends.use(child);
  }
  CHECK(Ends::spi_of(ends.seal()) == 0xc0000003);
  ends.use(2);
  CHECK(Ends::spi_of(ends.seal()) == 0xc0000002);
  ends.remove(1);
  CHECK(Ends::spi_of(ends.seal()) == 0xc0000002);
  ends.remove(2);
  CHECK(Ends::spi_of(ends.seal()) == 0xc0000003);
  ends.remove(3);
  CHECK(ends.seal().empty());
  CHECK(ends.left.counters.get(Counter::out_no_policy) == 4);
}

TEST_CASE(
    "a child that moves keeps its numbers and its window, and what was sent to its old address arrives") {
  Ends ends;
  ends.receive_by(1);
  const auto sender = ends.add(1);
  ends.use(1);
  ends.pass();
  auto under_way = ends.seal();
  auto replay = ends.seal();
  std::vector<base::Bytes> copies;
  for (const auto& frame : replay) copies.push_back(base::to_bytes(frame.bytes()));
  const auto old_local = replay[0].local;
  ends.open(replay);

  const esp::Sad::Outer left_now{{ip("198.51.100.7"), 4500}, {ip("203.0.113.9"), 5001}, true};
  ends.left.sad.move(base::ChildId(1), left_now);
  ends.right.sad.move(base::ChildId(1), {left_now.remote, left_now.local, true});
  CHECK(sender->next_sequence == 13);
  auto wire = ends.seal();
  CHECK(wire[0].local == left_now.remote);
  CHECK(wire[0].remote == left_now.local);
  CHECK(base::load_be32(wire[0].data() + 4) == 13);
  ends.open(wire);
  ends.open(under_way);
  CHECK(ends.arrived == ends.sent);

  for (const auto& copy : copies) {
    wire.push(support::frame_of(ends.pool, copy));
    wire[wire.size() - 1].local = old_local;
  }
  ends.open(wire);
  CHECK(ends.right.counters.get(Counter::in_replay) == copies.size());
}

TEST_CASE("a child that moves out of UDP leaves for protocol 50") {
  Ends ends;
  ends.receive_by(1);
  ends.add(1);
  ends.use(1);
  ends.left.sad.move(base::ChildId(1), {{ip("198.51.100.7"), 4500}, {ip("203.0.113.9"), 500}, false});
  base::PacketBatch batch;
  esp::OutboundResult result;
  batch.push(support::frame_of(ends.pool, support::udp_packet(ip("10.1.0.1"), ip("10.2.0.2"), 1, 2, 72)));
  ends.left.out.process(batch, result);
  REQUIRE(result.raw.size() == 1);
  CHECK(result.raw[0].remote == base::Endpoint{ip("203.0.113.9"), 0});
}
