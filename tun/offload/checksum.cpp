#include "tun/offload/checksum.h"

#include <bit>
#include <cstring>
#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace tun {
namespace {

constexpr std::uint32_t fold(std::uint64_t sum) {
  while (sum >> 16 != 0) sum = (sum & 0xffff) + (sum >> 16);
  return static_cast<std::uint32_t>(sum);
}

constexpr std::size_t kBlock = 64;

[[maybe_unused]] std::uint64_t sum_plain(const std::uint8_t* at, std::size_t blocks) {
  std::uint64_t sum = 0;
  for (std::size_t words = blocks * (kBlock / 4); words != 0; at += 4, --words) {
    std::uint32_t word;
    std::memcpy(&word, at, 4);
    sum += word;
  }
  return sum;
}

#if defined(__x86_64__)
// Eight words a load, each widened to 64 bits so that no carry is lost.
[[gnu::target("avx2")]] std::uint64_t sum_avx2(const std::uint8_t* at, std::size_t blocks) {
  const __m256i zero = _mm256_setzero_si256();
  __m256i a = zero, b = zero, c = zero, d = zero;
  for (; blocks != 0; at += kBlock, --blocks) {
    const __m256i first = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(at));
    const __m256i second = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(at + 32));
    a = _mm256_add_epi64(a, _mm256_unpacklo_epi32(first, zero));
    b = _mm256_add_epi64(b, _mm256_unpackhi_epi32(first, zero));
    c = _mm256_add_epi64(c, _mm256_unpacklo_epi32(second, zero));
    d = _mm256_add_epi64(d, _mm256_unpackhi_epi32(second, zero));
  }
  const __m256i all = _mm256_add_epi64(_mm256_add_epi64(a, b), _mm256_add_epi64(c, d));
  std::uint64_t lanes[4];
  _mm256_storeu_si256(reinterpret_cast<__m256i*>(lanes), all);
  return lanes[0] + lanes[1] + lanes[2] + lanes[3];
}
const auto kSum = __builtin_cpu_supports("avx2") ? &sum_avx2 : &sum_plain;
#else
constexpr auto kSum = &sum_plain;
#endif

}  // namespace

// Words are added in the order of the machine, several to a load; the sum is swapped once at the end (RFC
// 1071 2 (B)).
std::uint32_t word_sum(base::ByteSpan bytes) {
  std::uint64_t sum = kSum(bytes.data(), bytes.size() / kBlock);
  const std::uint8_t* at = bytes.data() + bytes.size() / kBlock * kBlock;
  std::size_t left = bytes.size() % kBlock;
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
