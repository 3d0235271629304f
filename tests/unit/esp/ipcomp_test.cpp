#include "esp/ipcomp.h"

#include <catch2/catch_test_macros.hpp>
#include <cstring>

#include "esp/ipcomp_habit.h"
#include "tests/support/esp_pair.h"

namespace {

base::Bytes repeated(std::size_t size) {
  base::Bytes out(size);
  for (std::size_t i = 0; i < size; ++i) out[i] = static_cast<std::uint8_t>(i % 10);
  return out;
}

base::Bytes random_octets(std::size_t size, std::uint64_t seed) {
  base::Bytes out(size);
  support::TestRng rng(seed);
  rng.fill(out);
  return out;
}

base::Bytes hex(std::string_view text) {
  base::Bytes out;
  REQUIRE(base::from_hex(text, out));
  return out;
}

struct Inflated {
  base::Bytes room = base::Bytes(esp::Inflater::kRoom);
  std::size_t size = 0;
  esp::Inflater inflater;
  esp::Inflater::Outcome operator()(base::ByteSpan in) { return inflater.inflate(in, room.data(), size); }
  base::Bytes octets() const {
    return base::Bytes(room.begin(), room.begin() + static_cast<std::ptrdiff_t>(size));
  }
};

using Outcome = esp::Inflater::Outcome;

}  // namespace

TEST_CASE("the IPComp header is next header, zero flags and CPI") {
  base::Bytes header(esp::kCompHeader, 0xff);
  esp::write_comp_header(header.data(), {6, 0x1234});
  CHECK(base::to_hex(header) == "06001234");
  header[1] = 0xff;  // flags are ignored (RFC 3173 3.3)
  const auto read = esp::read_comp_header(header);
  REQUIRE(read);
  CHECK(read->next_header == 6);
  CHECK(read->cpi == 0x1234);
  for (std::size_t size = 0; size < esp::kCompHeader; ++size) {
    CHECK_FALSE(esp::read_comp_header(base::ByteSpan(header).first(size)));
  }
}

TEST_CASE("what is compressed becomes the same again, each packet by itself, in any order") {
  esp::Deflater deflater;
  Inflated inflated;
  std::vector<base::Bytes> plain, streams;
  for (const std::size_t size : {1u, 90u, 1400u, 9000u, 65535u}) {
    plain.push_back(repeated(size));
    const auto stream = deflater.compress(plain.back(), size + 20);
    REQUIRE_FALSE(stream.empty());
    CHECK((size < 90 || stream.size() < size / 2));
    streams.push_back(base::to_bytes(stream));
  }
  for (std::size_t i = plain.size(); i-- > 0;) {
    REQUIRE(inflated(streams[i]) == Outcome::done);
    CHECK(inflated.octets() == plain[i]);
  }
}

TEST_CASE(
    "what does not become smaller than the limit is not compressed, and the next packet is none the worse") {
  esp::Deflater deflater;
  Inflated inflated;
  const auto noise = random_octets(1000, 3);
  CHECK(deflater.compress(noise, noise.size()).empty());
  const auto even = repeated(1000);
  const auto stream = base::to_bytes(deflater.compress(even, even.size()));
  REQUIRE_FALSE(stream.empty());
  CHECK(deflater.compress(even, stream.size()).empty());  // "smaller" is strictly so
  CHECK(deflater.compress(even, stream.size() + 1).size() == stream.size());
  CHECK(deflater.compress(even, 1).empty());
  REQUIRE(inflated(stream) == Outcome::done);
  CHECK(inflated.octets() == even);
}

TEST_CASE("references reach back 2 KiB at most, which is what Linux opens with") {
  // Two times the same 2,500 random octets: further apart than the window, so nothing is found.
  esp::Deflater deflater;
  auto twice = random_octets(2500, 4);
  const auto once = twice;
  base::append(twice, once);
  CHECK(deflater.compress(twice, twice.size()).empty());
  auto near = random_octets(1500, 4);
  const auto near_once = near;
  base::append(near, near_once);
  CHECK_FALSE(deflater.compress(near, near.size()).empty());
}

TEST_CASE("a stream written elsewhere is opened: raw DEFLATE without a header of zlib's") {
  // RFC 1951 3.2.4: one final block, stored, of 5 octets; and 3.2.6: "hello" with the fixed codes.
  Inflated inflated;
  REQUIRE(inflated(hex("010500faff68656c6c6f")) == Outcome::done);
  CHECK(base::to_hex(inflated.octets()) == "68656c6c6f");
  REQUIRE(inflated(hex("cb48cdc9c90700")) == Outcome::done);
  CHECK(base::to_hex(inflated.octets()) == "68656c6c6f");
}

TEST_CASE("a stream that is cut off, empty or no stream is broken; octets behind it are ignored") {
  esp::Deflater deflater;
  Inflated inflated;
  auto stream = base::to_bytes(deflater.compress(repeated(1400), 1400));
  REQUIRE_FALSE(stream.empty());
  for (std::size_t size = 0; size < stream.size(); ++size) {
    CHECK(inflated(base::ByteSpan(stream).first(size)) == Outcome::broken);
  }
  CHECK(inflated(hex("07ffffff")) == Outcome::broken);              // a block of the reserved kind
  CHECK(inflated(hex("010500ffff68656c6c6f")) == Outcome::broken);  // LEN and NLEN differ
  stream.push_back(0);
  stream.push_back(1);
  REQUIRE(inflated(stream) == Outcome::done);
  CHECK(inflated.octets() == repeated(1400));
}

TEST_CASE("a bomb of a few octets is stopped at the size of an IP packet") {
  esp::Deflater deflater;
  Inflated inflated;
  const auto most = base::to_bytes(deflater.compress(base::Bytes(esp::kMaxInflated), 65535));
  REQUIRE_FALSE(most.empty());
  CHECK(most.size() < 1000);
  CHECK(inflated(most) == Outcome::done);
  CHECK(inflated.size == esp::kMaxInflated);
  // One octet more, in a stored block in front of it.
  auto bomb = hex("000100feff00");
  base::append(bomb, most);
  CHECK(inflated(bomb) == Outcome::large);
  CHECK(inflated(most) == Outcome::done);
}

TEST_CASE("after failures in a row compression pauses, longer each time, and a success ends that") {
  esp::CompressionHabit habit;
  // How many packets go without trying before the next that is tried, which fails.
  const auto pause_before_failure = [&] {
    std::uint32_t packets = 0;
    while (!habit.try_next()) ++packets;
    habit.note(false);
    return packets;
  };
  for (const std::uint32_t packets : {0u, 8u, 16u, 32u, 64u, 128u, 256u, 256u}) {
    CHECK(pause_before_failure() == packets);
    for (std::uint32_t i = 1; i < esp::CompressionHabit::kFailures; ++i) CHECK(pause_before_failure() == 0);
  }
  habit.note(true);
  while (!habit.try_next()) continue;  // the pause that had begun
  for (std::uint32_t i = 0; i < esp::CompressionHabit::kFailures; ++i) habit.note(false);
  CHECK(pause_before_failure() == esp::CompressionHabit::kFirstPause);
}
