#include "tun/handover.h"

#include <catch2/catch_test_macros.hpp>
#include <thread>
#include <vector>

#include "tests/unit/tun/fixture.h"

using namespace fixture;

namespace {

base::Bytes numbered(std::uint32_t value) {
  base::Bytes octets(4);
  base::store_be32(octets.data(), value);
  return octets;
}

}  // namespace

TEST_CASE("frames that are handed over arrive in order, and only as many wait as there is room for") {
  const auto handover = must(tun::Handover::open(2));
  base::PacketPool pool(tun::Handover::kWaiting + 2), unused(0);
  CHECK_FALSE(readable_within(handover->descriptor(), 0));
  for (std::uint32_t i = 0; i < tun::Handover::kWaiting; ++i) {
    base::Frame one = frame(pool, numbered(i));
    REQUIRE(handover->push(1, one));
    REQUIRE_FALSE(one.buffer);
  }
  base::Frame more = frame(pool, numbered(99));
  CHECK_FALSE(handover->push(1, more));
  CHECK(more.buffer);
  CHECK(handover->push(0, more));  // from another thread there is room
  CHECK(readable_within(handover->descriptor(), 0));
  base::PacketBatch batch;
  std::uint64_t lost = 0;
  std::vector<std::uint32_t> seen;
  while (readable_within(handover->descriptor(), 0)) {
    must(handover->recv_batch(unused, batch, lost));
    for (const base::Frame& got : batch) seen.push_back(base::load_be32(got.data()));
    batch.clear();
  }
  REQUIRE(seen.size() == tun::Handover::kWaiting + 1);
  CHECK(seen.front() == 99);
  for (std::uint32_t i = 0; i < tun::Handover::kWaiting; ++i) CHECK(seen[i + 1] == i);
  CHECK(lost == 0);
}

TEST_CASE("what two threads hand over reaches a third, none twice") {
  constexpr std::uint32_t kEach = 20000;
  const auto handover = must(tun::Handover::open(2));
  const auto hand_over = [&](std::size_t thread) {
    base::PacketPool pool(200);
    for (std::uint32_t i = 0; i < kEach;) {
      base::Frame one;
      one.buffer = pool.take();
      if (!one.buffer) continue;
      one.set_single(0, 4);
      base::store_be32(one.data(), i);
      while (!handover->push(thread, one)) std::this_thread::yield();
      ++i;
    }
    // The pool outlives its buffers.
    std::vector<base::BufferRef> back;
    while (back.size() < 200) {
      if (auto buffer = pool.take()) back.push_back(std::move(buffer));
    }
  };
  std::thread first(hand_over, 0), second(hand_over, 1);
  base::PacketPool unused(0);
  base::PacketBatch batch;
  std::uint64_t lost = 0;
  std::uint32_t got = 0;
  std::uint64_t sum = 0;
  while (got < 2 * kEach) {
    REQUIRE(readable_within(handover->descriptor(), 10000));
    must(handover->recv_batch(unused, batch, lost));
    for (const base::Frame& one : batch) sum += base::load_be32(one.data());
    got += static_cast<std::uint32_t>(batch.size());
    batch.clear();
  }
  first.join();
  second.join();
  CHECK(got == 2 * kEach);
  CHECK(sum == std::uint64_t{kEach} * (kEach - 1));
  CHECK_FALSE(readable_within(handover->descriptor(), 0));
}
