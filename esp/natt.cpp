#include "esp/natt.h"

namespace esp {

DatagramKind classify(base::ByteSpan payload) {
  if (payload.size() == 1 && payload[0] == 0xff) return DatagramKind::keepalive;
  if (payload.size() < 4) return DatagramKind::runt;
  if (base::load_be32(payload.data()) == 0) return DatagramKind::ike;
  return payload.size() < 8 ? DatagramKind::runt : DatagramKind::esp;
}

SteeringProgram steering_program(std::uint32_t shards) {
  // Opcodes of <linux/filter.h>, by value: no kernel header is included here.
  constexpr std::uint16_t kLoadLength = 0x80, kLoadWord = 0x20, kJumpGreaterEqual = 0x35, kJumpEqual = 0x15,
                          kAnd = 0x54, kAdd = 0x04, kReturnA = 0x16, kReturn = 0x06;
  const std::uint32_t mask = shards == 0 ? 0 : shards - 1;
  return {{
      {kLoadLength, 0, 0, 0},
      {kJumpGreaterEqual, 0, 5, 8},  // shorter than SPI and sequence number: 0
      {kLoadWord, 0, 0, 0},
      {kJumpEqual, 3, 0, 0},  // the non-ESP marker: 0
      {kAnd, 0, 0, mask},
      {kAdd, 0, 0, 1},
      {kReturnA, 0, 0, 0},
      {kReturn, 0, 0, 0},
  }};
}

}  // namespace esp
