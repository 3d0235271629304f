#include "esp/ip_header.h"

#include "esp/traffic_class.h"

namespace esp {
namespace {

using base::load_be16;

constexpr std::size_t kIpv4Header = 20, kIpv6Header = 40;
constexpr std::uint8_t kMobility = 135, kHip = 139, kShim6 = 140;
constexpr std::uint8_t kDccp = 33, kSctp = 132, kUdpLite = 136;

bool has_ports(std::uint8_t protocol) {
  using namespace base::ip_protocol;
  return protocol == kTcp || protocol == kUdp || protocol == kSctp || protocol == kDccp ||
         protocol == kUdpLite;
}

// Fills ports from the start of the layer above.
void read_ports(base::ByteSpan upper, IpPacket& out) {
  using namespace base::ip_protocol;
  std::size_t need = 0;
  if (has_ports(out.protocol)) need = 4;
  if (out.protocol == kIcmp || out.protocol == kIcmpv6) need = 2;
  if (out.protocol == kMobility) need = 3;
  if (upper.size() < need) {
    out.ports_known = false;
  } else if (need == 4) {
    out.source_port = load_be16(upper.data());
    out.destination_port = load_be16(upper.data() + 2);
  } else if (need == 2) {
    out.source_port = out.destination_port = load_be16(upper.data());  // RFC 7296 3.13.1
  } else if (need == 3) {
    out.source_port = out.destination_port = static_cast<std::uint16_t>(upper[2] << 8);  // RFC 4301 4.4.1.1
  }
}

std::optional<IpPacket> parse_ipv4(base::ByteSpan bytes) {
  if (bytes.size() < kIpv4Header) return {};
  const std::size_t header = std::size_t{4} * (bytes[0] & 15);
  const std::size_t total = load_be16(&bytes[2]);
  if (header < kIpv4Header || total < header || total > bytes.size()) return {};
  const unsigned fragment = load_be16(&bytes[6]);
  IpPacket out;
  out.source = base::IpAddress::from_bytes(bytes.subspan(12, 4));
  out.destination = base::IpAddress::from_bytes(bytes.subspan(16, 4));
  out.protocol = bytes[9];
  out.hop_limit = bytes[8];
  out.traffic_class = traffic_class_of(bytes);
  out.may_fragment = (fragment & 0x4000) == 0;
  out.length = static_cast<std::uint32_t>(total);
  out.ports_known = (fragment & 0x1fff) == 0;
  out.fragment = (fragment & 0x3fff) != 0;
  if (out.ports_known) read_ports(bytes.subspan(header, total - header), out);
  return out;
}

bool is_extension(std::uint8_t next) {
  return next == kHopByHop || next == kRouting || next == kDestinationOptions || next == kHip ||
         next == kShim6;
}

// Walks from the fixed header to the layer above. False where the chain is cut off or too long.
bool walk_extensions(base::ByteSpan rest, std::uint8_t next, IpPacket& out) {
  for (int i = 0; i <= kMaxExtensionHeaders; ++i) {
    out.protocol = next;
    if (!is_extension(next) && next != kFragmentHeader) {
      read_ports(rest, out);
      return true;
    }
    if (rest.size() < 8) return false;
    std::size_t size = 8;
    if (next == kFragmentHeader) {
      if ((load_be16(&rest[2]) & 0xfff9) != 0) out.fragment = true;
      // Behind a later fragment's header lies the middle of something: nothing more can be told.
      if ((load_be16(&rest[2]) & 0xfff8) != 0) {
        out.protocol = rest[0];
        out.ports_known = false;
        return true;
      }
    } else {
      size += std::size_t{8} * rest[1];
    }
    if (rest.size() < size) return false;
    next = rest[0];
    rest = rest.subspan(size);
  }
  return false;
}

std::optional<IpPacket> parse_ipv6(base::ByteSpan bytes) {
  if (bytes.size() < kIpv6Header) return {};
  const std::size_t total = kIpv6Header + load_be16(&bytes[4]);
  if (total > bytes.size()) return {};
  IpPacket out;
  out.source = base::IpAddress::from_bytes(bytes.subspan(8, 16));
  out.destination = base::IpAddress::from_bytes(bytes.subspan(24, 16));
  out.hop_limit = bytes[7];
  out.traffic_class = traffic_class_of(bytes);
  out.length = static_cast<std::uint32_t>(total);
  if (!walk_extensions(bytes.subspan(kIpv6Header, total - kIpv6Header), bytes[6], out)) return {};
  return out;
}

}  // namespace

std::optional<IpPacket> parse_ip(base::ByteSpan bytes) {
  if (bytes.empty()) return {};
  if (bytes[0] >> 4 == 4) return parse_ipv4(bytes);
  if (bytes[0] >> 4 == 6) return parse_ipv6(bytes);
  return {};
}

bool parse_payload(std::uint8_t next_header, base::ByteSpan payload, IpPacket& out) {
  if (out.source.is_v6()) return walk_extensions(payload, next_header, out);
  out.protocol = next_header;
  read_ports(payload, out);
  return true;
}

}  // namespace esp
