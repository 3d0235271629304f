#include "base/checksum.h"

#include <bit>
#include <cstddef>
#include <cstring>
#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace base {
namespace {

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
std::uint32_t word_sum(ByteSpan bytes) {
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
  const std::uint32_t folded = fold_sum(sum);
  if constexpr (std::endian::native == std::endian::big) return folded;
  return ((folded & 0xff) << 8) | (folded >> 8);
}

}  // namespace base
