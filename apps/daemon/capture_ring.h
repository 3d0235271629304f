// Records of packets from one thread to another, in a fixed amount of memory: the writer never waits.
#pragma once

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <memory>

#include "base/bytes.h"

namespace daemon_app {

class CaptureRing {
 public:
  // `octets`: a power of two, of at least 1024.
  explicit CaptureRing(std::size_t octets);

  struct Record {
    std::int64_t at = 0;  // nanoseconds since 1970
    bool inbound = false;
    base::ByteSpan octets;
  };
  // One thread: a record of `front` and, behind it, `rest`. False where there is no room for it.
  bool push(std::int64_t at, bool inbound, base::ByteSpan front, base::ByteSpan rest) noexcept;
  // Another thread: shows records in their order, until there is none, or `take` answers false, which leaves
  // that one for later.
  template <class F>
  void drain(F&& take);

 private:
  // In front of each record. A whole number of these are left behind each, up to the end of the memory too.
  struct Head {
    std::int64_t at;
    std::uint32_t size;
    std::uint32_t kind;
  };
  static constexpr std::uint32_t kOutbound = 0, kInbound = 1, kSkip = 2;  // kinds; skip: go on at the begin
  static std::size_t taken_by(std::size_t size) {
    return (sizeof(Head) * 2 - 1 + size) / sizeof(Head) * sizeof(Head);
  }
  std::uint8_t* at(std::uint64_t position) const { return memory_.get() + (position & (size_ - 1)); }

  const std::size_t size_;
  const std::unique_ptr<std::uint8_t[]> memory_;
  alignas(64) std::atomic<std::uint64_t> written_{0};  // octets in all
  alignas(64) std::atomic<std::uint64_t> read_{0};
};

template <class F>
void CaptureRing::drain(F&& take) {
  std::uint64_t position = read_.load(std::memory_order_relaxed);
  const std::uint64_t end = written_.load(std::memory_order_acquire);
  while (position != end) {
    Head head;
    std::copy_n(at(position), sizeof head, reinterpret_cast<std::uint8_t*>(&head));
    if (head.kind == kSkip) {
      position += head.size;
      continue;
    }
    const base::ByteSpan octets(at(position) + sizeof head, head.size);
    if (!take(Record{head.at, head.kind == kInbound, octets})) break;
    position += taken_by(head.size);
  }
  read_.store(position, std::memory_order_release);
}

}  // namespace daemon_app
