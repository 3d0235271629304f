#include "esp/replay_window.h"

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>
#include <random>
#include <set>

namespace {

// What a receiver does with a genuine packet of that number.
bool receive(esp::ReplayWindow& window, std::uint64_t sequence) {
  const auto full = window.check(static_cast<std::uint32_t>(sequence));
  return full == sequence && window.update(*full);
}

// The window in the plainest form: a set of all numbers seen.
class SlowWindow {
 public:
  explicit SlowWindow(std::uint32_t size) : size_(size) {}
  bool receive(std::uint64_t sequence) {
    if (sequence == 0 || (highest_ >= size_ && sequence <= highest_ - size_)) return false;
    if (!seen_.insert(sequence).second) return false;
    highest_ = std::max(highest_, sequence);
    return true;
  }

 private:
  std::uint64_t size_, highest_ = 0;
  std::set<std::uint64_t> seen_;
};

}  // namespace

TEST_CASE("B142: every number is taken once") {
  esp::ReplayWindow window(64, false);
  for (std::uint64_t n = 1; n <= 200; ++n) {
    CHECK(receive(window, n));
    CHECK_FALSE(receive(window, n));
  }
  CHECK(window.highest() == 200);
}

TEST_CASE("B142: number zero is never valid") {
  esp::ReplayWindow window(64, false);
  CHECK_FALSE(window.check(0));
  esp::ReplayWindow esn(64, true);
  CHECK_FALSE(esn.check(0));
}

TEST_CASE("B142: the window reaches exactly as far back as its size") {
  const std::uint32_t size = GENERATE(32u, 64u, 100u, 1024u, 4096u);
  esp::ReplayWindow window(size, false);
  CHECK(window.size() == size);
  const std::uint32_t top = 100'000;
  REQUIRE(receive(window, top));
  CHECK_FALSE(window.check(top - window.size()));
  CHECK(window.check(top - window.size() + 1));
  CHECK(receive(window, top - window.size() + 1));
  CHECK_FALSE(receive(window, top - window.size() + 1));
}

TEST_CASE("the newest bits of a short window end where it does") {
  esp::ReplayWindow window(32, false);
  for (std::uint64_t n = 1; n <= 100; ++n) REQUIRE(receive(window, n));
  CHECK(window.newest_bits() == 0xffffffff);
}

TEST_CASE("a check changes nothing") {
  esp::ReplayWindow window(64, false);
  CHECK(window.check(5));
  CHECK(window.check(5));
  CHECK(window.highest() == 0);
  REQUIRE(window.update(5));
  CHECK_FALSE(window.check(5));
}

TEST_CASE("an update refuses what was marked, or was left behind, since the check") {
  esp::ReplayWindow window(64, false);
  const auto a = window.check(5), b = window.check(5), c = window.check(6);
  CHECK(window.update(*a));
  CHECK_FALSE(window.update(*b));
  REQUIRE(window.update(1000));
  CHECK_FALSE(window.update(*c));
}

TEST_CASE("B142: a jump ahead by more than the window forgets all that was seen") {
  const std::uint64_t jump = GENERATE(63u, 64u, 65u, 127u, 128u, 129u, 1000u, 100'000u);
  esp::ReplayWindow window(64, false);
  for (std::uint64_t n = 1; n <= 64; ++n) REQUIRE(receive(window, n));
  REQUIRE(receive(window, 64 + jump));
  for (std::uint64_t n = 64 + jump - 63; n < 64 + jump; ++n) CHECK(receive(window, n) == (n > 64));
}

TEST_CASE("without ESN the last number is 2^32-1") {
  esp::ReplayWindow window(64, false);
  CHECK(receive(window, 0xffffffff));
  CHECK_FALSE(receive(window, 0xffffffff));
  CHECK(receive(window, 0xfffffffe));
  CHECK_FALSE(window.check(5));
}

TEST_CASE("B142: a size of zero switches the check off, but not with ESN") {
  esp::ReplayWindow off(0, false);
  CHECK(off.size() == 0);
  CHECK(receive(off, 7));
  CHECK(receive(off, 7));
  CHECK(receive(off, 1));
  CHECK(off.highest() == 7);
  CHECK(off.newest_bits() == 0);
  esp::ReplayWindow esn(0, true);
  CHECK(esn.size() == 64);
  CHECK(receive(esn, 7));
  CHECK_FALSE(receive(esn, 7));
}

TEST_CASE("B142: ESN, case A: a low half below the window belongs to the next subspace") {
  // RFC 4303 A2.2, the window lies within one subspace.
  esp::ReplayWindow window(64, true);
  REQUIRE(receive(window, 1'000));
  CHECK(window.check(1'000 - 63) == 1'000u - 63);
  CHECK(window.check(1'001) == 1'001u);
  CHECK(window.check(1'000 - 64) == (std::uint64_t{1} << 32) + 1'000 - 64);
  CHECK(window.check(0) == std::uint64_t{1} << 32);
}

TEST_CASE("B142: ESN, case B: a window over two subspaces takes high low halves as the earlier one") {
  esp::ReplayWindow window(64, true);
  REQUIRE(window.update((std::uint64_t{3} << 32) + 10));
  CHECK(window.check(10) == std::nullopt);  // seen
  CHECK(window.check(9) == (std::uint64_t{3} << 32) + 9);
  CHECK(window.check(11) == (std::uint64_t{3} << 32) + 11);
  CHECK(window.check(0) == std::uint64_t{3} << 32);
  CHECK(window.check(0xffffffff) == (std::uint64_t{3} << 32) - 1);
  // Bottom of the window: 63 below the top.
  CHECK(window.check(0xffffffff - 52) == (std::uint64_t{3} << 32) + 10 - 63);
  // Below it only the far future is left, in the same subspace.
  CHECK(window.check(0xffffffff - 53) == (std::uint64_t{3} << 32) + 0xffffffff - 53);
}

TEST_CASE("ESN: before the first subspace there is none") {
  esp::ReplayWindow window(64, true);
  CHECK(window.check(0xfffffff0) == 0xfffffff0);
  REQUIRE(window.update(5));
  CHECK(window.check(0xfffffff0) == 0xfffffff0);
}

// RFC 4303 A2.2 names the top of the window Th | Tl and its bottom Bh | Bl; W is its size. Every place that a
// received low half can have with regard to those, in both cases, at the edges.
TEST_CASE("B142: ESN, in case A, with the window within one subspace, each low half is in the right one") {
  const std::uint32_t size = GENERATE(32u, 64u, 128u, 1024u, 4096u);
  const std::uint32_t top = GENERATE_COPY(size - 1, size, 70'000u, 0xfffffffeu, 0xffffffffu);
  const std::uint64_t subspace = GENERATE(0u, 5u), above = subspace << 32, next = (subspace + 1) << 32;
  INFO("window " << size << ", top " << top << " of subspace " << subspace);
  esp::ReplayWindow window(size, true);
  REQUIRE(window.update(above + top));
  const std::uint32_t bottom = top - size + 1;
  const auto is = [&](std::uint32_t low, std::uint64_t full) { return window.check(low) == full; };
  CHECK_FALSE(window.check(top));                             // seen
  CHECK((top - 1 < bottom || is(top - 1, above + top - 1)));  // inside
  // The bottom itself, unless that is number 0, which there is none of.
  CHECK((above + bottom == 0 ? !window.check(bottom) : is(bottom, above + bottom)));
  CHECK((top == 0xffffffff || is(top + 1, above + top + 1)));        // ahead by one
  CHECK((top == 0xffffffff || is(0xffffffff, above + 0xffffffff)));  // ahead as far as it goes
  // Below the bottom it is the next subspace.
  CHECK((bottom == 0 || is(bottom - 1, next + bottom - 1)));
  CHECK((bottom == 0 || is(0, next)));
  CHECK((bottom <= 1 || is(1, next + 1)));
}

TEST_CASE("B142: ESN, in case B, with the window over two subspaces, each low half is in the right one") {
  const std::uint32_t size = GENERATE(32u, 64u, 128u, 1024u, 4096u);
  const std::uint32_t top = GENERATE_COPY(0u, 1u, size / 2, size - 2);
  const std::uint64_t subspace = GENERATE(1u, 6u), above = subspace << 32, before = (subspace - 1) << 32;
  INFO("window " << size << ", top " << top << " of subspace " << subspace);
  esp::ReplayWindow window(size, true);
  REQUIRE(window.update(above + top));
  const std::uint32_t bottom = top - size + 1;  // modulo 2^32: of the subspace before
  const auto is = [&](std::uint32_t low, std::uint64_t full) { return window.check(low) == full; };
  CHECK_FALSE(window.check(top));                     // seen
  CHECK((top == 0 || is(top - 1, above + top - 1)));  // inside, above the wrap
  CHECK((top == 0 || is(0, above)));                  // number 2^32 times the subspace
  CHECK(is(0xffffffff, before + 0xffffffff));         // inside, below the wrap
  CHECK(is(bottom, before + bottom));                 // the bottom
  CHECK(is(bottom - 1, above + bottom - 1));          // below it: far ahead, in the subspace of the top
  CHECK(is(top + 1, above + top + 1));                // ahead by one
  REQUIRE(window.update(before + bottom));
  CHECK_FALSE(window.check(bottom));  // once
  CHECK(window.highest() == above + top);
}

TEST_CASE("B142: ESN, a jump to the next subspace moves the window into it, by every size") {
  const std::uint32_t size = GENERATE(32u, 64u, 128u, 1024u, 4096u);
  esp::ReplayWindow window(size, true);
  REQUIRE(receive(window, 0x90000000));
  const std::uint64_t far = (std::uint64_t{1} << 32) + 0x10000000;  // by 2^31
  REQUIRE(receive(window, far));
  CHECK_FALSE(receive(window, far));
  CHECK(receive(window, far - size + 1));
  CHECK_FALSE(receive(window, far - size));
  CHECK_FALSE(receive(window, 0x90000000));
}

TEST_CASE("ESN: numbers run through the wrap of the low half") {
  esp::ReplayWindow window(128, true);
  const std::uint64_t start = (std::uint64_t{7} << 32) - 500;
  REQUIRE(window.update(start));
  for (std::uint64_t n = start + 1; n < start + 1'000; ++n) {
    CHECK(receive(window, n));
    CHECK_FALSE(receive(window, n));
    CHECK_FALSE(receive(window, n - 128));  // left of the window
  }
}

TEST_CASE("the newest bits show the highest number first") {
  esp::ReplayWindow window(64, false);
  CHECK(window.newest_bits() == 0);
  REQUIRE(receive(window, 1));
  CHECK(window.newest_bits() == 1);
  REQUIRE(receive(window, 4));
  CHECK(window.newest_bits() == 0b1001);
  REQUIRE(receive(window, 3));
  CHECK(window.newest_bits() == 0b1011);
  REQUIRE(receive(window, 104));
  CHECK(window.newest_bits() == 1);
}

TEST_CASE("a window tells what came late, what left it unseen, and the widest gap") {
  const std::uint32_t size = GENERATE(32u, 64u, 100u, 4096u);
  esp::ReplayWindow window(size, false);
  CHECK(window.lost() == 0);
  for (const std::uint64_t n : {1, 2, 6, 4}) REQUIRE(receive(window, n));
  CHECK(window.late() == 1);
  CHECK(window.widest_gap() == 3);
  CHECK(window.lost() == 0);  // 3 and 5 may still come
  REQUIRE(receive(window, 6 + size));
  CHECK(window.lost() == 2);
  CHECK(window.widest_gap() == size - 1);
  CHECK_FALSE(receive(window, 4));  // a replay counts as nothing
  REQUIRE(receive(window, 5 + size));
  CHECK(window.late() == 2);
  REQUIRE(receive(window, 6 + 3 * size));
  CHECK(window.lost() == 2 * std::uint64_t{size});
}

TEST_CASE("what a peer has sent before the window saw its first packet is not lost") {
  esp::ReplayWindow window(64, false);
  for (const std::uint64_t n : {1'000'000, 999'990, 1'000'005, 1'000'200}) REQUIRE(receive(window, n));
  CHECK(window.widest_gap() == 194);
  CHECK(window.lost() == 1'000'200 - 64 - (1'000'000 - 64) - 3);
}

TEST_CASE("what is lost is what a set of all numbers seen misses left of the window") {
  const std::uint32_t size = GENERATE(32u, 63u, 65u, 1024u);
  std::mt19937 random(size);
  esp::ReplayWindow window(size, true);
  std::set<std::uint64_t> seen;
  std::uint64_t top = 0;
  for (int i = 0; i < 3'000; ++i) {
    const std::uint64_t ahead = top + size;
    const std::uint64_t n = ahead > 2 * size ? ahead - random() % (2 * size) : 1 + random() % ahead;
    if (!receive(window, n)) continue;
    seen.insert(n);
    top = std::max(top, n);
  }
  std::uint64_t missing = 0;
  for (std::uint64_t n = 1; n + size <= top; ++n) missing += seen.count(n) == 0 ? 1 : 0;
  REQUIRE(missing > 0);
  CHECK(window.lost() == missing);
}

TEST_CASE("B142: any order of packets is judged as by a set of all numbers seen") {
  const std::uint32_t size = GENERATE(32u, 64u, 65u, 128u, 1024u, 4096u);
  const bool esn = GENERATE(false, true);
  const unsigned seed = GENERATE(1u, 2u, 3u);
  esp::ReplayWindow window(size, esn);
  SlowWindow slow(window.size());
  std::mt19937_64 random(seed * 1000 + size);
  std::uint64_t base = 1;
  if (esn) {
    base = (std::uint64_t{1} << 32) - 5'000;  // runs over the wrap
    REQUIRE(window.update(base));
    REQUIRE(slow.receive(base));
  }
  for (int i = 0; i < 20'000; ++i) {
    // Mostly near the top, now and then a jump; never further off than ESN can tell.
    const std::uint64_t spread = i % 50 == 0 ? window.size() * 3 : window.size() + 20;
    const std::uint64_t n = base + random() % spread;
    const bool expected = slow.receive(n);
    // What lies left of the window ESN takes for the next subspace: the integrity check refuses that later.
    REQUIRE(receive(window, n) == expected);
    if (i % 10 == 0) base += random() % 8;
  }
}
