#include "esp/train.h"

namespace esp {
namespace {

bool same_path(const SaParams& a, const SaParams& b) {
  return a.udp_encap == b.udp_encap && a.remote == b.remote && a.local == b.local;
}

}  // namespace

bool TrainBuilder::fits(const OutboundSa& sa, std::uint32_t size, OuterMarks marks) const {
  if (count_ == 0) return true;
  if (marks != marks_) return false;
  if (sa_ != &sa && !same_path(sa_->params, sa.params)) return false;
  return !ended_ && size <= stride_ && count_ < kMostPackets && length_ + size <= kMostOctets &&
         begin_ + length_ + size <= base::kBufferCapacity;
}

base::Frame TrainBuilder::take() {
  base::Frame frame;
  if (count_ == 0) return frame;
  frame.buffer = buffer_.share();
  frame.offset = begin_;
  frame.length = length_;
  frame.stride = stride_;
  frame.count = count_;
  frame.traffic_class = marks_.traffic_class;
  frame.dont_fragment = marks_.dont_fragment;
  set_outer_addresses(frame, sa_->params);
  begin_ += length_;
  length_ = stride_ = count_ = 0;
  ended_ = false;
  return frame;
}

std::uint8_t* TrainBuilder::place(const OutboundSa& sa, std::uint32_t size, OuterMarks marks) {
  if (count_ == 0) {
    // The rest of a buffer is used where a packet fits; trains that follow get buffers of their own.
    constexpr std::uint32_t kWorthwhile = 4096;
    if (buffer_ && base::kBufferCapacity - begin_ < size + kWorthwhile) buffer_.reset();
    if (!buffer_) {
      if (pool_ != nullptr) buffer_ = pool_->take();
      if (!buffer_) return nullptr;
      begin_ = 0;
    }
    sa_ = &sa;
    stride_ = size;
    marks_ = marks;
  }
  std::uint8_t* const at = buffer_.data() + begin_ + length_;
  length_ += size;
  ended_ = size < stride_;
  ++count_;
  return at;
}

void set_outer_addresses(base::Frame& frame, const SaParams& params) {
  frame.local = params.local;
  frame.remote = params.remote;
  if (!params.udp_encap) frame.local.port = frame.remote.port = 0;
}

}  // namespace esp
