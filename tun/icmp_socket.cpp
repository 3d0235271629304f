#include "tun/icmp_socket.h"

#include <linux/icmp.h>
#include <netinet/icmp6.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>

#include "tun/socket_address.h"

namespace tun {
namespace {

constexpr std::size_t kIpv4Header = 20, kIpv6Header = 40, kIcmpHeader = 8, kLeastQuoted = 8;
constexpr std::uint8_t kUnreachable = 3, kFragmentationNeeded = 4, kPacketTooBig = 2, kFragmentHeader = 44;

// An IPv4 packet's header; 0 where there is none.
std::size_t ipv4_header(base::ByteSpan packet) {
  if (packet.size() < kIpv4Header || packet[0] >> 4 != 4) return 0;
  const std::size_t header = std::size_t{4} * (packet[0] & 15);
  return header < kIpv4Header || packet.size() < header ? 0 : header;
}

bool take_payload(base::ByteSpan payload, TooBig& out) {
  if (payload.size() < kLeastQuoted) return false;
  out.payload_size = std::min(payload.size(), out.payload.size());
  std::copy_n(payload.begin(), out.payload_size, out.payload.begin());
  return true;
}

bool read_quoted_v4(base::ByteSpan packet, TooBig& out) {
  const std::size_t header = ipv4_header(packet);
  // Of a later fragment nothing tells whose it is.
  if (header == 0 || (base::load_be16(&packet[6]) & 0x1fff) != 0) return false;
  out.length = base::load_be16(&packet[2]);
  out.protocol = packet[9];
  out.source = base::IpAddress::from_bytes(packet.subspan(12, 4));
  out.destination = base::IpAddress::from_bytes(packet.subspan(16, 4));
  return take_payload(packet.subspan(header), out);
}

bool read_quoted_v6(base::ByteSpan packet, TooBig& out) {
  if (packet.size() < kIpv6Header || packet[0] >> 4 != 6) return false;
  out.length = static_cast<std::uint32_t>(kIpv6Header) + base::load_be16(&packet[4]);
  out.protocol = packet[6];
  out.source = base::IpAddress::from_bytes(packet.subspan(8, 16));
  out.destination = base::IpAddress::from_bytes(packet.subspan(24, 16));
  if (out.protocol == kFragmentHeader) return false;
  return take_payload(packet.subspan(kIpv6Header), out);
}

}  // namespace

std::optional<TooBig> read_too_big(base::IpFamily family, base::ByteSpan message) {
  TooBig out;
  if (family == base::IpFamily::v4) {
    const std::size_t header = ipv4_header(message);
    if (header == 0 || message.size() < header + kIcmpHeader) return {};
    message = message.subspan(header);
    if (message[0] != kUnreachable || message[1] != kFragmentationNeeded) return {};
    out.mtu = base::load_be16(&message[6]);
    if (!read_quoted_v4(message.subspan(kIcmpHeader), out)) return {};
    return out;
  }
  if (message.size() < kIcmpHeader || message[0] != kPacketTooBig) return {};
  out.mtu = base::load_be32(&message[4]);
  if (!read_quoted_v6(message.subspan(kIcmpHeader), out)) return {};
  return out;
}

base::Result<std::unique_ptr<IcmpSocket>> IcmpSocket::open(base::IpFamily family) {
  const bool v4 = family == base::IpFamily::v4;
  FileDescriptor made(::socket(v4 ? AF_INET : AF_INET6, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC,
                               v4 ? static_cast<int>(IPPROTO_ICMP) : static_cast<int>(IPPROTO_ICMPV6)));
  if (!made.is_open()) {
    const int error = errno;
    return base::local_error(std::string("raw socket for ICMP") + (v4 ? "" : "v6") + ": " +
                             errno_text(error) +
                             (error == EPERM || error == EACCES ? " (needs CAP_NET_RAW)" : ""));
  }
  // Only what is wanted wakes us: both filters name what is kept out.
  int set = 0;
  if (v4) {
    icmp_filter wanted{~(1u << kUnreachable)};
    set = setsockopt(made.get(), SOL_RAW, ICMP_FILTER, &wanted, sizeof wanted);
  } else {
    icmp6_filter wanted;
    ICMP6_FILTER_SETBLOCKALL(&wanted);
    ICMP6_FILTER_SETPASS(ICMP6_PACKET_TOO_BIG, &wanted);
    set = setsockopt(made.get(), IPPROTO_ICMPV6, ICMP6_FILTER, &wanted, sizeof wanted);
  }
  if (set != 0) return base::local_error("filter of a raw socket for ICMP: " + errno_text(errno));
  return std::unique_ptr<IcmpSocket>(new IcmpSocket(std::move(made), family));
}

std::optional<TooBig> IcmpSocket::receive() {
  std::array<std::uint8_t, 2048> octets;
  for (int i = 0; i < kAtOnce; ++i) {
    const ssize_t got = recv(socket_.get(), octets.data(), octets.size(), MSG_DONTWAIT);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return {};
    const auto found = read_too_big(family_, base::ByteSpan(octets).first(static_cast<std::size_t>(got)));
    if (found) return found;
  }
  return {};
}

}  // namespace tun
