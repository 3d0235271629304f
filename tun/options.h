// Names and numbers for kernel-facing I/O: plain structs.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/ip.h"

namespace tun {

// Our marks in the kernel's tables, so that leftovers of a crash are recognised. All can be set, for several
// daemons on one host.
struct RoutingOptions {
  std::uint32_t mark = 0x1ce2;         // SO_MARK of every outer socket
  std::uint32_t table = 7362;          // our routing table
  std::uint32_t rule_priority = 7300;  // rules use priority .. priority + 9
  std::uint8_t protocol = 173;         // RTPROT of our routes and rules
};

// What the kernel may hand over and take as one, in place of packet by packet. True: wanted, or at work.
struct OffloadOptions {
  bool tso = true;  // TCP through the TUN device, both ways
  bool uso = true;  // UDP through the TUN device, both ways; Linux 6.2
  bool gso = true;  // trains of datagrams sent on a UDP socket; Linux 4.18
  bool gro = true;  // trains of datagrams received; Linux 5.0
};

constexpr OffloadOptions kNoOffload{false, false, false, false};

struct TunOptions {
  std::string name = "ipsec0";
  bool tap = false;        // a port of an Ethernet
  std::uint32_t mtu = 0;   // 0: chosen from the overhead
  OffloadOptions offload;  // tso and uso
};

}  // namespace tun
