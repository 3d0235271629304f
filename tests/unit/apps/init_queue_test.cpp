#include "apps/daemon/init_queue.h"

#include <catch2/catch_test_macros.hpp>

using daemon_app::InitQueue;

namespace {

base::Bytes message_of(std::uint8_t exchange, std::uint8_t flags, std::size_t size = 28) {
  base::Bytes message(size);
  if (size > 19) {
    message[18] = exchange;
    message[19] = flags;
  }
  return message;
}

}  // namespace

TEST_CASE("Only requests of IKE_SA_INIT wait: answers and everything of an SA go ahead") {
  CHECK(InitQueue::takes(message_of(34, 0x08)));
  CHECK(InitQueue::takes(message_of(34, 0x00, 400)));
  CHECK_FALSE(InitQueue::takes(message_of(34, 0x20)));
  CHECK_FALSE(InitQueue::takes(message_of(34, 0x28)));
  for (const auto exchange : std::initializer_list<std::uint8_t>{0, 35, 36, 37, 43, 255})
    CHECK_FALSE(InitQueue::takes(message_of(exchange, 0x08)));
  CHECK_FALSE(InitQueue::takes(message_of(34, 0x08, 27)));
  CHECK_FALSE(InitQueue::takes({}));
}

TEST_CASE("What waits comes out in order, and what does not fit is counted") {
  InitQueue queue;
  CHECK(queue.empty());
  CHECK_FALSE(queue.pop());
  for (std::size_t i = 0; i < InitQueue::kMost; ++i) {
    REQUIRE(queue.push({{}, {{}, static_cast<std::uint16_t>(i)}, false, message_of(34, 8)}));
  }
  CHECK_FALSE(queue.push({{}, {}, false, message_of(34, 8)}));
  CHECK(queue.dropped() == 1);
  for (std::size_t i = 0; i < InitQueue::kMost; ++i) REQUIRE(queue.pop()->remote.port == i);
  CHECK(queue.empty());
}

TEST_CASE("What waits is bounded in octets, too") {
  InitQueue queue;
  const base::Bytes large(10000);
  std::size_t taken = 0;
  while (queue.push({{}, {}, true, large})) ++taken;
  CHECK(taken == InitQueue::kMostOctets / large.size());
  CHECK(queue.pop());
  CHECK(queue.push({{}, {}, true, large}));
  CHECK(queue.dropped() == 1);
}
