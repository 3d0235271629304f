// Packets in flight: buffers from a pool, frames in buffers, batches of frames.
//
// A frame is one packet, or a run of `count` segments of `stride` octets that lie contiguously (the last may
// be shorter): what TSO reads, and what UDP GSO sends. All segments of an outbound frame go from and to the
// same addresses.
//
// A frame with a Gso is one packet that stands for several; whoever sends it segments it first.
//
//     buffer   |<- headroom ->|<- stride ->|<- stride ->|<- rest ->|<- tailroom ->|
//              0            offset                              offset+length   capacity
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

#include "base/bytes.h"
#include "base/ip.h"

namespace base {

class PacketPool;

// The largest packet or train, and the room around it: four transforms in front (outer IPv6 40 + UDP 8 + ESP
// 8 + IV 16 each at most), padding, trailer and ICV behind (255 + 2 + 32, rounded up).
constexpr std::uint32_t kMaxFrame = 65536;
constexpr std::uint32_t kHeadroom = 320;
constexpr std::uint32_t kTailroom = 512;
constexpr std::uint32_t kBufferCapacity = kHeadroom + kMaxFrame + kTailroom;

struct PacketBuffer {
  std::uint8_t* data = nullptr;  // kBufferCapacity octets
  PacketPool* home = nullptr;
  PacketBuffer* next = nullptr;  // in a free list
  std::atomic<std::uint32_t> references{0};
};

// Shared ownership of one pooled buffer; the last handle returns it to its pool, from any thread.
class BufferRef {
 public:
  BufferRef() = default;
  explicit BufferRef(PacketBuffer* fresh) : buffer_(fresh) {}  // takes over the one reference it has
  BufferRef(BufferRef&& other) noexcept : buffer_(std::exchange(other.buffer_, nullptr)) {}
  BufferRef& operator=(BufferRef&& other) noexcept {
    if (this != &other) {
      reset();
      buffer_ = std::exchange(other.buffer_, nullptr);
    }
    return *this;
  }
  BufferRef(const BufferRef&) = delete;
  BufferRef& operator=(const BufferRef&) = delete;
  ~BufferRef() { reset(); }

  // A second handle to the same buffer, for frames that share a receive buffer.
  BufferRef share() const {
    if (buffer_ != nullptr) buffer_->references.fetch_add(1, std::memory_order_relaxed);
    return BufferRef(buffer_);
  }
  void reset();
  std::uint8_t* data() const { return buffer_->data; }
  explicit operator bool() const { return buffer_ != nullptr; }

 private:
  PacketBuffer* buffer_ = nullptr;
};

// A fixed set of buffers, taken by one owner thread and given back by any. Last in, first out: cache-hot.
class PacketPool {
 public:
  explicit PacketPool(std::size_t buffers);
  ~PacketPool();
  PacketPool(const PacketPool&) = delete;
  PacketPool& operator=(const PacketPool&) = delete;

  // Owner thread only. An empty handle when all buffers are in flight: the caller drops and counts.
  BufferRef take();

 private:
  friend class BufferRef;
  void give_back(PacketBuffer* buffer);

  std::vector<std::unique_ptr<std::uint8_t[]>> memory_;
  std::vector<std::unique_ptr<PacketBuffer>> buffers_;
  PacketBuffer* hot_ = nullptr;                   // owner thread: lately returned, used again first
  PacketBuffer* free_ = nullptr;                  // owner thread: not used yet, or not lately
  std::atomic<PacketBuffer*> returned_{nullptr};  // any thread pushes, the owner takes all
};

// What makes one frame stand for several packets of one TCP or UDP flow, as the kernel hands them over when
// segmentation is left to us (TSO, USO): one header, and the payload of all of them behind it.
struct Gso {
  std::uint16_t payload = 0;    // octets of payload in each packet but the last; 0: the frame is a packet
  std::uint16_t header = 0;     // octets in front of the payload, with which each packet begins
  std::uint16_t transport = 0;  // where in them the TCP or UDP header starts
  bool udp = false;             // else TCP
};

// One packet, or a train of equal-size segments, or a packet to be segmented. Plain data beside the buffer
// handle.
struct Frame {
  BufferRef buffer;
  std::uint32_t offset = 0;        // of the first octet in the buffer
  std::uint32_t length = 0;        // octets of all segments
  std::uint32_t stride = 0;        // octets of each segment but the last; equals length when count is 1
  std::uint32_t count = 1;         // segments
  Gso gso;                         // set: still to be segmented, and count is 1
  std::uint8_t traffic_class = 0;  // of the outer IP header that the packets come with or get: DSCP and ECN
  bool dont_fragment = false;      // to a socket: the packets get DF, and the kernel does not fragment them
  Endpoint local;                  // outer addresses of what came from or goes to a socket
  Endpoint remote;

  // The packets that a frame becomes which is a packet or has a Gso, and the octets of each.
  std::uint32_t packets() const {
    return gso.payload == 0 ? 1 : (length - gso.header + gso.payload - 1) / gso.payload;
  }
  std::uint32_t packet_length(std::uint32_t i) const {
    if (gso.payload == 0) return length;
    const std::uint32_t left = length - gso.header - i * gso.payload;
    return gso.header + (left < gso.payload ? left : gso.payload);
  }
  std::uint8_t* data() const { return buffer.data() + offset; }
  MutableByteSpan bytes() const { return {data(), length}; }
  MutableByteSpan segment(std::uint32_t i) const {
    const std::uint32_t at = i * stride;
    return {data() + at, i + 1 == count ? length - at : stride};
  }
  std::uint32_t headroom() const { return offset; }
  std::uint32_t tailroom() const { return kBufferCapacity - offset - length; }
  void set_single(std::uint32_t new_offset, std::uint32_t new_length) {
    offset = new_offset;
    length = stride = new_length;
    count = 1;
    gso = {};
  }
};

// Makes packets of frames that have a Gso. Implemented where TCP and UDP are known (tun/offload/).
class Segmenter {
 public:
  virtual ~Segmenter() = default;
  // Writes packet `i` of `frame` to `to`: frame.packet_length(i) octets, all checksums complete. `frame` is
  // as a source gave it, and is not changed.
  virtual void write(const Frame& frame, std::uint32_t i, std::uint8_t* to) const noexcept = 0;
};

// Up to kCapacity frames, handled by one call. Lives on a thread and is used again; never allocates.
class PacketBatch {
 public:
  static constexpr std::size_t kCapacity = 64;

  bool full() const { return size_ == kCapacity; }
  bool empty() const { return size_ == 0; }
  std::size_t size() const { return size_; }
  std::size_t octets() const {
    std::size_t sum = 0;
    for (std::size_t i = 0; i < size_; ++i) sum += frames_[i].length;
    return sum;
  }
  // False when full: the frame is left with the caller.
  bool push(Frame&& frame) {
    if (full()) return false;
    frames_[size_++] = std::move(frame);
    return true;
  }
  Frame& operator[](std::size_t i) { return frames_[i]; }
  const Frame& operator[](std::size_t i) const { return frames_[i]; }
  Frame* begin() { return frames_.data(); }
  Frame* end() { return frames_.data() + size_; }
  void clear() {
    for (std::size_t i = 0; i < size_; ++i) frames_[i].buffer.reset();
    size_ = 0;
  }

 private:
  std::array<Frame, kCapacity> frames_;
  std::size_t size_ = 0;
};

}  // namespace base
