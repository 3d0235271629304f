#include "tun/netlink_watch.h"

#include <libmnl/libmnl.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>

#include "tun/file_descriptor.h"
#include "tun/netlink_impl.h"
#include "tun/socket_address.h"

namespace tun {

namespace {

constexpr std::size_t kReceiveBuffer = 32768;

}  // namespace

NetlinkWatch::NetlinkWatch(int descriptor, const RoutingOptions& options, int own_index)
    : descriptor_(descriptor), options_(options), own_index_(own_index) {}

NetlinkWatch::~NetlinkWatch() { close(descriptor_); }

base::Result<std::unique_ptr<NetlinkWatch>> NetlinkWatch::open(const RoutingOptions& options,
                                                               const std::string& own_device) {
  FileDescriptor made(socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, NETLINK_ROUTE));
  if (!made.is_open()) return base::local_error("netlink socket: " + errno_text(errno));
  sockaddr_nl address{};
  address.nl_family = AF_NETLINK;
  address.nl_groups = RTMGRP_IPV4_IFADDR | RTMGRP_IPV6_IFADDR | RTMGRP_IPV4_ROUTE | RTMGRP_IPV6_ROUTE;
  if (bind(made.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0)
    return base::local_error("netlink socket: bind: " + errno_text(errno));
  const int own_index = own_device.empty() ? 0 : static_cast<int>(if_nametoindex(own_device.c_str()));
  return std::unique_ptr<NetlinkWatch>(new NetlinkWatch(made.release(), options, own_index));
}

bool NetlinkWatch::matters(const void* message) const {
  const auto* header = static_cast<const nlmsghdr*>(message);
  switch (header->nlmsg_type) {
    case RTM_NEWADDR:
    case RTM_DELADDR:
      return true;
    case RTM_NEWROUTE:
    case RTM_DELROUTE: {
      const auto* body = static_cast<const rtmsg*>(mnl_nlmsg_get_payload(header));
      if (body->rtm_protocol == options_.protocol) return false;
      const Attributes found = parse_attributes(header, sizeof(rtmsg), RTA_OIF);
      return own_index_ == 0 || static_cast<int>(number(found[RTA_OIF])) != own_index_;
    }
    default:
      return false;
  }
}

bool NetlinkWatch::drain() {
  bool changed = false;
  alignas(nlmsghdr) std::array<std::uint8_t, kReceiveBuffer> buffer;
  while (true) {
    const ssize_t got = recv(descriptor_, buffer.data(), buffer.size(), 0);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0 && errno == ENOBUFS) {  // more than the socket holds: look at everything anew
      changed = true;
      continue;
    }
    if (got <= 0) return changed;
    int left = static_cast<int>(got);
    for (auto* message = reinterpret_cast<const nlmsghdr*>(buffer.data()); mnl_nlmsg_ok(message, left);
         message = mnl_nlmsg_next(message, &left)) {
      changed = matters(message) || changed;
    }
  }
}

}  // namespace tun
