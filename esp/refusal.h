// Why the sender of an outbound packet is told by ICMP that it goes nowhere (RFC 4301 5.1.1, 8.2).
#pragma once

#include <cstdint>

namespace esp {

enum class Refusal : std::uint8_t {
  too_big,     // for its SA
  rejected,    // by a policy
  no_sa_soon,  // at a trap that pauses: the peer was not reached, or has refused
};

}  // namespace esp
