#include "tun/socket_address.h"

#include <arpa/inet.h>

#include <cstring>
#include <system_error>

namespace tun {

in_addr to_in_addr(const base::IpAddress& address) {
  in_addr out{};
  out.s_addr = htonl(address.v4_value());
  return out;
}

in6_addr to_in6_addr(const base::IpAddress& address) {
  in6_addr out{};
  address.write(out.s6_addr);
  return out;
}

base::IpAddress from_in_addr(const in_addr& address) { return base::IpAddress::v4(ntohl(address.s_addr)); }

base::IpAddress from_in6_addr(const in6_addr& address) {
  return base::IpAddress::from_bytes(address.s6_addr);
}

socklen_t to_socket_address(const base::Endpoint& endpoint, SocketAddress& out) {
  if (endpoint.address.is_v4()) {
    out.v4 = {};
    out.v4.sin_family = AF_INET;
    out.v4.sin_port = htons(endpoint.port);
    out.v4.sin_addr = to_in_addr(endpoint.address);
    return sizeof out.v4;
  }
  if (!endpoint.address.is_v6()) return 0;
  out.v6 = {};
  out.v6.sin6_family = AF_INET6;
  out.v6.sin6_port = htons(endpoint.port);
  out.v6.sin6_addr = to_in6_addr(endpoint.address);
  return sizeof out.v6;
}

base::Endpoint from_socket_address(const SocketAddress& address) {
  if (address.any.sa_family == AF_INET)
    return {from_in_addr(address.v4.sin_addr), ntohs(address.v4.sin_port)};
  if (address.any.sa_family == AF_INET6) {
    return {from_in6_addr(address.v6.sin6_addr), ntohs(address.v6.sin6_port)};
  }
  return {};
}

std::string errno_text(int error) { return std::generic_category().message(error); }

}  // namespace tun
