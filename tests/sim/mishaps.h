// A story told again and again: each time one of its messages is lost, repeated, delayed, or overtaken by the
// one after it.
#pragma once

#include <functional>
#include <string>

#include "tests/sim/checks.h"

namespace sim {

enum class Mishap { none, lost, repeated, delayed, overtaken };
constexpr Mishap kMishaps[] = {Mishap::lost, Mishap::repeated, Mishap::delayed, Mishap::overtaken};

inline std::string name(Mishap mishap) {
  constexpr const char* kNames[] = {"none", "lost", "repeated", "delayed", "overtaken"};
  return kNames[static_cast<int>(mishap)];
}

// From now on, message number `index` (from 0) of the network has that mishap.
inline void arrange(SimPair& world, Mishap mishap, std::size_t index) {
  const std::size_t target = world.net.log.size() + index;
  world.net.intercept = [&world, mishap, target](Flight& flight) {
    if (world.net.log.size() - 1 != target) return true;
    if (mishap == Mishap::lost) return false;
    if (mishap == Mishap::repeated) world.net.put_later(world.now + 3ms, flight);
    // A second is longer than the first retransmission; two milliseconds let what follows go first.
    if (mishap == Mishap::delayed) world.net.put_later(world.now + 1s, flight);
    if (mishap == Mishap::overtaken) world.net.put_later(world.now + 2500us, flight);
    return mishap == Mishap::repeated;
  };
}

// `prepare` makes the world, `act` begins what is told, `check` looks at the end. The story is told once as
// it is, which counts its messages, and then with every mishap of every message.
inline void with_every_mishap(const std::function<void(SimPair&)>& prepare,
                              const std::function<void(SimPair&)>& act,
                              const std::function<void(SimPair&)>& check, base::Duration length = 30s) {
  std::size_t messages = 0;
  {
    SimPair world;
    prepare(world);
    const std::size_t before = world.net.log.size();
    act(world);
    world.run(length);
    messages = world.net.log.size() - before;
    INFO("without a mishap");
    check(world);
  }
  REQUIRE(messages > 0);
  for (std::size_t index = 0; index < messages; ++index) {
    for (const Mishap mishap : kMishaps) {
      SimPair world;
      prepare(world);
      arrange(world, mishap, index);
      act(world);
      world.run(length);
      INFO("message " << index << " of " << messages << " is " << name(mishap));
      check(world);
    }
  }
}

// One IKE SA on each side, with these many children that fit each other, and nothing half made.
inline void check_stands(SimPair& world, std::size_t children = 1) {
  const auto left = world.left.engine.status(true), right = world.right.engine.status(true);
  REQUIRE(left.ike_sas.size() == 1);
  REQUIRE(right.ike_sas.size() == 1);
  const auto &a = left.ike_sas[0], &b = right.ike_sas[0];
  CHECK(a.state == "established");
  CHECK(b.state == "established");
  CHECK(a.spi_i == b.spi_i);
  CHECK(a.spi_r == b.spi_r);
  CHECK(a.initiator != b.initiator);
  CHECK(base::constant_time_equal(a.keys->sk_d, b.keys->sk_d));
  REQUIRE(a.children.size() == children);
  REQUIRE(b.children.size() == children);
  CHECK(world.left.children.size() == children);
  CHECK(world.right.children.size() == children);
  CHECK(world.left.outbound.size() == children);
  CHECK(world.right.outbound.size() == children);
  CHECK(world.left.spis.live == static_cast<int>(children));
  CHECK(world.right.spis.live == static_cast<int>(children));
  for (const auto& [id, child] : world.left.children) {
    bool found = false;
    for (const auto& [other_id, other] : world.right.children) {
      if (other.spi_in != child.spi_out) continue;
      found = true;
      CHECK(other.spi_out == child.spi_in);
      CHECK(base::constant_time_equal(other.keys_in.encr, child.keys_out.encr));
      CHECK(base::constant_time_equal(other.keys_out.encr, child.keys_in.encr));
      CHECK(other.suite == child.suite);
      CHECK(other.mode == child.mode);
    }
    CHECK(found);
  }
}

}  // namespace sim
