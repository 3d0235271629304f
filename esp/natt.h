// What a UDP datagram on the NAT-T port is (RFC 3948 2), and which socket of a group it belongs to. Pure.
#pragma once

#include <array>
#include <cstdint>

#include "base/bytes.h"

namespace esp {

enum class DatagramKind : std::uint8_t {
  ike,        // four zero octets, the non-ESP marker (RFC 3948 2.2), then an IKE message
  esp,        // starts with an SPI, which is never zero (RFC 3948 2.1)
  keepalive,  // one octet 0xff (RFC 3948 2.3)
  runt,       // none of them: too short for an SPI and a sequence number
};

DatagramKind classify(base::ByteSpan payload);

// One instruction of a classic BPF program, field by field what struct sock_filter holds.
struct SteeringInstruction {
  std::uint16_t code;
  std::uint8_t jump_true, jump_false;
  std::uint32_t k;
};
using SteeringProgram = std::array<SteeringInstruction, 8>;

// For the group of sockets on the NAT-T port: IKE, keepalives and runts go to socket 0, ESP to socket 1 +
// (SPI modulo `shards`). `shards` is a power of two, at least 1. Runs over the UDP payload, which starts at
// offset 0.
SteeringProgram steering_program(std::uint32_t shards);

}  // namespace esp
