// How a frame came to us.
#pragma once

#include <cstdint>

namespace esp {

enum class Arrival : std::uint8_t {
  udp,  // payload of a UDP datagram on the NAT-T port: ESP, IKE behind a marker, or a keepalive
  raw,  // payload of IP protocol 50: ESP
  ah,   // whole IP packets of protocol 51
  ip,   // whole IP packets of protocols 4, 41 and 108: bundles of tun and comp alone
};

}  // namespace esp
