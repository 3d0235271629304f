// Addresses and headers of Ethernet (IEEE 802.3).
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>

#include "base/bytes.h"
#include "base/ip.h"

namespace tun {

using MacAddress = std::array<std::uint8_t, 6>;
constexpr MacAddress kBroadcast{0xff, 0xff, 0xff, 0xff, 0xff, 0xff};

constexpr std::uint16_t kTypeIpv4 = 0x0800, kTypeArp = 0x0806, kTypeIpv6 = 0x86dd;
constexpr std::size_t kEthernetHeader = 14;
using EthernetHeader = std::array<std::uint8_t, kEthernetHeader>;

inline MacAddress mac_at(base::ByteSpan octets, std::size_t at) {
  MacAddress out;
  std::copy_n(octets.begin() + static_cast<std::ptrdiff_t>(at), out.size(), out.begin());
  return out;
}

inline EthernetHeader ethernet_header(const MacAddress& to, const MacAddress& from, std::uint16_t type) {
  EthernetHeader out;
  std::copy(to.begin(), to.end(), out.begin());
  std::copy(from.begin(), from.end(), out.begin() + 6);
  base::store_be16(&out[12], type);
  return out;
}

// Where IP multicast goes (RFC 1112 6.4, RFC 2464 7); the broadcast address of IPv4 too. Nothing for a
// unicast address.
inline bool multicast_mac(const base::IpAddress& address, MacAddress& out) {
  if (address.is_v6()) {
    if (address.high() >> 56 != 0xff) return false;
    out = {0x33, 0x33};
    base::store_be32(&out[2], static_cast<std::uint32_t>(address.low()));
    return true;
  }
  if (address.v4_value() == 0xffffffff) {
    out = kBroadcast;
    return true;
  }
  if (address.v4_value() >> 28 != 14) return false;
  base::store_be32(&out[2], address.v4_value() & 0x7fffff);
  out[0] = 0x01;
  out[1] = 0x00;
  out[2] = 0x5e;
  return true;
}

}  // namespace tun
