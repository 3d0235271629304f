#include "apps/daemon/spi_source.h"

#include <catch2/catch_test_macros.hpp>
#include <deque>
#include <set>

namespace {

using daemon_app::RandomSpiSource;

// Gives the numbers of a list, one for each draw; its last one for ever.
class ListedRng : public base::Rng {
 public:
  explicit ListedRng(std::deque<std::uint32_t> values) : values_(std::move(values)) {}
  void fill(base::MutableByteSpan out) override {
    std::uint8_t wide[8] = {};
    base::store_be32(wide + 4, values_.front());
    if (values_.size() > 1) values_.pop_front();
    std::copy_n(wide, out.size(), out.begin());
  }

 private:
  std::deque<std::uint32_t> values_;
};

class CountingRng : public base::Rng {
 public:
  void fill(base::MutableByteSpan out) override {
    std::uint8_t wide[8];
    base::store_be64(wide, next_ += 0x9e3779b97f4a7c15u);
    std::copy_n(wide, out.size(), out.begin());
  }

 private:
  std::uint64_t next_ = 0;
};

}  // namespace

TEST_CASE("the low bits of an SPI name the shard, and shards take turns") {
  CountingRng rng;
  RandomSpiSource source(rng, 4);
  for (std::uint32_t i = 0; i < 16; ++i) CHECK((source.draw().value & 3) == i % 4);
}

TEST_CASE("reserved and low values are never drawn (RFC 4303 2.1)") {
  ListedRng rng({0, 1, 255, 256, 0xfff, 0x1000});
  RandomSpiSource source(rng, 1);
  CHECK(source.draw().value == 0x1000);
}

TEST_CASE("an SPI that is in use is not drawn again until it is released") {
  ListedRng rng({0xabcd0000, 0xabcd0000, 0x12340000, 0xabcd0000});
  RandomSpiSource source(rng, 1);
  const base::Spi first = source.draw();
  CHECK(first.value == 0xabcd0000);
  CHECK(source.draw().value == 0x12340000);
  source.release(first);
  CHECK(source.draw() == first);
}

TEST_CASE("ten thousand SPIs are ten thousand different ones") {
  CountingRng rng;
  RandomSpiSource source(rng, 2);
  std::set<std::uint32_t> seen;
  for (int i = 0; i < 10000; ++i) seen.insert(source.draw().value);
  CHECK(seen.size() == 10000);
}

TEST_CASE("the data threads may expect an SPI while it is in use, drawn or reserved") {
  CountingRng rng;
  RandomSpiSource source(rng, 1);
  const base::Spi drawn = source.draw();
  CHECK(source.expected().may_hold(drawn));
  source.release(drawn);
  source.release(drawn);
  CHECK_FALSE(source.expected().may_hold(drawn));
  CHECK(source.reserve(base::Spi(0x1234)));
  CHECK_FALSE(source.reserve(base::Spi(0x1234)));
  CHECK(source.expected().may_hold(base::Spi(0x1234)));
  source.release(base::Spi(0x1234));
  CHECK_FALSE(source.expected().may_hold(base::Spi(0x1234)));
}

TEST_CASE("more SPIs than are counted in one place stay expected for ever") {
  esp::ExpectedSpis spis;
  for (std::uint32_t i = 0; i < 300; ++i) spis.add(base::Spi(0x00010000u * i | (7 ^ i)));
  for (std::uint32_t i = 0; i < 300; ++i) spis.remove(base::Spi(0x00010000u * i | (7 ^ i)));
  CHECK(spis.may_hold(base::Spi(7)));
  CHECK_FALSE(spis.may_hold(base::Spi(8)));
}
