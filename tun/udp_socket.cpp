#include "tun/udp_socket.h"

#include <linux/filter.h>
#include <netinet/udp.h>

#include <cerrno>
#include <vector>

#include "tun/file_descriptor.h"
#include "tun/message_io.h"
#include "tun/socket_address.h"
#include "tun/socket_options.h"

namespace tun {

namespace {

base::Error bind_error(const base::Endpoint& endpoint, int error) {
  const std::string port = "port " + std::to_string(endpoint.port) + " of " + endpoint.address.text();
  switch (error) {
    case EADDRINUSE:
      return base::local_error(port + " is taken by another process");
    case EACCES:
      return base::local_error(port + ": permission denied (needs CAP_NET_BIND_SERVICE)");
    case EADDRNOTAVAIL:
      return base::local_error(port + ": no such address on this host");
    default:
      return base::local_error(port + ": " + errno_text(error));
  }
}

base::Result<FileDescriptor> make_socket(const base::Endpoint& endpoint) {
  if (!endpoint.address.is_set()) return base::local_error("a UDP socket needs an address to bind to");
  const int family = endpoint.address.is_v4() ? AF_INET : AF_INET6;
  FileDescriptor socket_descriptor(socket(family, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, IPPROTO_UDP));
  if (!socket_descriptor.is_open()) {
    return base::local_error("UDP socket for " + endpoint.text() + ": " + errno_text(errno));
  }
  const int on = 1;
  if (family == AF_INET6 &&
      setsockopt(socket_descriptor.get(), IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof on) != 0) {
    return base::local_error("IPV6_V6ONLY: " + errno_text(errno));
  }
  return socket_descriptor;
}

base::Status bind_to(int descriptor, const base::Endpoint& endpoint) {
  SocketAddress address;
  const socklen_t length = to_socket_address(endpoint, address);
  if (bind(descriptor, &address.any, length) != 0) return bind_error(endpoint, errno);
  return {};
}

}  // namespace

base::Result<std::unique_ptr<UdpSocket>> UdpSocket::open(const UdpOptions& options) {
  ASSIGN_OR_RETURN(FileDescriptor made, make_socket(options.bind));
  const int on = 1;
  if (options.reuse_port && setsockopt(made.get(), SOL_SOCKET, SO_REUSEPORT, &on, sizeof on) != 0) {
    return base::local_error("SO_REUSEPORT: " + errno_text(errno));
  }
  RETURN_IF_ERROR(set_outer_options(made.get(), options.bind.address.family(), options.mark));
  set_buffers(made.get(), options.buffer_bytes);
  RETURN_IF_ERROR(bind_to(made.get(), options.bind));
  SocketAddress address;
  socklen_t length = sizeof address;
  if (getsockname(made.get(), &address.any, &length) != 0) {
    return base::local_error("getsockname: " + errno_text(errno));
  }
  std::unique_ptr<UdpSocket> out(new UdpSocket(made.release(), from_socket_address(address)));
  out->enable_offload(options.offload);
  return out;
}

void UdpSocket::enable_offload(const OffloadOptions& wanted) {
  const int on = 1, off = 0;
  // Setting no segment size changes nothing, but tells whether the option is there.
  send_trains_ = wanted.gso && setsockopt(descriptor_, SOL_UDP, UDP_SEGMENT, &off, sizeof off) == 0;
  receive_trains_ = wanted.gro && setsockopt(descriptor_, SOL_UDP, UDP_GRO, &on, sizeof on) == 0;
}

base::Status UdpSocket::probe(const base::Endpoint& endpoint) {
  ASSIGN_OR_RETURN(const FileDescriptor made, make_socket(endpoint));
  return bind_to(made.get(), endpoint);
}

UdpSocket::~UdpSocket() { close(descriptor_); }

base::Status UdpSocket::attach_group_filter(std::span<const FilterInstruction> program) {
  std::vector<sock_filter> filter;
  for (const FilterInstruction& i : program) filter.push_back({i.code, i.jump_true, i.jump_false, i.k});
  const sock_fprog attached{static_cast<unsigned short>(filter.size()), filter.data()};
  if (setsockopt(descriptor_, SOL_SOCKET, SO_ATTACH_REUSEPORT_CBPF, &attached, sizeof attached) != 0) {
    return base::local_error("SO_ATTACH_REUSEPORT_CBPF on " + bound_.text() + ": " + errno_text(errno));
  }
  return {};
}

base::Status UdpSocket::recv_batch(base::PacketPool& pool, base::PacketBatch& batch, std::uint64_t& dropped) {
  ReceiveOptions options;
  options.local_port = bound_.port;
  if (receive_trains_) options.at_once = 4;
  return receive_messages(descriptor_, options, pool, batch, dropped);
}

std::uint64_t UdpSocket::send_batch(base::PacketBatch& batch) {
  return send_messages(descriptor_, Destination::remote, batch, send_trains_,
                       {dont_fragment_, bound_.address.family()});
}

base::Status UdpSocket::send_one(const base::Endpoint& local, const base::Endpoint& remote,
                                 base::ByteSpan payload) {
  const int error = send_message(descriptor_, local, remote, payload);
  if (error == 0) return {};
  return base::local_error("sending to " + remote.text() + ": " + errno_text(error));
}

}  // namespace tun
