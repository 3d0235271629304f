#include "tun/offload/checksum.h"

#include <bit>
#include <cstring>

namespace tun {
namespace {

constexpr std::uint32_t fold(std::uint64_t sum) {
  while (sum >> 16 != 0) sum = (sum & 0xffff) + (sum >> 16);
  return static_cast<std::uint32_t>(sum);
}

}  // namespace

// Words are added in the order of the machine, several to a load; the sum is swapped once at the end (RFC
// 1071 2 (B)).
std::uint32_t word_sum(base::ByteSpan bytes) {
  const std::uint8_t* at = bytes.data();
  std::size_t left = bytes.size();
  std::uint64_t sum = 0;
  // Small blocks of a fixed size: compilers make SIMD of them.
  constexpr std::size_t kBlock = 64;
  for (; left >= kBlock; at += kBlock, left -= kBlock) {
    std::uint32_t words[kBlock / 4];
    std::memcpy(words, at, kBlock);
    std::uint64_t part = 0;
    for (const std::uint32_t word : words) part += word;
    sum += part;
  }
  for (; left >= 4; at += 4, left -= 4) {
    std::uint32_t word;
    std::memcpy(&word, at, 4);
    sum += word;
  }
  if (left != 0) {
    std::uint32_t word = 0;
    std::memcpy(&word, at, left);
    sum += word;
  }
  const std::uint32_t folded = fold(sum);
  if constexpr (std::endian::native == std::endian::big) return folded;
  return ((folded & 0xff) << 8) | (folded >> 8);
}

std::uint32_t pseudo_header_sum(base::ByteSpan packet, std::uint8_t protocol, std::uint32_t length) {
  const bool v6 = packet[0] >> 4 == 6;
  const std::uint32_t addresses = word_sum(v6 ? packet.subspan(8, 32) : packet.subspan(12, 8));
  return fold(std::uint64_t{addresses} + protocol + length);
}

bool complete_checksum(base::MutableByteSpan packet, std::uint16_t start, std::uint16_t offset) {
  const std::size_t at = std::size_t{start} + offset;
  if (at + 2 > packet.size()) return false;
  // The field itself holds the sum so far.
  const std::uint16_t checksum = finish_sum(word_sum(packet.subspan(start)));
  constexpr std::uint16_t kUdpField = 6;
  base::store_be16(&packet[at], checksum == 0 && offset == kUdpField ? std::uint16_t{0xffff} : checksum);
  return true;
}

}  // namespace tun
