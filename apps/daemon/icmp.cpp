#include "apps/daemon/icmp.h"

#include <tins/icmp.h>
#include <tins/icmpv6.h>
#include <tins/ip.h>
#include <tins/ipv6.h>
#include <tins/rawpdu.h>

#include <algorithm>

#include "base/ip.h"

namespace daemon_app {
namespace {

constexpr std::size_t kIpv4Header = 20, kIpv6Header = 40;
constexpr std::size_t kIcmpv4Total = 576;   // RFC 1812 4.3.2.3: as much of the packet as fits
constexpr std::size_t kIcmpv6Total = 1280;  // RFC 4443 3.2: as much as fits into the minimum MTU
constexpr std::size_t kIcmpHeader = 8;

bool is_icmpv4_error(std::uint8_t type) {
  return type == 3 || type == 4 || type == 5 || type == 11 || type == 12;
}

bool may_answer_v4(base::ByteSpan packet) {
  if (packet.size() < kIpv4Header) return false;
  const std::size_t header = static_cast<std::size_t>(packet[0] & 15) * 4;
  if (header < kIpv4Header || packet.size() < header) return false;
  const auto fragment_offset = base::load_be16(packet.data() + 6) & 0x1fff;
  if (fragment_offset != 0) return false;
  const std::uint8_t source = packet[12], destination = packet[16];
  if (source == 0 || source == 127 || source >= 224 || destination >= 224) return false;
  if (packet[9] != base::ip_protocol::kIcmp) return true;
  return packet.size() > header && !is_icmpv4_error(packet[header]);
}

// Multicast destinations are answered too: RFC 4443 2.4 (e.3).
bool may_answer_v6(base::ByteSpan packet) {
  if (packet.size() < kIpv6Header) return false;
  const auto source = base::IpAddress::from_bytes(packet.subspan(8, 16));
  if (source.is_unspecified() || packet[8] == 0xff) return false;
  const bool icmp = packet[6] == base::ip_protocol::kIcmpv6 && packet.size() > kIpv6Header;
  return !icmp || packet[kIpv6Header] >= 128;  // below 128: errors
}

base::Bytes error_v4(base::ByteSpan packet, Tins::ICMP icmp) {
  const Tins::IPv4Address source(__builtin_bswap32(base::load_be32(packet.data() + 12)));
  const Tins::IPv4Address destination(__builtin_bswap32(base::load_be32(packet.data() + 16)));
  icmp.type(Tins::ICMP::DEST_UNREACHABLE);
  const auto quoted = packet.first(std::min(packet.size(), kIcmpv4Total - kIpv4Header - kIcmpHeader));
  Tins::IP ip = Tins::IP(source, destination) / icmp /
                Tins::RawPDU(quoted.data(), static_cast<std::uint32_t>(quoted.size()));
  ip.ttl(64);
  return ip.serialize();
}

base::Bytes error_v6(base::ByteSpan packet, const Tins::ICMPv6& icmp) {
  const Tins::IPv6Address source(packet.data() + 8), destination(packet.data() + 24);
  const auto quoted = packet.first(std::min(packet.size(), kIcmpv6Total - kIpv6Header - kIcmpHeader));
  Tins::IPv6 ip = Tins::IPv6(source, destination) / icmp /
                  Tins::RawPDU(quoted.data(), static_cast<std::uint32_t>(quoted.size()));
  ip.hop_limit(64);
  return ip.serialize();
}

Tins::ICMP too_big_v4(std::uint32_t mtu) {
  Tins::ICMP icmp;
  icmp.code(4);
  icmp.mtu(static_cast<std::uint16_t>(std::min<std::uint32_t>(mtu, 0xffff)));
  return icmp;
}

Tins::ICMPv6 too_big_v6(std::uint32_t mtu) {
  Tins::ICMPv6 icmp(Tins::ICMPv6::PACKET_TOOBIG);
  icmp.code(0);
  // The MTU field lies where echoes have identifier and sequence number. RFC 8200 5: no link has less.
  const auto told = std::max<std::uint32_t>(mtu, kIcmpv6Total);
  icmp.identifier(static_cast<std::uint16_t>(told >> 16));
  icmp.sequence(static_cast<std::uint16_t>(told));
  return icmp;
}

Tins::ICMP unreachable_v4(Unreachable why) {
  Tins::ICMP icmp;
  icmp.code(why == Unreachable::prohibited ? 13 : 1);
  return icmp;
}

Tins::ICMPv6 unreachable_v6(Unreachable why) {
  Tins::ICMPv6 icmp(Tins::ICMPv6::DEST_UNREACHABLE);
  icmp.code(why == Unreachable::prohibited ? 1 : 3);
  return icmp;
}

// `v4` and `v6` make the ICMP header of each family.
template <class V4, class V6>
std::optional<base::Bytes> make_error(base::ByteSpan packet, V4&& v4, V6&& v6) {
  if (packet.empty()) return {};
  try {
    const int version = packet[0] >> 4;
    if (version == 4 && may_answer_v4(packet)) return error_v4(packet, v4());
    if (version == 6 && may_answer_v6(packet)) return error_v6(packet, v6());
  } catch (const std::exception&) {
    // libtins refuses what it cannot build; then there is no answer.
  }
  return {};
}

}  // namespace

std::optional<base::Bytes> make_too_big(base::ByteSpan packet, std::uint32_t mtu) {
  return make_error(
      packet, [mtu] { return too_big_v4(mtu); }, [mtu] { return too_big_v6(mtu); });
}

std::optional<base::Bytes> make_unreachable(base::ByteSpan packet, Unreachable why) {
  const bool v6 = packet.size() >= kIpv6Header && packet[0] >> 4 == 6;
  if (v6 && packet[24] == 0xff) return {};  // RFC 4443 2.4 (e.3)
  return make_error(
      packet, [why] { return unreachable_v4(why); }, [why] { return unreachable_v6(why); });
}

bool IcmpLimit::admit(base::Instant now) {
  tokens_ = std::min(burst_, tokens_ + base::to_seconds(now - last_) * per_second_);
  last_ = now;
  if (tokens_ < 1) return false;
  tokens_ -= 1;
  return true;
}

}  // namespace daemon_app
