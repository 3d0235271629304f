#include "tun/offload/coalesce.h"

#include <cstring>

#include "tun/offload/checksum.h"

namespace tun {
namespace {

constexpr std::uint8_t kTcp = 6, kUdp = 17;
constexpr std::uint8_t kPsh = 0x08, kAck = 0x10;
constexpr std::uint32_t kTcpHeader = 20, kUdpHeader = 8, kIpv4Header = 20, kIpv6Header = 40;
constexpr std::uint16_t kDontFragment = 0x4000;

// Ports, sequence and acknowledgement numbers lie before these.
std::uint32_t hash(base::ByteSpan addresses, std::uint32_t ports, std::uint8_t protocol) {
  std::uint32_t h = ports * 0x9e3779b1u + protocol;
  for (std::size_t i = 0; i < addresses.size(); i += 4)
    h = (h ^ base::load_be32(&addresses[i])) * 0x85ebca6bu;
  return h;
}

bool good_transport_checksum(base::ByteSpan packet, std::uint16_t transport, std::uint8_t protocol) {
  const auto covered = static_cast<std::uint32_t>(packet.size() - transport);
  const std::uint32_t sum =
      base::add_sums(pseudo_header_sum(packet, protocol, covered), base::word_sum(packet.subspan(transport)));
  return sum == 0xffff;
}

// The octets of two IPv4 headers that must be alike, or two IPv6 headers: all but length, identification and
// checksum.
bool same_ip_header(const std::uint8_t* a, const std::uint8_t* b, bool v6) {
  if (v6) return std::memcmp(a, b, 4) == 0 && std::memcmp(a + 6, b + 6, 34) == 0;
  return std::memcmp(a, b, 2) == 0 && std::memcmp(a + 6, b + 6, 4) == 0 &&
         std::memcmp(a + 12, b + 12, 8) == 0;
}

// Segmentation will count the identification up. With DF it means nothing (RFC 6864 4.1), and many senders
// leave it at 0.
bool identification_follows(const std::uint8_t* first, const std::uint8_t* next, std::uint32_t distance) {
  const std::uint16_t a = base::load_be16(first + 4), b = base::load_be16(next + 4);
  if (static_cast<std::uint16_t>(a + distance) == b) return true;
  return (base::load_be16(first + 6) & kDontFragment) != 0 && a == b;
}

}  // namespace

// Fills `seen` for TCP and UDP without IP options, extension headers or fragments; false for all else.
bool Coalescer::look_at(base::MutableByteSpan packet, Seen& seen) {
  seen.packet = packet;
  if (packet.size() < kIpv4Header) return false;
  seen.v6 = packet[0] >> 4 == 6;
  std::uint8_t protocol = 0;
  if (seen.v6) {
    if (packet.size() < kIpv6Header || base::load_be16(&packet[4]) + kIpv6Header != packet.size())
      return false;
    protocol = packet[6];
    seen.transport = kIpv6Header;
  } else {
    if (packet[0] != 0x45 || base::load_be16(&packet[2]) != packet.size()) return false;
    if ((base::load_be16(&packet[6]) & ~unsigned{kDontFragment}) != 0) return false;
    protocol = packet[9];
    seen.transport = kIpv4Header;
  }
  seen.udp = protocol == kUdp;
  if (!seen.udp && protocol != kTcp) return false;
  const std::uint32_t least = seen.transport + (seen.udp ? kUdpHeader : kTcpHeader);
  if (packet.size() < least) return false;
  const std::uint8_t* const transport = &packet[seen.transport];
  seen.of_flow = true;
  seen.key =
      hash(seen.v6 ? packet.subspan(8, 32) : packet.subspan(12, 8), base::load_be32(transport), protocol);
  const std::uint32_t header = seen.udp ? kUdpHeader : (transport[12] >> 4) * 4u;
  if (header < kUdpHeader || seen.transport + header >= packet.size()) return true;  // no payload: goes alone
  seen.payload_at = static_cast<std::uint16_t>(seen.transport + header);
  seen.payload = static_cast<std::uint32_t>(packet.size()) - seen.payload_at;
  if (seen.udp) {
    const bool whole = base::load_be16(transport + 4) == seen.payload + kUdpHeader;
    seen.joins = whole && base::load_be16(transport + 6) != 0;
  } else {
    seen.joins = header >= kTcpHeader && (transport[13] & ~unsigned{kPsh}) == kAck;
    seen.ends = (transport[13] & kPsh) != 0;
  }
  return true;
}

bool Coalescer::wanted(const Seen& seen) const {
  if (!seen.joins) return false;
  if (seen.udp ? !options_.udp : !(seen.v6 ? options_.tcp6 : options_.tcp4)) return false;
  // What is joined gets new checksums, so the old ones must have been right.
  if (!seen.v6 && base::word_sum(seen.packet.first(kIpv4Header)) != 0xffff) return false;
  return good_transport_checksum(seen.packet, seen.transport, seen.udp ? kUdp : kTcp);
}

// Whether `seen` continues the group, to which it is added then.
bool Coalescer::join(std::size_t group, const Seen& seen) {
  Flow& flow = flows_[group];
  Group& out = groups_[group];
  const Seen& first = flow.first;
  const std::uint8_t* const a = first.packet.data();
  const std::uint8_t* const b = seen.packet.data();
  if (seen.payload > first.payload || flow.length + seen.payload > kLongest) return false;
  if (out.packets == kMostJoined) return false;
  if (seen.payload_at != first.payload_at || !same_ip_header(a, b, seen.v6)) return false;
  if (!seen.v6 && !identification_follows(a, b, out.packets)) return false;
  const std::uint8_t* const ta = a + first.transport;
  const std::uint8_t* const tb = b + seen.transport;
  if (!seen.udp) {
    if (base::load_be32(tb + 4) != flow.next_sequence) return false;
    // Acknowledgement number, then data offset; window; urgent pointer and options.
    if (std::memcmp(ta + 8, tb + 8, 5) != 0 || std::memcmp(ta + 14, tb + 14, 2) != 0) return false;
    const std::size_t rest = std::size_t{seen.payload_at} - seen.transport - 18;
    if (std::memcmp(ta + 18, tb + 18, rest) != 0) return false;
    first.packet[first.transport + 13u] |= tb[13] & kPsh;
  }
  flow.next_sequence += seen.payload;
  flow.length += seen.payload;
  out.vectors[++out.packets] = {seen.packet.data() + seen.payload_at, seen.payload};
  flow.open = !seen.ends && seen.payload == first.payload;
  return true;
}

void Coalescer::open(base::MutableByteSpan packet, const Seen& seen, bool verified) {
  Group& group = groups_[groups_used_];
  Flow& flow = flows_[groups_used_];
  ++groups_used_;
  group.header = {};
  group.vectors[0] = {&group.header, sizeof group.header};
  group.vectors[1] = {packet.data(), packet.size()};
  group.packets = 1;
  flow.first = seen;
  flow.length = static_cast<std::uint32_t>(packet.size());
  flow.verified = verified;
  flow.open = verified && !seen.ends;
  if (verified && !seen.udp) {
    flow.next_sequence = base::load_be32(&packet[seen.transport + 4u]) + seen.payload;
  }
}

bool Coalescer::add(base::MutableByteSpan packet) {
  if (packets_ == kCapacity || groups_used_ == kMostGroups) return false;
  ++packets_;
  Seen seen;
  const bool known = look_at(packet, seen);
  const bool good = known && wanted(seen);
  for (std::size_t i = groups_used_; known && i-- > 0;) {
    Flow& flow = flows_[i];
    if (!flow.open || flow.first.key != seen.key) continue;
    if (good && join(i, seen)) return true;
    // Of one flow, or of two that share a key: the packet must not be overtaken by a later one.
    flow.open = false;
    break;
  }
  open(packet, seen, good);
  return true;
}

// The header of the first packet becomes the one of the whole group.
void Coalescer::complete(std::size_t index) {
  Group& group = groups_[index];
  const Flow& flow = flows_[index];
  const Seen& first = flow.first;
  if (flow.verified) group.header.flags = VirtioHeader::kDataValid;
  if (group.packets == 1) return;
  std::uint8_t* const ip = first.packet.data();
  if (first.v6) {
    base::store_be16(ip + 4, static_cast<std::uint16_t>(flow.length - kIpv6Header));
  } else {
    base::store_be16(ip + 2, static_cast<std::uint16_t>(flow.length));
    base::store_be16(ip + 10, 0);
    base::store_be16(ip + 10, base::finish_sum(base::word_sum({ip, kIpv4Header})));
  }
  std::uint8_t* const transport = ip + first.transport;
  const std::uint32_t covered = flow.length - first.transport;
  if (first.udp) base::store_be16(transport + 4, static_cast<std::uint16_t>(covered));
  // The kernel completes it, or trusts it: the sum of the pseudo header, not complemented.
  const std::uint16_t offset = first.udp ? 6 : 16;
  const std::uint32_t sum = pseudo_header_sum(first.packet, first.udp ? kUdp : kTcp, covered);
  base::store_be16(transport + offset, static_cast<std::uint16_t>(sum));
  group.header.flags = VirtioHeader::kNeedsChecksum;
  group.header.kind = first.udp ? VirtioHeader::kUdp : first.v6 ? VirtioHeader::kTcp6 : VirtioHeader::kTcp4;
  group.header.header_length = first.payload_at;
  group.header.segment = static_cast<std::uint16_t>(first.payload);
  group.header.checksum_start = first.transport;
  group.header.checksum_offset = offset;
}

std::span<Coalescer::Group> Coalescer::finish() {
  for (std::size_t i = 0; i < groups_used_; ++i) complete(i);
  return {groups_.data(), groups_used_};
}

}  // namespace tun
