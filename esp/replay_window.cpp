#include "esp/replay_window.h"

#include <algorithm>
#include <bit>

namespace esp {
namespace {

constexpr std::uint32_t kWordBits = 64;

std::uint32_t low_half(std::uint64_t sequence) { return static_cast<std::uint32_t>(sequence); }

}  // namespace

ReplayWindow::ReplayWindow(std::uint32_t size, bool esn) : esn_(esn) {
  // Without a window nobody could tell the high half of an ESN (RFC 4303 A2), so ESN always has one.
  if (size == 0 && !esn) return;
  size_ = size == 0 ? kWordBits : size;
  const std::uint32_t words = size_ / kWordBits + (size_ % kWordBits != 0 ? 1 : 0);
  // One word more than the window, so that moving on clears whole words (RFC 6479 2); a power of two, so that
  // a mask finds the word.
  words_.resize(std::bit_ceil(words + 1));
}

bool ReplayWindow::seen(std::uint64_t sequence) const {
  const std::uint64_t word = words_[(sequence / kWordBits) & (words_.size() - 1)];
  return (word >> (sequence % kWordBits) & 1) != 0;
}

std::optional<std::uint64_t> ReplayWindow::check(std::uint32_t sequence_low) const {
  std::uint64_t sequence = sequence_low;
  if (size_ == 0) return sequence;
  if (esn_) {
    // RFC 4303 A2.2: T is the top of the window, B its bottom, halves are named h and l.
    const std::uint64_t top_high = highest_ >> 32;
    const std::uint32_t top_low = low_half(highest_);
    const std::uint32_t bottom_low = top_low - size_ + 1;  // modulo 2^32
    std::uint64_t high = top_high;
    if (top_low >= size_ - 1) {
      if (sequence_low < bottom_low) high = top_high + 1;  // case A: the window lies in one subspace
    } else if (sequence_low >= bottom_low && top_high != 0) {
      high = top_high - 1;  // case B: the window spans two; before the first subspace there is none
    }
    sequence |= high << 32;
  }
  // The first packet has number 1 (RFC 4303 3.3.3), so 0 is never valid.
  if (sequence == 0) return {};
  if (sequence > highest_) return sequence;
  if (highest_ - sequence >= size_ || seen(sequence)) return {};
  return sequence;
}

bool ReplayWindow::update(std::uint64_t sequence) {
  if (size_ == 0) {
    highest_ = std::max(highest_, sequence);
    return true;
  }
  const std::uint64_t mask = words_.size() - 1;
  if (sequence > highest_) {
    const std::uint64_t old_word = highest_ / kWordBits;
    const std::uint64_t steps = std::min<std::uint64_t>(sequence / kWordBits - old_word, words_.size());
    for (std::uint64_t i = 1; i <= steps; ++i) words_[(old_word + i) & mask] = 0;
    if (passed_ == 0) {
      before_ = sequence - std::min<std::uint64_t>(size_, sequence);
    } else {
      widest_gap_ = std::max(widest_gap_, sequence - highest_ - 1);
    }
    highest_ = sequence;
  } else if (highest_ - sequence >= size_ || seen(sequence)) {
    return false;
  } else {
    ++late_;
  }
  ++passed_;
  words_[(sequence / kWordBits) & mask] |= std::uint64_t{1} << (sequence % kWordBits);
  return true;
}

std::uint64_t ReplayWindow::newest_bits() const {
  if (size_ == 0) return 0;
  std::uint64_t bits = 0;
  const std::uint64_t known = std::min<std::uint64_t>(kWordBits, size_);
  for (std::uint64_t i = 0; i < known && i < highest_; ++i) {
    if (seen(highest_ - i)) bits |= std::uint64_t{1} << i;
  }
  return bits;
}

std::uint64_t ReplayWindow::seen_in_window() const {
  const std::uint64_t first = highest_ - std::min<std::uint64_t>(size_, highest_) + 1;
  std::uint64_t seen = 0;
  for (std::uint64_t word = first / kWordBits; word <= highest_ / kWordBits; ++word) {
    std::uint64_t bits = words_[word & (words_.size() - 1)];
    if (word == first / kWordBits) bits &= ~std::uint64_t{0} << (first % kWordBits);
    if (word == highest_ / kWordBits) bits &= ~std::uint64_t{0} >> (kWordBits - 1 - highest_ % kWordBits);
    seen += static_cast<std::uint64_t>(std::popcount(bits));
  }
  return seen;
}

std::uint64_t ReplayWindow::lost() const {
  if (size_ == 0) return 0;
  const std::uint64_t left_behind = highest_ - std::min<std::uint64_t>(size_, highest_);
  return left_behind - before_ - (passed_ - seen_in_window());
}

}  // namespace esp
