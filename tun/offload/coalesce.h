// Joins packets of one flow that follow each other, so that the kernel takes them by one write and its stack
// sees them as one: what GRO does in the kernel.
//
// Nothing is joined that segmentation could not take apart again to the same packets, and nothing whose
// checksums were not found right: a damaged packet goes on as it came, alone.
#pragma once

#include <sys/uio.h>

#include <array>
#include <cstdint>
#include <span>

#include "base/packet.h"
#include "tun/offload/virtio_header.h"

namespace tun {

struct CoalesceOptions {
  bool tcp4 = false, tcp6 = false, udp = false;
};

class Coalescer {
 public:
  // The most packets that wait, of how many flows, and that one write may join (UDP_MAX_SEGMENTS of Linux).
  static constexpr std::size_t kCapacity = 256, kMostGroups = 64, kMostJoined = 64;
  static constexpr std::uint32_t kLongest = 65535;

  // One write: the header, then the octets of the packets.
  struct Group {
    VirtioHeader header;
    std::array<iovec, kMostJoined + 1> vectors;  // the first is `header`
    std::uint32_t packets = 0;
    std::span<const iovec> parts() const { return {vectors.data(), packets + 1u}; }
  };

  void set_options(const CoalesceOptions& options) { options_ = options; }
  // Takes a packet, whose octets stay where they are and may be changed until clear(). Packets of one flow
  // keep their order. False when no more can wait.
  bool add(base::MutableByteSpan packet);
  // Completes the headers. The groups in the order of their first packets.
  std::span<Group> finish();
  void clear() { groups_used_ = packets_ = 0; }

 private:
  // What a packet says of itself.
  struct Seen {
    base::MutableByteSpan packet;
    std::uint32_t key = 0;        // of addresses, ports and protocol
    std::uint16_t transport = 0;  // where TCP or UDP begins
    std::uint16_t payload_at = 0;
    std::uint32_t payload = 0;  // octets
    bool v6 = false, udp = false;
    bool ends = false;     // nothing may be joined behind it (PSH)
    bool joins = false;    // its form allows joining at all
    bool of_flow = false;  // `key` is filled: what follows must not overtake it
  };
  // A group that packets may still be joined to.
  struct Flow {
    Seen first;
    std::uint32_t next_sequence = 0;  // TCP
    std::uint32_t length = 0;         // octets of the whole group
    bool open = false;
    bool verified = false;
  };

  static bool look_at(base::MutableByteSpan packet, Seen& seen);
  bool wanted(const Seen& seen) const;
  bool join(std::size_t group, const Seen& seen);
  void open(base::MutableByteSpan packet, const Seen& seen, bool verified);
  void complete(std::size_t group);

  CoalesceOptions options_;
  std::array<Group, kMostGroups> groups_;
  std::array<Flow, kMostGroups> flows_;  // beside groups_
  std::size_t groups_used_ = 0, packets_ = 0;
};

}  // namespace tun
