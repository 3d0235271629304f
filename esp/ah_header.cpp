#include "esp/ah_header.h"

#include <algorithm>

#include "base/ip.h"
#include "esp/ip_header.h"

namespace esp {
namespace {

using base::load_be16;

constexpr std::size_t kIpv4Header = 20, kIpv6Header = 40;

// Options of IPv4 that do not change on the way, RFC 4302 A1: end, no operation, security (three kinds),
// router alert, and sender-directed delivery.
bool is_immutable_option(std::uint8_t kind) {
  return kind == 130 || kind == 133 || kind == 134 || kind == 148 || kind == 149;
}

// A source route's last address is where the packet is at last: there the ICV is checked (3.3.3.1.1.2).
void foresee_destination(base::MutableByteSpan headers, base::ByteSpan option) {
  const bool source_route = option[0] == 131 || option[0] == 137;
  if (!source_route || option.size() < 7 || option[2] > option.size()) return;
  std::copy(option.end() - 4, option.end(), headers.begin() + 16);
}

bool mute_ipv4(base::MutableByteSpan headers) {
  headers[1] = 0;                     // DSCP and ECN
  base::store_be16(&headers[6], 0);   // flags and fragment offset
  headers[8] = 0;                     // TTL
  base::store_be16(&headers[10], 0);  // checksum
  base::MutableByteSpan options = headers.subspan(kIpv4Header);
  while (!options.empty()) {
    const std::uint8_t kind = options[0];
    if (kind == 0) return true;  // what follows is padding, and stays
    std::size_t size = 1;
    if (kind != 1) {
      if (options.size() < 2 || options[1] < 2 || options[1] > options.size()) return false;
      size = options[1];
      foresee_destination(headers, options.first(size));
      // "the entire option is zeroed", RFC 4302 A1
      if (!is_immutable_option(kind)) std::fill_n(options.begin(), size, std::uint8_t{0});
    }
    options = options.subspan(size);
  }
  return true;
}

// Options whose third highest bit is set may change: their data counts as zero (RFC 4302 3.3.3.1.2.1).
bool mute_options(base::MutableByteSpan header) {
  base::MutableByteSpan rest = header.subspan(2);
  while (!rest.empty()) {
    if (rest[0] == 0) {  // Pad1
      rest = rest.subspan(1);
      continue;
    }
    if (rest.size() < 2 || std::size_t{2} + rest[1] > rest.size()) return false;
    const std::size_t data = rest[1];
    if ((rest[0] & 0x20) != 0) std::fill_n(rest.begin() + 2, data, std::uint8_t{0});
    rest = rest.subspan(2 + data);
  }
  return true;
}

// As it will be at the destination (RFC 4302 A2): no segments left, each address where the packet has passed
// it. Other types than 0 (RFC 5095) and 2 (RFC 6275 6.4) change in ways unknown here.
bool foresee_routing(base::MutableByteSpan headers, base::MutableByteSpan routing) {
  const std::size_t left = routing[3];
  if (left == 0) return true;
  const std::size_t addresses = (routing.size() - 8) / 16;
  const bool known = routing[2] == 0 || routing[2] == 2;
  if (!known || left > addresses || (routing.size() - 8) % 16 != 0) return false;
  const auto destination = headers.begin() + 24;
  for (std::size_t i = addresses - left; i < addresses; ++i) {
    std::swap_ranges(destination, destination + 16,
                     routing.begin() + static_cast<std::ptrdiff_t>(8 + 16 * i));
  }
  routing[3] = 0;
  return true;
}

bool mute_ipv6(base::MutableByteSpan headers) {
  base::store_be32(headers.data(), 0x60000000);  // traffic class and flow label
  headers[7] = 0;                                // hop limit
  std::uint8_t next = headers[6];
  base::MutableByteSpan rest = headers.subspan(kIpv6Header);
  while (!rest.empty()) {
    if (rest.size() < 8) return false;
    const std::size_t size = next == kFragmentHeader ? 8 : std::size_t{8} * rest[1] + 8;
    if (size > rest.size()) return false;
    const base::MutableByteSpan header = rest.first(size);
    const bool options = next == kHopByHop || next == kDestinationOptions;
    if (options && !mute_options(header)) return false;
    if (next == kRouting && !foresee_routing(headers, header)) return false;
    next = header[0];
    rest = rest.subspan(size);
  }
  return true;
}

std::optional<AhPlace> find_ipv4(base::ByteSpan packet) {
  const std::size_t header = std::size_t{4} * (packet[0] & 15), total = load_be16(&packet[2]);
  if (header < kIpv4Header || total > packet.size() || header + kAhFixed > total) return {};
  if (packet[9] != base::ip_protocol::kAh || (load_be16(&packet[6]) & 0x3fff) != 0) return {};
  return AhPlace{static_cast<std::uint32_t>(header), 9, static_cast<std::uint32_t>(total)};
}

std::optional<AhPlace> find_ipv6(base::ByteSpan packet) {
  const std::size_t total = kIpv6Header + load_be16(&packet[4]);
  if (total > packet.size()) return {};
  std::uint8_t next = packet[6];
  std::size_t at = kIpv6Header, next_at = 6;
  for (int i = 0; i <= kMaxExtensionHeaders; ++i) {
    if (next == base::ip_protocol::kAh) {
      if (at + kAhFixed > total) return {};
      return AhPlace{static_cast<std::uint32_t>(at), static_cast<std::uint32_t>(next_at),
                     static_cast<std::uint32_t>(total)};
    }
    const bool known =
        next == kHopByHop || next == kRouting || next == kDestinationOptions || next == kFragmentHeader;
    if (!known || at + 8 > total) return {};
    if (next == kFragmentHeader && (load_be16(&packet[at + 2]) & 0xfff9) != 0) return {};
    const std::size_t size = next == kFragmentHeader ? 8 : std::size_t{8} * packet[at + 1] + 8;
    next_at = at;
    next = packet[at];
    at += size;
  }
  return {};
}

}  // namespace

std::optional<AhPlace> find_ah(base::ByteSpan packet) {
  if (packet.size() >= kIpv4Header && packet[0] >> 4 == 4) return find_ipv4(packet);
  if (packet.size() >= kIpv6Header && packet[0] >> 4 == 6) return find_ipv6(packet);
  return {};
}

bool mute_headers(base::MutableByteSpan headers) {
  return headers[0] >> 4 == 4 ? mute_ipv4(headers) : mute_ipv6(headers);
}

}  // namespace esp
