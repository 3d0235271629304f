// The header that a TUN device with IFF_VNET_HDR puts in front of each packet (struct virtio_net_hdr, virtio
// 1.2, 5.1.6), in the order of the machine.
#pragma once

#include <cstdint>

#include "base/packet.h"

namespace tun {

struct VirtioHeader {
  static constexpr std::uint8_t kNeedsChecksum = 1, kDataValid = 2;                      // flags
  static constexpr std::uint8_t kNone = 0, kTcp4 = 1, kTcp6 = 4, kUdp = 5, kEcn = 0x80;  // kinds
  std::uint8_t flags = 0;
  std::uint8_t kind = kNone;
  std::uint16_t header_length = 0;  // octets of all headers
  std::uint16_t segment = 0;        // octets of payload in each segment
  std::uint16_t checksum_start = 0, checksum_offset = 0;
};
static_assert(sizeof(VirtioHeader) == 10);

// Brings a packet that was read behind `header` into the form that frames have: completes its checksum, or
// fills its Gso. False where header and packet do not agree.
bool accept_virtio(const VirtioHeader& header, base::Frame& frame);

}  // namespace tun
