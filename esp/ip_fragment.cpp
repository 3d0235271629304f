#include "esp/ip_fragment.h"

#include <algorithm>
#include <cstring>

#include "base/checksum.h"

namespace esp {
namespace {

constexpr std::uint32_t kUnit = 8;  // octets that the offset counts by
constexpr std::uint16_t kMoreFragments = 0x2000, kOffset = 0x1fff;
constexpr std::uint8_t kEnd = 0, kNothing = 1, kCopied = 0x80;

std::uint32_t header_of(base::ByteSpan packet) { return 4u * (packet[0] & 15u); }
std::uint32_t room_of(base::ByteSpan packet, std::uint32_t mtu) {
  const std::uint32_t header = header_of(packet);
  return mtu > header ? (mtu - header) / kUnit * kUnit : 0;
}

// "the copied flag indicates that this option is copied into all fragments on fragmentation" (RFC 791 3.1).
void drop_options(base::MutableByteSpan header) {
  for (std::size_t at = 20; at < header.size() && header[at] != kEnd;) {
    std::size_t length = 1;
    if (header[at] != kNothing) {
      length = at + 1 < header.size() ? header[at + 1] : 0;
      if (length < 2 || at + length > header.size()) return;
    }
    if ((header[at] & kCopied) == 0) std::fill_n(&header[at], length, kNothing);
    at += length;
  }
}

}  // namespace

std::uint32_t fragments_of(base::ByteSpan packet, std::uint32_t mtu) {
  const std::uint32_t room = room_of(packet, mtu);
  const auto payload = static_cast<std::uint32_t>(packet.size()) - header_of(packet);
  return room == 0 ? 0 : std::max(1u, (payload + room - 1) / room);
}

std::uint32_t write_fragment(base::ByteSpan packet, std::uint32_t mtu, std::uint32_t i, std::uint8_t* to) {
  const std::uint32_t header = header_of(packet), room = room_of(packet, mtu);
  const std::uint32_t at = i * room;
  const std::uint32_t left = static_cast<std::uint32_t>(packet.size()) - header - at;
  const std::uint32_t length = std::min(left, room);
  std::memcpy(to, packet.data(), header);
  std::memcpy(to + header, packet.data() + header + at, length);
  const std::uint16_t before = base::load_be16(&packet[6]);
  std::uint16_t flags = static_cast<std::uint16_t>(before & ~kOffset);
  if (length < left) flags |= kMoreFragments;
  const std::uint32_t offset = (before & kOffset) + at / kUnit;
  base::store_be16(to + 2, static_cast<std::uint16_t>(header + length));
  base::store_be16(to + 6, static_cast<std::uint16_t>(flags | (offset & kOffset)));
  if (i != 0) drop_options({to, header});
  base::store_be16(to + 10, 0);
  base::store_be16(to + 10, base::internet_checksum({to, header}));
  return header + length;
}

}  // namespace esp
