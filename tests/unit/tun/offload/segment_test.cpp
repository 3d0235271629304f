#include "tun/offload/segment.h"

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>
#include <random>

#include "tests/support/offload_packets.h"
#include "tun/offload/checksum.h"

using offload::counting;
using offload::Shape;
using tun::VirtioHeader;

namespace {

// A packet with the sum of the pseudo header alone in its checksum, as TSO and USO hand it over.
base::Bytes half_done(const Shape& shape) {
  base::Bytes p = offload::make(shape);
  const std::uint32_t at = offload::ip_header(p);
  const auto covered = static_cast<std::uint32_t>(p.size() - at);
  const std::uint32_t sum = tun::pseudo_header_sum(p, shape.udp ? 17 : 6, covered);
  base::store_be16(&p[at + (shape.udp ? 6 : 16)], static_cast<std::uint16_t>(sum));
  return p;
}

VirtioHeader header_of(const Shape& shape, std::uint16_t segment) {
  VirtioHeader header;
  header.flags = VirtioHeader::kNeedsChecksum;
  header.kind = shape.udp ? VirtioHeader::kUdp : shape.v6 ? VirtioHeader::kTcp6 : VirtioHeader::kTcp4;
  header.segment = segment;
  header.checksum_start = shape.v6 ? 40 : 20;
  header.checksum_offset = shape.udp ? 6 : 16;
  return header;
}

}  // namespace

TEST_CASE("a TCP packet to be segmented becomes the packets that a sender would have made") {
  const bool v6 = GENERATE(false, true);
  base::PacketPool pool(4);
  Shape shape;
  shape.v6 = v6;
  shape.id = 0xfffe;  // counts over the end
  shape.sequence = 0xfffffe00;
  shape.flags = 0x99;  // CWR, ACK, PSH, FIN
  shape.options = {1, 1, 8, 10, 1, 2, 3, 4, 5, 6, 7, 8};
  shape.payload = counting(3500);
  const auto packets = offload::expand(pool, header_of(shape, 1000), half_done(shape));
  REQUIRE(packets.size() == 4);
  for (std::size_t i = 0; i < 4; ++i) {
    Shape wanted = shape;
    wanted.id = static_cast<std::uint16_t>(shape.id + i);
    wanted.sequence = static_cast<std::uint32_t>(shape.sequence + 1000 * i);
    wanted.flags = i == 0 ? 0x90 : i == 3 ? 0x19 : 0x10;  // CWR on the first, PSH and FIN on the last
    wanted.payload = base::to_bytes(base::ByteSpan(shape.payload).subspan(i * 1000, i < 3 ? 1000 : 500));
    CHECK(packets[i] == offload::make(wanted));
  }
}

TEST_CASE("a UDP packet to be segmented becomes datagrams of its payload") {
  const bool v6 = GENERATE(false, true);
  base::PacketPool pool(4);
  Shape shape;
  shape.v6 = v6;
  shape.udp = true;
  shape.payload = counting(250);
  const auto packets = offload::expand(pool, header_of(shape, 100), half_done(shape));
  REQUIRE(packets.size() == 3);
  for (std::size_t i = 0; i < 3; ++i) {
    Shape wanted = shape;
    wanted.id = static_cast<std::uint16_t>(shape.id + i);
    wanted.payload = base::to_bytes(base::ByteSpan(shape.payload).subspan(i * 100, i < 2 ? 100 : 50));
    CHECK(packets[i] == offload::make(wanted));
  }
}

TEST_CASE("a UDP checksum that comes to zero is sent as all ones") {
  base::PacketPool pool(4);
  Shape shape;
  shape.udp = true;
  shape.payload = {0, 0};
  const base::Bytes before = offload::make(shape);
  // The two octets that make the sum come out at zero.
  std::copy_n(&before[26], 2, shape.payload.begin());
  const auto packets = offload::expand(
      pool,
      [&] {
        VirtioHeader header = header_of(shape, 0);
        header.kind = VirtioHeader::kNone;
        return header;
      }(),
      half_done(shape));
  REQUIRE(packets.size() == 1);
  CHECK(base::load_be16(&packets[0][26]) == 0xffff);
  CHECK(offload::checksums_are_good(packets[0]));
}

TEST_CASE("a checksum left half way is completed, and one that is done stays") {
  base::PacketPool pool(4);
  Shape shape;
  shape.udp = GENERATE(false, true);
  shape.payload = counting(33);
  VirtioHeader header = header_of(shape, 0);
  header.kind = VirtioHeader::kNone;
  CHECK(offload::expand(pool, header, half_done(shape)) == std::vector<base::Bytes>{offload::make(shape)});
  CHECK(offload::expand(pool, {}, offload::make(shape)) == std::vector<base::Bytes>{offload::make(shape)});
  // Segmentation asked for, but all fits into one packet.
  CHECK(offload::expand(pool, header_of(shape, 1000), half_done(shape)) ==
        std::vector<base::Bytes>{offload::make(shape)});
}

TEST_CASE("headers that do not agree with their packet are refused") {
  base::PacketPool pool(4);
  Shape shape;
  shape.payload = counting(3000);
  const base::Bytes packet = half_done(shape);
  const auto refused = [&](auto change) {
    VirtioHeader header = header_of(shape, 1000);
    base::Bytes bytes = packet;
    change(header, bytes);
    return offload::expand(pool, header, bytes).empty();
  };
  CHECK(refused([](auto& h, auto&) { h.kind = 3; }));
  CHECK(refused([](auto& h, auto&) { h.flags = 0; }));
  CHECK(refused([](auto& h, auto&) { h.segment = 0; }));
  CHECK(refused([](auto& h, auto&) { h.checksum_offset = 6; }));
  CHECK(refused([](auto& h, auto&) { h.checksum_start = 4000; }));
  CHECK(refused([](auto& h, auto&) { h.checksum_start = 0; }));
  CHECK(refused([](auto&, auto& b) { b[0] = 0x4f; }));  // an IP header beyond checksum_start
  CHECK(refused([](auto&, auto& b) { b[0] = 0x44; }));
  CHECK(refused([](auto&, auto& b) { b[0] = 0x60; }));  // 20 octets are no IPv6 header
  CHECK(refused([](auto&, auto& b) { b[0] = 0x55; }));
  CHECK(refused([](auto&, auto& b) { b[32] = 0x10; }));  // a TCP header of 4 octets
  CHECK(refused([](auto&, auto& b) { b.resize(40); }));  // no payload
  CHECK(refused(
      [](auto& h, auto&) { h = {}, h.flags = VirtioHeader::kNeedsChecksum, h.checksum_start = 2999 + 40; }));
}
