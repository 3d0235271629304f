#include "tun/socket_options.h"

#include <netinet/in.h>
#include <sys/socket.h>

#include <cerrno>

#include "tun/socket_address.h"

namespace tun {

namespace {

base::Status set_number(int descriptor, int level, int option, int value, const char* name) {
  if (setsockopt(descriptor, level, option, &value, sizeof value) == 0) return {};
  return base::local_error(std::string(name) + ": " + errno_text(errno));
}

void force_buffer(int descriptor, int forced, int plain, int octets) {
  if (setsockopt(descriptor, SOL_SOCKET, forced, &octets, sizeof octets) == 0) return;
  setsockopt(descriptor, SOL_SOCKET, plain, &octets, sizeof octets);
}

}  // namespace

base::Status set_outer_options(int descriptor, base::IpFamily family, std::uint32_t mark) {
  if (mark != 0 && setsockopt(descriptor, SOL_SOCKET, SO_MARK, &mark, sizeof mark) != 0) {
    const int error = errno;
    return base::local_error("SO_MARK: " + errno_text(error) +
                             (error == EPERM ? " (needs CAP_NET_ADMIN)" : ""));
  }
  if (family == base::IpFamily::v4) {
    RETURN_IF_ERROR(set_number(descriptor, IPPROTO_IP, IP_PKTINFO, 1, "IP_PKTINFO"));
    RETURN_IF_ERROR(set_number(descriptor, IPPROTO_IP, IP_RECVTOS, 1, "IP_RECVTOS"));
    return set_number(descriptor, IPPROTO_IP, IP_MTU_DISCOVER, IP_PMTUDISC_DONT, "IP_MTU_DISCOVER");
  }
  RETURN_IF_ERROR(set_number(descriptor, IPPROTO_IPV6, IPV6_RECVPKTINFO, 1, "IPV6_RECVPKTINFO"));
  RETURN_IF_ERROR(set_number(descriptor, IPPROTO_IPV6, IPV6_RECVTCLASS, 1, "IPV6_RECVTCLASS"));
  return set_number(descriptor, IPPROTO_IPV6, IPV6_MTU_DISCOVER, IPV6_PMTUDISC_DONT, "IPV6_MTU_DISCOVER");
}

void DontFragmentSwitch::set(int descriptor, base::IpFamily family, bool on) {
  on_ = on;
  // Both are there in every Linux that we support: they fail for no reason but a descriptor that is gone.
  if (family == base::IpFamily::v4) {
    const int value = on ? IP_PMTUDISC_PROBE : IP_PMTUDISC_DONT;
    setsockopt(descriptor, IPPROTO_IP, IP_MTU_DISCOVER, &value, sizeof value);
  } else {
    const int value = on ? IPV6_PMTUDISC_PROBE : IPV6_PMTUDISC_DONT;
    setsockopt(descriptor, IPPROTO_IPV6, IPV6_MTU_DISCOVER, &value, sizeof value);
  }
}

void set_buffers(int descriptor, int octets) {
  if (octets <= 0) return;
  force_buffer(descriptor, SO_RCVBUFFORCE, SO_RCVBUF, octets);
  force_buffer(descriptor, SO_SNDBUFFORCE, SO_SNDBUF, octets);
}

}  // namespace tun
