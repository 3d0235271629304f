#include "base/spsc_ring.h"

#include <catch2/catch_test_macros.hpp>
#include <memory>
#include <thread>

using base::SpscRing;

TEST_CASE("a ring hands its elements on in order, and refuses when it is full or empty") {
  SpscRing<int> ring(3);  // room for four: a power of two
  int value = 0;
  CHECK_FALSE(ring.try_pop(value));
  for (int i = 1; i <= 4; ++i) {
    int element = i;
    CHECK(ring.try_push(element));
  }
  int fifth = 5;
  CHECK_FALSE(ring.try_push(fifth));
  for (int i = 1; i <= 4; ++i) {
    REQUIRE(ring.try_pop(value));
    CHECK(value == i);
  }
  CHECK_FALSE(ring.try_pop(value));
}

TEST_CASE("a refused element stays whole, and a taken one leaves nothing in the ring") {
  SpscRing<std::shared_ptr<int>> ring(1);
  auto first = std::make_shared<int>(1), second = std::make_shared<int>(2);
  const std::weak_ptr<int> watch = first;
  REQUIRE(ring.try_push(first));
  CHECK_FALSE(ring.try_push(second));
  CHECK(second != nullptr);
  {
    std::shared_ptr<int> out;
    REQUIRE(ring.try_pop(out));
    CHECK(*out == 1);
  }
  CHECK(watch.expired());
}

TEST_CASE("two threads lose nothing and keep the order") {
  constexpr std::uint64_t kCount = 200'000;
  SpscRing<std::uint64_t> ring(64);
  std::thread producer([&] {
    for (std::uint64_t i = 1; i <= kCount; ++i) {
      std::uint64_t element = i;
      while (!ring.try_push(element)) std::this_thread::yield();
    }
  });
  std::uint64_t expected = 1, value = 0;
  bool in_order = true;
  while (expected <= kCount) {
    if (!ring.try_pop(value)) {
      std::this_thread::yield();
      continue;
    }
    in_order = in_order && value == expected;
    ++expected;
  }
  producer.join();
  CHECK(in_order);
  CHECK_FALSE(ring.try_pop(value));
}
