// Between base::Endpoint and the kernel's socket addresses.
#pragma once

#include <netinet/in.h>
#include <sys/socket.h>

#include <string>

#include "base/ip.h"

namespace tun {

// Room for an address of either family.
union SocketAddress {
  sockaddr any;
  sockaddr_in v4;
  sockaddr_in6 v6;
};

// Fills `out` and returns its length in octets; 0 where the endpoint has no address.
socklen_t to_socket_address(const base::Endpoint& endpoint, SocketAddress& out);
base::Endpoint from_socket_address(const SocketAddress& address);

base::IpAddress from_in_addr(const in_addr& address);
base::IpAddress from_in6_addr(const in6_addr& address);
in_addr to_in_addr(const base::IpAddress& address);
in6_addr to_in6_addr(const base::IpAddress& address);

// The text of an errno value, thread-safe.
std::string errno_text(int error);

}  // namespace tun
