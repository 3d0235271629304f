#include "esp/natt.h"

#include <catch2/catch_test_macros.hpp>
#include <optional>

namespace {

base::Bytes bytes(std::string_view hex) {
  base::Bytes out;
  REQUIRE(base::from_hex(hex, out));
  return out;
}

// Runs the few opcodes that a steering program may use, as the kernel would; nullopt where it would stop.
std::optional<std::uint32_t> run(const esp::SteeringProgram& program, base::ByteSpan packet) {
  std::uint32_t a = 0;
  for (std::size_t pc = 0; pc < program.size(); ++pc) {
    const auto& i = program[pc];
    switch (i.code) {
      case 0x80:
        a = static_cast<std::uint32_t>(packet.size());
        break;
      case 0x20:
        if (i.k + 4 > packet.size()) return 0;  // a load outside the packet ends the program with 0
        a = base::load_be32(&packet[i.k]);
        break;
      case 0x35:
        pc += a >= i.k ? i.jump_true : i.jump_false;
        break;
      case 0x15:
        pc += a == i.k ? i.jump_true : i.jump_false;
        break;
      case 0x54:
        a &= i.k;
        break;
      case 0x04:
        a += i.k;
        break;
      case 0x16:
        return a;
      case 0x06:
        return i.k;
      default:
        return {};
    }
  }
  return {};
}

}  // namespace

TEST_CASE("B138: a datagram on the NAT-T port is told by its first octets") {
  using esp::DatagramKind;
  CHECK(esp::classify(bytes("ff")) == DatagramKind::keepalive);
  CHECK(esp::classify(bytes("00000000")) == DatagramKind::ike);
  CHECK(esp::classify(bytes("000000001122334455667788")) == DatagramKind::ike);
  CHECK(esp::classify(bytes("0000000100000001")) == DatagramKind::esp);
  CHECK(esp::classify(bytes("ff00000100000001")) == DatagramKind::esp);
  CHECK(esp::classify({}) == DatagramKind::runt);
  CHECK(esp::classify(bytes("fe")) == DatagramKind::runt);
  CHECK(esp::classify(bytes("ffff")) == DatagramKind::runt);
  CHECK(esp::classify(bytes("000000")) == DatagramKind::runt);
  CHECK(esp::classify(bytes("00000001000000")) == DatagramKind::runt);
}

TEST_CASE("the steering program sends ESP to the shard of its SPI and all else to socket 0") {
  for (const std::uint32_t shards : {1u, 2u, 4u, 8u}) {
    const auto program = esp::steering_program(shards);
    CHECK(run(program, bytes("ff")) == 0u);
    CHECK(run(program, {}) == 0u);
    CHECK(run(program, bytes("01020304050607")) == 0u);
    CHECK(run(program, bytes("00000000112233445566")) == 0u);
    for (std::uint32_t spi : {0x100u, 0x101u, 0x102u, 0xffffffffu, 0x80000000u, 0x3d5u}) {
      base::Bytes packet(64);
      base::store_be32(packet.data(), spi);
      CHECK(run(program, packet) == 1 + spi % shards);
    }
  }
}
