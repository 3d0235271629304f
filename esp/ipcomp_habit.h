// When IPComp does not even try to compress (RFC 3173 2.2): packets that are short, and for a while those
// behind several that did not become smaller. Pure.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>

namespace esp {

// Shorter payloads are sent as they are: RFC 3173 2.2 wants a threshold, and leaves its size to us.
constexpr std::size_t kCompressionThreshold = 90;  // octets of payload

// After some packets in a row that could not be made smaller the next several go without trying, and more of
// them each time that is so again; one success makes all as it was (the adaptive algorithm of RFC 3173 2.2).
class CompressionHabit {
 public:
  static constexpr std::uint32_t kFailures = 4, kFirstPause = 8, kLongestPause = 256;  // packets

  // Asked once for each packet.
  bool try_next() {
    if (pause_ == 0) return true;
    --pause_;
    return false;
  }
  // What came of trying.
  void note(bool smaller) {
    if (smaller) {
      failures_ = 0;
      next_pause_ = kFirstPause;
      return;
    }
    if (++failures_ < kFailures) return;
    failures_ = 0;
    pause_ = next_pause_;
    next_pause_ = std::min(2 * next_pause_, kLongestPause);
  }

 private:
  std::uint32_t failures_ = 0, pause_ = 0, next_pause_ = kFirstPause;
};

}  // namespace esp
