#include "tun/offload/checksum.h"

namespace tun {

std::uint32_t pseudo_header_sum(base::ByteSpan packet, std::uint8_t protocol, std::uint32_t length) {
  const bool v6 = packet[0] >> 4 == 6;
  const std::uint32_t addresses = base::word_sum(v6 ? packet.subspan(8, 32) : packet.subspan(12, 8));
  return base::fold_sum(std::uint64_t{addresses} + protocol + length);
}

bool complete_checksum(base::MutableByteSpan packet, std::uint16_t start, std::uint16_t offset) {
  const std::size_t at = std::size_t{start} + offset;
  if (at + 2 > packet.size()) return false;
  // The field itself holds the sum so far.
  const std::uint16_t checksum = base::finish_sum(base::word_sum(packet.subspan(start)));
  constexpr std::uint16_t kUdpField = 6;
  base::store_be16(&packet[at], checksum == 0 && offset == kUdpField ? std::uint16_t{0xffff} : checksum);
  return true;
}

}  // namespace tun
