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

// Each adds the words of some blocks, and copies them where `copies`; `to` is not looked at otherwise.
template <bool copies>
[[maybe_unused]] std::uint64_t sum_plain(std::uint8_t* to, const std::uint8_t* at, std::size_t blocks) {
  std::uint64_t sum = 0;
  if constexpr (copies) std::memcpy(to, at, blocks * kBlock);
  for (std::size_t words = blocks * (kBlock / 4); words != 0; at += 4, --words) {
    std::uint32_t word;
    std::memcpy(&word, at, 4);
    sum += word;
  }
  return sum;
}

#if defined(__x86_64__)
// Eight words a load, each widened to 64 bits so that no carry is lost.
template <bool copies>
[[gnu::target("avx2")]] std::uint64_t sum_avx2(std::uint8_t* to, const std::uint8_t* at, std::size_t blocks) {
  const __m256i zero = _mm256_setzero_si256();
  __m256i a = zero, b = zero, c = zero, d = zero;
  for (; blocks != 0; at += kBlock, --blocks) {
    const __m256i first = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(at));
    const __m256i second = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(at + 32));
    if constexpr (copies) {
      _mm256_storeu_si256(reinterpret_cast<__m256i*>(to), first);
      _mm256_storeu_si256(reinterpret_cast<__m256i*>(to + 32), second);
      to += kBlock;
    }
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
template <bool copies>
const auto kSum = __builtin_cpu_supports("avx2") ? &sum_avx2<copies> : &sum_plain<copies>;
#else
template <bool copies>
constexpr auto kSum = &sum_plain<copies>;
#endif

// Words are added in the order of the machine, several to a load; the sum is swapped once at the end (RFC
// 1071 2 (B)).
template <bool copies>
std::uint32_t sum_words(std::uint8_t* to, ByteSpan bytes) {
  const std::size_t blocks = bytes.size() / kBlock;
  std::uint64_t sum = blocks == 0 ? 0 : kSum<copies>(to, bytes.data(), blocks);
  const std::uint8_t* at = bytes.data() + blocks * kBlock;
  std::size_t left = bytes.size() % kBlock;
  if (copies && left != 0) std::memcpy(to + blocks * kBlock, at, left);
  for (; left >= 8; at += 8, left -= 8) {
    std::uint64_t two;
    std::memcpy(&two, at, 8);
    sum += (two & 0xffffffff) + (two >> 32);
  }
  std::uint64_t last = 0;
  if (left != 0) std::memcpy(&last, at, left);
  sum += (last & 0xffffffff) + (last >> 32);
  const std::uint32_t folded = fold_sum(sum);
  if constexpr (std::endian::native == std::endian::big) return folded;
  return ((folded & 0xff) << 8) | (folded >> 8);
}

}  // namespace

std::uint32_t word_sum(ByteSpan bytes) { return sum_words<false>(nullptr, bytes); }
std::uint32_t copy_and_sum(std::uint8_t* to, ByteSpan from) { return sum_words<true>(to, from); }

}  // namespace base
