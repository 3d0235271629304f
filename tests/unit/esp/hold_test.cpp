// Packets that wait at traps: the queue, its bounds, and what Outbound does with them.
#include "esp/hold.h"

#include <catch2/catch_test_macros.hpp>

#include "tests/support/esp_pair.h"
#include "tests/support/plain_cipher.h"

namespace {

using esp::Counter;
using support::ip;
using namespace std::chrono_literals;

constexpr std::uint64_t kTrap = 900;

base::Bytes packet(std::uint16_t number, std::string_view destination = "10.2.0.2") {
  return support::udp_packet(ip("10.1.0.1"), ip(destination), 1000, number, 12);
}

std::uint16_t number_of(base::ByteSpan packet) { return base::load_be16(&packet[22]); }

// A sender whose packets to 10.2.0.0/16 meet a trap, in the place where child 1 will be.
struct Trapped : support::EspEnd {
  support::PlainProvider provider;
  base::PacketPool pool{256};
  base::PacketBatch batch;
  esp::OutboundResult result;
  base::Instant now{1000s};

  Trapped() {
    out.set_pool(&pool);
    add(trap("10.2.0.0/16"));
  }
  static spd::Policy trap(std::string_view remote, spd::Action action = spd::Action::trap) {
    spd::Policy p;
    p.id = kTrap;
    p.bundle = base::ChildId(kTrap);
    p.action = action;
    p.selectors.local = {spd::TrafficSelector::parse("10.1.0.0/16").value()};
    p.selectors.remote = {spd::TrafficSelector::parse(remote).value()};
    p.priority = 10;
    return p;
  }
  void send(base::ByteSpan octets) {
    REQUIRE(batch.push(support::frame_of(pool, octets)));
    result.clear();
    out.process(batch, result, now);
  }
  // The numbers of the packets that a policy takes by now.
  std::vector<std::uint16_t> released() {
    std::vector<std::uint16_t> numbers;
    while (out.take_released(batch)) {
      for (const auto& frame : batch) numbers.push_back(number_of(frame.bytes()));
      result.clear();
      out.process(batch, result, now);
    }
    return numbers;
  }
};

}  // namespace

TEST_CASE("a queue of held packets shows them in order and takes out those that leave") {
  esp::HoldQueue queue({4, 1000});
  for (std::uint8_t i = 1; i <= 4; ++i) CHECK(queue.push(base::Bytes(std::size_t{10} * i, i)));
  CHECK(queue.size() == 4);
  std::vector<std::size_t> seen;
  queue.take_if([&](base::ByteSpan p) {
    seen.push_back(p.size());
    return p.front() % 2 == 0;
  });
  CHECK(seen == std::vector<std::size_t>{10, 20, 30, 40});
  seen.clear();
  queue.take_if([&](base::ByteSpan p) {
    CHECK(p.size() == p.front() * 10u);
    CHECK(p.back() == p.front());
    seen.push_back(p.front());
    return true;
  });
  CHECK(seen == std::vector<std::size_t>{1, 3});
  CHECK(queue.size() == 0);
}

TEST_CASE(
    "a queue of held packets is bounded in packets and in octets, and has its room again when emptied") {
  esp::HoldQueue queue({3, 100});
  CHECK(queue.push(base::Bytes(60)));
  CHECK_FALSE(queue.push(base::Bytes(41)));
  CHECK(queue.push(base::Bytes(30)));
  CHECK(queue.push(base::Bytes(10)));
  CHECK_FALSE(queue.push(base::Bytes()));
  CHECK(queue.clear() == 3);
  CHECK(queue.push(base::Bytes(100)));
}

TEST_CASE(
    "packets at a trap wait, the first alone asks for an SA, and they leave in order once it is there") {
  Trapped s;
  for (std::uint16_t i = 1; i <= 5; ++i) {
    s.send(packet(i));
    CHECK(s.result.udp.empty());
    CHECK(s.result.acquired == (i == 1 ? 1u : 0u));
    if (i == 1) {
      CHECK(s.result.acquires[0].policy == kTrap);
      CHECK(s.result.acquires[0].packet.remote == ip("10.2.0.2"));
      CHECK(s.result.acquires[0].packet.remote_port == 1);
    }
  }
  CHECK(s.released().empty());
  CHECK(s.counters.get(Counter::out_held) == 5);
  s.send_by({}, s.provider);
  CHECK(s.released() == std::vector<std::uint16_t>{1, 2, 3, 4, 5});
  CHECK(s.counters.get(Counter::out_packets) == 5);
  s.send(packet(6));
  CHECK(s.result.udp.size() == 1);
  s.out.answer(kTrap, {});
  CHECK(s.counters.get(Counter::out_hold_failed) == 0);
}

TEST_CASE("what does not fit at a trap is dropped and counted, and asks for nothing more") {
  Trapped s;
  for (std::uint16_t i = 1; i <= 130; ++i) s.send(packet(i));
  CHECK(s.counters.get(Counter::out_held) == 128);
  CHECK(s.counters.get(Counter::out_hold_full) == 2);
  CHECK(s.result.acquired == 0);
  s.send_by({}, s.provider);
  const auto numbers = s.released();
  REQUIRE(numbers.size() == 128);
  CHECK(numbers.front() == 1);
  CHECK(numbers.back() == 128);
}

TEST_CASE("after a failure what waits is dropped, the trap pauses, and then asks anew") {
  Trapped s;
  s.send(packet(1));
  s.send(packet(2));
  s.out.answer(kTrap, s.now + 10s);
  CHECK(s.counters.get(Counter::out_hold_failed) == 2);
  s.now += 9s;
  for (std::uint16_t i = 3; i < 100; ++i) {
    s.send(packet(i));
    CHECK(s.result.acquired == 0);
  }
  CHECK(s.counters.get(Counter::out_hold_pause) == 97);
  REQUIRE(s.result.icmp.size() == 1);
  CHECK(s.result.icmp_why[0] == esp::Refusal::no_sa_soon);
  s.now += 1s;
  s.send(packet(100));
  CHECK(s.result.acquired == 1);
  CHECK(s.counters.get(Counter::out_held) == 3);
}

TEST_CASE("an acquire that did not reach the other thread is raised by the next packet") {
  Trapped s;
  s.send(packet(1));
  s.out.forget_acquire(kTrap);
  s.send(packet(2));
  CHECK(s.result.acquired == 1);
  s.send(packet(3));
  CHECK(s.result.acquired == 0);
}

TEST_CASE("packets that the SA does not take go on waiting, and are dropped with the answer") {
  Trapped s;
  s.send(packet(1, "10.2.5.5"));
  s.send(packet(2, "10.2.0.2"));
  support::SaShape narrow;
  narrow.remote_net = "10.2.0.0/24";
  s.send_by(narrow, s.provider);
  CHECK(s.released() == std::vector<std::uint16_t>{2});
  s.out.answer(kTrap, s.now + 1s);
  CHECK(s.counters.get(Counter::out_hold_failed) == 1);
}

TEST_CASE(
    "other changes of the policies leave alone what waits; a trap that goes takes its packets with it") {
  Trapped s;
  s.send(packet(1));
  spd::Policy other = Trapped::trap("10.7.0.0/16", spd::Action::discard);
  other.id = 5;
  other.bundle = base::ChildId(5);
  s.add(other);
  CHECK(s.released().empty());
  s.send(packet(2));
  CHECK(s.result.acquired == 0);
  CHECK(s.spd.remove(base::ChildId(kTrap)) == 1);
  s.out.set_policies(s.spd.snapshot());
  CHECK(s.released().empty());
  CHECK(s.counters.get(Counter::out_hold_failed) == 2);
}

TEST_CASE("at a hold packets wait, and none of them asks") {
  Trapped s;
  s.spd.remove(base::ChildId(kTrap));
  s.add(Trapped::trap("10.2.0.0/16", spd::Action::hold));
  s.send(packet(1));
  CHECK(s.result.acquired == 0);
  CHECK(s.counters.get(Counter::out_held) == 1);
  s.send_by({}, s.provider);
  CHECK(s.released() == std::vector<std::uint16_t>{1});
}

TEST_CASE("each packet of a train waits for itself") {
  Trapped s;
  REQUIRE(s.batch.push(support::train_of(s.pool, {packet(1), packet(2), packet(3)})));
  s.result.clear();
  s.out.process(s.batch, s.result, s.now);
  CHECK(s.result.acquired == 1);
  s.send_by({}, s.provider);
  CHECK(s.released() == std::vector<std::uint16_t>{1, 2, 3});
}
