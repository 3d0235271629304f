#include "apps/daemon/capture_ring.h"

#include <cstring>

namespace daemon_app {

CaptureRing::CaptureRing(std::size_t octets)
    : size_(octets), memory_(std::make_unique_for_overwrite<std::uint8_t[]>(octets)) {}

bool CaptureRing::push(std::int64_t when, bool inbound, base::ByteSpan front, base::ByteSpan rest) noexcept {
  const std::size_t octets = front.size() + rest.size();
  const std::size_t need = taken_by(octets);
  std::uint64_t position = written_.load(std::memory_order_relaxed);
  const std::size_t to_end = size_ - static_cast<std::size_t>(position & (size_ - 1));
  const std::size_t skip = to_end < need ? to_end : 0;  // records lie in one piece
  if (position + skip + need - read_.load(std::memory_order_acquire) > size_) return false;
  if (skip != 0) {
    const Head head{0, static_cast<std::uint32_t>(skip), kSkip};
    std::memcpy(at(position), &head, sizeof head);
    position += skip;
  }
  const Head head{when, static_cast<std::uint32_t>(octets), inbound ? kInbound : kOutbound};
  std::uint8_t* const to = at(position);
  std::memcpy(to, &head, sizeof head);
  if (!front.empty()) std::memcpy(to + sizeof head, front.data(), front.size());
  if (!rest.empty()) std::memcpy(to + sizeof head + front.size(), rest.data(), rest.size());
  written_.store(position + need, std::memory_order_release);
  return true;
}

}  // namespace daemon_app
