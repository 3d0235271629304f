#include "tun/offload/virtio_header.h"

#include "tun/offload/checksum.h"

namespace tun {
namespace {

constexpr std::uint32_t kUdpHeader = 8, kTcpHeader = 20;
constexpr std::uint16_t kUdpChecksum = 6, kTcpChecksum = 16;

// Whether the IP header fills the octets in front of the transport header: with its options, which IPv4
// counts, or with extension headers.
bool ip_header_fits(const base::Frame& frame, std::uint32_t transport) {
  constexpr std::uint32_t kLeastV4 = 20, kLeastV6 = 40;
  if (transport >= frame.length) return false;
  const std::uint8_t first = frame.data()[0];
  if (first >> 4 == 6) return transport >= kLeastV6;
  return first >> 4 == 4 && transport >= kLeastV4 && (first & 0x0fu) * 4u == transport;
}

bool fill_gso(const VirtioHeader& header, base::Frame& frame) {
  const std::uint8_t kind = header.kind & static_cast<std::uint8_t>(~VirtioHeader::kEcn);
  const bool udp = kind == VirtioHeader::kUdp;
  if (!udp && kind != VirtioHeader::kTcp4 && kind != VirtioHeader::kTcp6) return false;
  if ((header.flags & VirtioHeader::kNeedsChecksum) == 0) return false;
  if (header.checksum_offset != (udp ? kUdpChecksum : kTcpChecksum)) return false;
  const std::uint32_t transport = header.checksum_start;
  if (!ip_header_fits(frame, transport)) return false;
  std::uint32_t size = kUdpHeader;
  if (!udp) {
    if (transport + kTcpHeader > frame.length) return false;
    size = (frame.data()[transport + 12] >> 4) * 4u;
    if (size < kTcpHeader) return false;
  }
  const std::uint32_t before = transport + size;
  constexpr std::uint32_t kMostHeaders = 512;
  if (before >= frame.length || before > kMostHeaders) return false;
  // hdr_len is a hint, and wrong where the packet was forwarded; the headers themselves tell.
  frame.gso.payload = header.segment;
  frame.gso.header = static_cast<std::uint16_t>(before);
  frame.gso.transport = static_cast<std::uint16_t>(transport);
  frame.gso.udp = udp;
  return header.segment != 0;
}

}  // namespace

bool accept_virtio(const VirtioHeader& header, base::Frame& frame) {
  if (header.kind == VirtioHeader::kNone) {
    if ((header.flags & VirtioHeader::kNeedsChecksum) == 0) return true;
    return complete_checksum(frame.bytes(), header.checksum_start, header.checksum_offset);
  }
  if (!fill_gso(header, frame)) return false;
  if (frame.packets() > 1) return true;
  // One packet after all.
  const base::Gso gso = frame.gso;
  frame.gso = {};
  return complete_checksum(frame.bytes(), gso.transport, gso.udp ? kUdpChecksum : kTcpChecksum);
}

}  // namespace tun
