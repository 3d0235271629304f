#include "fixture.h"

#include <linux/rtnetlink.h>

#include <array>
#include <cstring>

#include "base/writer.h"

namespace fixture {

namespace {

// The Internet checksum (RFC 1071) over the octets.
std::uint16_t checksum(base::ByteSpan bytes) {
  std::uint32_t sum = 0;
  for (std::size_t i = 0; i < bytes.size(); i += 2) {
    sum += static_cast<std::uint32_t>(bytes[i] << 8) | (i + 1 < bytes.size() ? bytes[i + 1] : 0u);
  }
  while ((sum >> 16) != 0) sum = (sum & 0xffff) + (sum >> 16);
  return static_cast<std::uint16_t>(~sum);
}

base::Bytes datagram(const base::Endpoint& from, const base::Endpoint& to, const std::string& payload) {
  base::Bytes udp;
  base::Writer out(udp);
  const auto length = static_cast<std::uint16_t>(8 + payload.size());
  out.u16(from.port);
  out.u16(to.port);
  out.u16(length);
  out.u16(0);
  out.bytes(base::as_bytes(payload));
  base::Bytes pseudo;
  base::Writer sum(pseudo);
  sum.bytes(from.address.bytes());
  sum.bytes(to.address.bytes());
  sum.u32(length);
  sum.u32(base::ip_protocol::kUdp);
  sum.bytes(udp);
  out.patch_u16(6, checksum(pseudo));
  return udp;
}

// Whether a notification tells of the local route of the address.
bool is_local_route(const nlmsghdr* message, const base::IpAddress& wanted) {
  if (message->nlmsg_type != RTM_NEWROUTE) return false;
  const auto* body = static_cast<const rtmsg*>(NLMSG_DATA(message));
  if (body->rtm_type != RTN_LOCAL) return false;
  int left = static_cast<int>(message->nlmsg_len - NLMSG_LENGTH(sizeof *body));
  for (const rtattr* part = RTM_RTA(body); RTA_OK(part, left); part = RTA_NEXT(part, left)) {
    if (part->rta_type != RTA_DST) continue;
    const base::ByteSpan octets(static_cast<const std::uint8_t*>(RTA_DATA(part)), RTA_PAYLOAD(part));
    return base::IpAddress::from_bytes(octets) == wanted;
  }
  return false;
}

}  // namespace

void give_address(const std::string& device, const std::string& text, int length) {
  const tun::FileDescriptor monitor(socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE));
  sockaddr_nl where{};
  where.nl_family = AF_NETLINK;
  where.nl_groups = RTMGRP_IPV4_ROUTE | RTMGRP_IPV6_ROUTE;
  REQUIRE(bind(monitor.get(), reinterpret_cast<const sockaddr*>(&where), sizeof where) == 0);
  must(must(tun::Netlink::open({}))->add_address(device, address(text), length));
  while (true) {
    alignas(nlmsghdr) std::array<std::uint8_t, 8192> buffer;
    wait_readable(monitor.get());
    auto left = recv(monitor.get(), buffer.data(), buffer.size(), 0);
    REQUIRE(left > 0);
    for (auto* message = reinterpret_cast<nlmsghdr*>(buffer.data()); NLMSG_OK(message, left);
         message = NLMSG_NEXT(message, left)) {
      if (is_local_route(message, address(text))) return;
    }
  }
}

base::Bytes udp_packet(const base::Endpoint& from, const base::Endpoint& to, const std::string& payload) {
  const base::Bytes udp = datagram(from, to, payload);
  base::Bytes packet;
  base::Writer out(packet);
  if (from.address.is_v6()) {
    out.u32(6u << 28);
    out.u16(static_cast<std::uint16_t>(udp.size()));
    out.u8(base::ip_protocol::kUdp);
    out.u8(64);
    out.bytes(from.address.bytes());
    out.bytes(to.address.bytes());
  } else {
    out.u16(0x4500);
    out.u16(static_cast<std::uint16_t>(20 + udp.size()));
    out.u32(0x12340000);
    out.u8(64);
    out.u8(base::ip_protocol::kUdp);
    out.u16(0);
    out.bytes(from.address.bytes());
    out.bytes(to.address.bytes());
    out.patch_u16(10, checksum(packet));
  }
  out.bytes(udp);
  return packet;
}

}  // namespace fixture
