#include "tun/raw_socket.h"

#include <linux/filter.h>

#include <cerrno>

#include "tun/file_descriptor.h"
#include "tun/ipv6_header.h"
#include "tun/message_io.h"
#include "tun/socket_address.h"
#include "tun/socket_options.h"

namespace tun {

namespace {

constexpr int kBuffer = 8 << 20;  // octets

base::Result<FileDescriptor> make_raw(base::IpFamily family, int protocol) {
  const bool v4 = family == base::IpFamily::v4;
  FileDescriptor made(socket(v4 ? AF_INET : AF_INET6, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC, protocol));
  if (made.is_open()) return made;
  const int error = errno;
  return base::local_error("raw socket for " + std::string(v4 ? "IPv4" : "IPv6") + " protocol " +
                           std::to_string(protocol) + ": " + errno_text(error) +
                           (error == EPERM || error == EACCES ? " (needs CAP_NET_RAW)" : ""));
}

}  // namespace

base::Result<std::unique_ptr<RawSocket>> RawSocket::open(base::IpFamily family, std::uint8_t protocol,
                                                         std::uint32_t mark, Contents contents,
                                                         int buffer_bytes) {
  ASSIGN_OR_RETURN(FileDescriptor made, make_raw(family, protocol));
  RETURN_IF_ERROR(set_outer_options(made.get(), family, mark));
  if (family == base::IpFamily::v6 && contents == Contents::packet) {
    RETURN_IF_ERROR(Ipv6Extensions::ask(made.get()));
  }
  set_buffers(made.get(), buffer_bytes);
  return std::unique_ptr<RawSocket>(new RawSocket(made.release(), family, protocol, contents));
}

base::Result<std::unique_ptr<RawSocket>> RawSocket::open_unfragmented(base::IpFamily family,
                                                                      std::uint8_t protocol,
                                                                      std::uint32_t mark) {
  ASSIGN_OR_RETURN(FileDescriptor made, make_raw(family, protocol));
  RETURN_IF_ERROR(set_outer_options(made.get(), family, mark));
  sock_filter nothing{BPF_RET | BPF_K, 0, 0, 0};
  const sock_fprog filter{1, &nothing};
  if (setsockopt(made.get(), SOL_SOCKET, SO_ATTACH_FILTER, &filter, sizeof filter) != 0) {
    return base::local_error("SO_ATTACH_FILTER on a raw socket: " + errno_text(errno));
  }
  set_buffers(made.get(), kBuffer);
  DontFragmentSwitch().set(made.get(), family, true);
  return std::unique_ptr<RawSocket>(new RawSocket(made.release(), family, protocol, Contents::payload));
}

RawSocket::~RawSocket() { close(descriptor_); }

base::Status RawSocket::recv_batch(base::PacketPool& pool, base::PacketBatch& batch, std::uint64_t& dropped) {
  ReceiveOptions options;
  options.raw = true;
  const bool v4 = family_ == base::IpFamily::v4;
  options.strip_ipv4_header = v4 && contents_ == Contents::payload;
  if (!v4 && contents_ == Contents::packet) options.ipv6_header_for = protocol_;
  return receive_messages(descriptor_, options, pool, batch, dropped);
}

std::uint64_t RawSocket::send_batch(base::PacketBatch& batch) {
  return send_messages(descriptor_, Destination::remote_address, batch);
}

base::Result<std::unique_ptr<IpSocket>> IpSocket::open(base::IpFamily family, std::uint32_t mark) {
  // IPPROTO_RAW implies IP_HDRINCL and IPV6_HDRINCL, and receives nothing (raw(7)).
  ASSIGN_OR_RETURN(FileDescriptor made, make_raw(family, IPPROTO_RAW));
  RETURN_IF_ERROR(set_outer_options(made.get(), family, mark));
  return std::unique_ptr<IpSocket>(new IpSocket(made.release()));
}

IpSocket::~IpSocket() { close(descriptor_); }

std::uint64_t IpSocket::send_batch(base::PacketBatch& batch) {
  return send_messages(descriptor_, Destination::packet, batch);
}

}  // namespace tun
