#include "apps/daemon/capture_ring.h"

#include <catch2/catch_test_macros.hpp>
#include <thread>
#include <vector>

namespace {

using daemon_app::CaptureRing;

base::Bytes record(std::size_t size, std::uint8_t first) {
  base::Bytes out(size);
  for (std::size_t i = 0; i < size; ++i) out[i] = static_cast<std::uint8_t>(first + i);
  return out;
}

}  // namespace

TEST_CASE("records come out as they went in, around the end of the memory too") {
  CaptureRing ring(1024);
  for (std::size_t round = 0; round < 500; ++round) {
    const base::Bytes octets = record(round % 300, static_cast<std::uint8_t>(round));
    const std::size_t front = octets.size() / 3;
    const base::ByteSpan span(octets);
    REQUIRE(
        ring.push(static_cast<std::int64_t>(round), round % 2 == 0, span.first(front), span.subspan(front)));
    int seen = 0;
    ring.drain([&](const CaptureRing::Record& got) {
      ++seen;
      CHECK(got.at == static_cast<std::int64_t>(round));
      CHECK(got.inbound == (round % 2 == 0));
      CHECK(base::equal(got.octets, octets));
      return true;
    });
    CHECK(seen == 1);
  }
}

TEST_CASE("a full ring takes nothing until someone has read, and loses nothing that it took") {
  CaptureRing ring(1024);
  int taken = 0;
  while (ring.push(taken, true, record(100, 0), {})) ++taken;
  CHECK(taken == 8);  // 128 octets each
  CHECK_FALSE(ring.push(99, true, record(2000, 0), {}));
  int seen = 0;
  ring.drain([&](const CaptureRing::Record& got) {
    if (seen == 3) return false;
    CHECK(got.at == seen++);
    return true;
  });
  CHECK(seen == 3);
  CHECK(ring.push(8, true, record(100, 0), {}));
  ring.drain([&](const CaptureRing::Record& got) {
    CHECK(got.at == seen++);
    return true;
  });
  CHECK(seen == 9);
}

TEST_CASE("one thread writes while another reads") {
  CaptureRing ring(4096);
  constexpr std::int64_t kRecords = 20000;
  std::int64_t lost = 0;
  std::atomic<bool> done{false};
  std::thread writer([&] {
    for (std::int64_t i = 0; i < kRecords; ++i) {
      const base::Bytes octets = record(static_cast<std::size_t>(i % 200), static_cast<std::uint8_t>(i));
      if (!ring.push(i, false, octets, {})) ++lost;
    }
    done = true;
  });
  std::int64_t seen = 0, last = -1, wrong = 0;
  const auto look = [&] {
    ring.drain([&](const CaptureRing::Record& got) {
      if (got.at <= last || !base::equal(got.octets, record(static_cast<std::size_t>(got.at % 200),
                                                            static_cast<std::uint8_t>(got.at))))
        ++wrong;
      last = got.at;
      ++seen;
      return true;
    });
  };
  while (!done) look();
  writer.join();
  look();
  CHECK(wrong == 0);
  CHECK(seen + lost == kRecords);
}
