#include "tun/offload/coalesce.h"

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>
#include <catch2/generators/catch_generators_range.hpp>
#include <map>
#include <random>

#include "tests/support/offload_packets.h"

using offload::counting;
using offload::Shape;
using tun::Coalescer;
using tun::VirtioHeader;

namespace {

struct Joined {
  tun::VirtioHeader header;
  base::Bytes bytes;
  std::uint32_t packets;
};

// What one batch of these becomes.
std::vector<Joined> join(std::vector<base::Bytes> packets,
                         const tun::CoalesceOptions& options = {true, true, true}) {
  const auto coalescer = std::make_unique<Coalescer>();
  coalescer->set_options(options);
  for (auto& packet : packets) REQUIRE(coalescer->add(packet));
  std::vector<Joined> out;
  for (const auto& group : coalescer->finish()) {
    base::Bytes all;
    for (const auto& part : group.parts()) {
      base::append(all, {static_cast<const std::uint8_t*>(part.iov_base), part.iov_len});
    }
    out.push_back(
        {group.header, base::to_bytes(base::ByteSpan(all).subspan(sizeof group.header)), group.packets});
  }
  return out;
}

std::vector<std::uint32_t> sizes(const std::vector<Joined>& groups) {
  std::vector<std::uint32_t> out;
  for (const auto& group : groups) out.push_back(group.packets);
  return out;
}

// A flow's packets one after the other.
struct Stream {
  Shape shape;
  explicit Stream(Shape s = {}) : shape(std::move(s)) {}
  base::Bytes next(std::size_t payload, std::uint8_t flags = 0x10) {
    shape.flags = flags;
    shape.payload = counting(payload, static_cast<std::uint8_t>(shape.sequence));
    base::Bytes made = offload::make(shape);
    shape.sequence += static_cast<std::uint32_t>(payload);
    ++shape.id;
    return made;
  }
};

using Sizes = std::vector<std::uint32_t>;

}  // namespace

TEST_CASE("packets of one flow that follow each other become one, which comes apart to the same packets") {
  Shape shape;
  shape.v6 = GENERATE(false, true);
  shape.udp = GENERATE(false, true);
  Stream stream(shape);
  std::vector<base::Bytes> packets;
  for (int i = 0; i < 20; ++i) packets.push_back(stream.next(1000));
  packets.push_back(stream.next(300));
  const auto groups = join(packets);
  REQUIRE(sizes(groups) == Sizes{21});
  CHECK(groups[0].header.flags == VirtioHeader::kNeedsChecksum);
  CHECK(groups[0].header.segment == 1000);
  base::PacketPool pool(4);
  CHECK(offload::expand(pool, groups[0].header, groups[0].bytes) == packets);
}

TEST_CASE("nothing is joined behind PSH, behind a shorter packet, or to a longer one") {
  Stream s;
  CHECK(sizes(join({s.next(100), s.next(100, 0x18), s.next(100), s.next(100)})) == Sizes{2, 2});
  CHECK(sizes(join({s.next(100), s.next(60), s.next(100), s.next(100)})) == Sizes{2, 2});
  CHECK(sizes(join({s.next(60), s.next(100), s.next(100)})) == Sizes{1, 2});
}

TEST_CASE("what segmentation could not make again stays apart") {
  const auto second = [](auto change) {
    Stream s;
    const base::Bytes first = s.next(100);
    change(s.shape);
    return sizes(join({first, s.next(100, s.shape.flags)}));
  };
  CHECK(second([](Shape&) {}) == Sizes{2});
  CHECK(second([](Shape& s) { s.sequence += 1; }) == Sizes{1, 1});
  CHECK(second([](Shape& s) { s.acknowledgement += 1; }) == Sizes{1, 1});
  CHECK(second([](Shape& s) { s.window += 1; }) == Sizes{1, 1});
  CHECK(second([](Shape& s) { s.options = {1, 1, 1, 1}; }) == Sizes{1, 1});
  CHECK(second([](Shape& s) { s.tos = 1; }) == Sizes{1, 1});  // ECN
  CHECK(second([](Shape& s) { s.hop_limit -= 1; }) == Sizes{1, 1});
  CHECK(second([](Shape& s) { s.dont_fragment = false; }) == Sizes{1, 1});
  CHECK(second([](Shape& s) { s.id += 1; }) == Sizes{1, 1});
  CHECK(second([](Shape& s) { s.port += 1; }) == Sizes{1, 1});
  CHECK(second([](Shape& s) { s.id -= 1; }) == Sizes{2});  // all alike, as senders do with DF
  for (const std::uint8_t flags : base::Bytes{0x11, 0x12, 0x14, 0x30, 0x50, 0x90, 0x00}) {
    CHECK(second([&](Shape& s) { s.flags = flags; }) == Sizes{1, 1});
  }
}

TEST_CASE("options that differ in one octet keep packets apart") {
  Shape shape;
  shape.options = {1, 1, 8, 10, 0, 0, 0, 1, 0, 0, 0, 2};
  Stream s(shape);
  const base::Bytes first = s.next(100);
  CHECK(sizes(join({first, s.next(100)})) == Sizes{2});
  Stream t(shape);
  const base::Bytes again = t.next(100);
  t.shape.options[11] = 3;
  CHECK(sizes(join({again, t.next(100)})) == Sizes{1, 1});
}

TEST_CASE("a packet whose checksum is wrong goes on as it came, alone") {
  const bool in_ip = GENERATE(false, true);
  Stream s;
  std::vector<base::Bytes> packets{s.next(100), s.next(100), s.next(100), s.next(100)};
  packets[1][in_ip ? 10 : 60] ^= 1;
  const auto groups = join(packets);
  REQUIRE(sizes(groups) == Sizes{1, 1, 2});
  CHECK(groups[1].bytes == packets[1]);
  CHECK(groups[1].header.flags == 0);  // the kernel looks itself, and drops it
  CHECK(groups[0].header.flags == VirtioHeader::kDataValid);
}

TEST_CASE("fragments, options of IPv4, extension headers and UDP without a checksum go alone") {
  Stream s;
  const auto changed = [&](auto change) {
    std::vector<base::Bytes> packets{s.next(100), s.next(100)};
    for (auto& packet : packets) change(packet);
    return sizes(join(packets));
  };
  CHECK(changed([](auto&) {}) == Sizes{2});
  CHECK(changed([](auto& p) { p[6] = 0x20, offload::store_checksums(p); }) == Sizes{1, 1});  // more fragments
  CHECK(changed([](auto& p) { p[7] = 1, offload::store_checksums(p); }) == Sizes{1, 1});     // a later one
  CHECK(changed([](auto& p) { p[0] = 0x46; }) == Sizes{1, 1});
  CHECK(changed([](auto& p) { p.push_back(0); }) == Sizes{1, 1});  // octets behind the packet
  Shape shape;
  shape.udp = true;
  s = Stream(shape);
  CHECK(changed([](auto& p) { p[26] = p[27] = 0; }) == Sizes{1, 1});
  CHECK(changed([](auto& p) { p[25] += 1; }) == Sizes{1, 1});  // a length that is not the packet's
  shape.v6 = true;
  s = Stream(shape);
  CHECK(changed([](auto& p) { p[6] = 43; }) == Sizes{1, 1});
}

TEST_CASE("flows that take turns are joined each for itself, in the order of their first packets") {
  Shape other;
  other.port = 2000;
  Stream a, b(other);
  std::vector<base::Bytes> packets;
  for (int i = 0; i < 10; ++i) {
    packets.push_back(a.next(500));
    packets.push_back(b.next(500));
  }
  CHECK(sizes(join(packets)) == Sizes{10, 10});
}

TEST_CASE("a packet that cannot be joined is not overtaken by later ones of its flow") {
  Stream s;
  const std::vector<base::Bytes> packets{s.next(100), s.next(0), s.next(100), s.next(100, 0x11), s.next(100)};
  CHECK(sizes(join(packets)) == Sizes{1, 1, 1, 1, 1});
}

TEST_CASE("only what is wanted is joined") {
  Stream tcp;
  CHECK(sizes(join({tcp.next(100), tcp.next(100)}, {false, true, true})) == Sizes{1, 1});
  Shape shape;
  shape.v6 = true;
  Stream tcp6(shape);
  CHECK(sizes(join({tcp6.next(100), tcp6.next(100)}, {true, false, true})) == Sizes{1, 1});
  shape.udp = true;
  Stream udp(shape);
  CHECK(sizes(join({udp.next(100), udp.next(100)}, {true, true, false})) == Sizes{1, 1});
}

TEST_CASE("one packet joined is never longer than 65535 octets") {
  Stream s;
  std::vector<base::Bytes> packets;
  for (int i = 0; i < 50; ++i) packets.push_back(s.next(1400));
  const auto groups = join(packets);
  REQUIRE(groups.size() == 2);
  CHECK(groups[0].bytes.size() <= 65535);
  CHECK(groups[0].bytes.size() + 1400 > 65535);
}

TEST_CASE("one write joins no more packets than the kernel takes") {
  Stream s;
  std::vector<base::Bytes> packets;
  for (std::size_t i = 0; i < Coalescer::kMostJoined + 2; ++i) packets.push_back(s.next(10));
  CHECK(sizes(join(packets)) == Sizes{Coalescer::kMostJoined, 2});
}

TEST_CASE("packets wait up to a number of them, and of flows; then the next is not taken") {
  const auto coalescer = std::make_unique<Coalescer>();
  coalescer->set_options({true, true, true});
  Stream s;
  std::vector<base::Bytes> packets;
  for (std::size_t i = 0; i <= Coalescer::kCapacity; ++i) packets.push_back(s.next(1000));
  for (std::size_t i = 0; i < Coalescer::kCapacity; ++i) REQUIRE(coalescer->add(packets[i]));
  CHECK_FALSE(coalescer->add(packets.back()));
  CHECK(coalescer->finish().size() == 4);
  coalescer->clear();
  packets.clear();
  for (std::size_t i = 0; i <= Coalescer::kMostGroups; ++i) {
    Shape shape;
    shape.port = static_cast<std::uint16_t>(2000 + i);
    packets.push_back(Stream(shape).next(100));
  }
  for (std::size_t i = 0; i < Coalescer::kMostGroups; ++i) REQUIRE(coalescer->add(packets[i]));
  CHECK_FALSE(coalescer->add(packets.back()));
  CHECK(coalescer->finish().size() == Coalescer::kMostGroups);
}

TEST_CASE("random traffic comes apart to what went in, flow by flow in order") {
  const auto seed = GENERATE(range(1u, 200u));
  std::mt19937 rng(seed);
  const auto pick = [&](std::uint32_t n) { return static_cast<std::uint32_t>(rng() % n); };
  std::vector<Stream> streams;
  for (std::uint16_t i = 0; i < 5; ++i) {
    Shape shape;
    shape.v6 = pick(2) == 0;
    shape.udp = pick(3) == 0;
    shape.port = static_cast<std::uint16_t>(1000 + i);
    if (pick(2) == 0) shape.options = {1, 1, 8, 10, 0, 0, 0, 1, 0, 0, 0, 2};
    streams.emplace_back(shape);
  }
  std::vector<base::Bytes> packets;
  while (packets.size() < Coalescer::kMostGroups) {
    Stream& s = streams[pick(5)];
    for (std::uint32_t run = pick(8) + 1; run > 0 && packets.size() < Coalescer::kMostGroups; --run) {
      if (pick(12) == 0) s.shape.acknowledgement += 1;
      if (pick(20) == 0) s.shape.sequence += 7;
      const std::uint8_t flags = pick(10) == 0 ? 0x18 : pick(25) == 0 ? 0x11 : 0x10;
      packets.push_back(s.next(pick(6) == 0 ? pick(400) : 400, flags));
      if (pick(25) == 0) packets.back().back() ^= 1;
    }
  }
  const auto flow_of = [](const base::Bytes& packet) {
    return base::load_be16(&packet[offload::ip_header(packet)]);
  };
  std::map<std::uint16_t, std::vector<base::Bytes>> in, out;
  for (const auto& packet : packets) in[flow_of(packet)].push_back(packet);
  base::PacketPool pool(4);
  for (const auto& group : join(packets)) {
    const auto apart = offload::expand(pool, group.header, group.bytes);
    CHECK(apart.size() == group.packets);
    for (const auto& packet : apart) out[flow_of(packet)].push_back(packet);
  }
  CHECK(in == out);
}
