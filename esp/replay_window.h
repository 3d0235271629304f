// Anti-replay, RFC 4303 3.4.3 and Appendix A2 (ESN), with the circular bitmap of RFC 6479. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "base/prefetch.h"

namespace esp {

class ReplayWindow {
 public:
  ReplayWindow() = default;
  // `size` packets, exactly; 0 switches the check off (never with ESN: it has 64 then).
  ReplayWindow(std::uint32_t size, bool esn);

  // The full 64-bit number of a received low half (Appendix A2.2; the low half itself without ESN), or
  // nullopt where it is a replay, left of the window, or zero. Changes nothing: called before the integrity
  // check.
  std::optional<std::uint64_t> check(std::uint32_t sequence_low) const;
  // Marks a number whose packet passed the integrity check. False where it was marked meanwhile.
  bool update(std::uint64_t sequence);

  std::uint64_t highest() const { return highest_; }
  std::uint32_t size() const { return size_; }
  // The newest 64 numbers, bit 0 the highest.
  std::uint64_t newest_bits() const;

  // Has what the next numbers need on its way from memory.
  void prefetch() const {
    if (size_ != 0) base::prefetch(&words_[(highest_ / 64) & (words_.size() - 1)], 1);
  }

  // How packets arrived, where there is a window. Those behind one with a higher number; the most numbers
  // left out in front of one that came; those that have left the window and never came. What was far below
  // the first packet counts as nothing: a peer may have been at it before this window was.
  std::uint64_t late() const { return late_; }
  std::uint64_t widest_gap() const { return widest_gap_; }
  std::uint64_t lost() const;

 private:
  bool seen(std::uint64_t sequence) const;
  std::uint64_t seen_in_window() const;
  std::vector<std::uint64_t> words_;
  std::uint64_t highest_ = 0;
  std::uint64_t passed_ = 0, late_ = 0, widest_gap_ = 0;
  std::uint64_t before_ = 0;  // numbers left of the window when the first packet came
  std::uint32_t size_ = 0;
  bool esn_ = false;
};

}  // namespace esp
