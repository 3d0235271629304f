// What a TUN device may hand over, and what may be joined: any octets as the virtio header and its packet. A
// packet to be segmented is cut up, joined again and cut up again, and must come to the same packets.
#include <cstdlib>
#include <cstring>
#include <vector>

#include "tests/support/offload_packets.h"
#include "tun/offload/coalesce.h"

namespace {

using Packets = std::vector<base::Bytes>;

void require(bool holds) {
  if (!holds) std::abort();
}

// The same packets behind each other's groups; identification apart, which counts up behind DF where it stood
// still.
void check_joined(base::PacketPool& pool, const Packets& packets) {
  static tun::Coalescer coalescer;
  coalescer.clear();
  coalescer.set_options({true, true, true});
  Packets copies = packets;
  std::size_t taken = 0, octets = 0;
  for (base::Bytes& packet : copies) {
    if (!coalescer.add(packet)) break;
    octets += packet.size();
    ++taken;
  }
  std::size_t joined = 0, apart_octets = 0;
  for (const tun::Coalescer::Group& group : coalescer.finish()) {
    base::Bytes all;
    for (const iovec& part : group.parts().subspan(1)) {
      base::append(all, {static_cast<const std::uint8_t*>(part.iov_base), part.iov_len});
    }
    require(all.size() <= tun::Coalescer::kLongest || group.packets == 1);
    joined += group.packets;
    if (group.packets == 1) {
      apart_octets += all.size();
      continue;
    }
    const Packets back = offload::expand(pool, group.header, all);
    require(back.size() == group.packets);
    for (const base::Bytes& packet : back) apart_octets += packet.size();
  }
  require(joined == taken && apart_octets == octets);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static base::PacketPool pool(2);
  tun::VirtioHeader header;
  if (size <= sizeof header || size > base::kMaxFrame) return 0;
  std::memcpy(&header, data, sizeof header);
  const base::ByteSpan octets(data + sizeof header, size - sizeof header);
  Packets packets = offload::expand(pool, header, octets);
  if (packets.size() > 4096) packets.resize(4096);
  check_joined(pool, packets);
  return 0;
}
