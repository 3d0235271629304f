#include "tun/message_io.h"

#include <netinet/udp.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

#include "tun/ipv6_header.h"
#include "tun/socket_address.h"

namespace tun {

namespace {

// Messages a system call: few enough that a lone packet does not take many buffers from the pool and back.
constexpr std::size_t kReceiveChunk = 16;
constexpr std::size_t kSendChunk = 64;
// Pending errors (ICMP answers to what we sent) that one call may take off a socket before it gives up.
constexpr int kPendingErrors = 16;

// Local address, traffic class and size of segments.
struct alignas(cmsghdr) ControlSpace {
  std::array<std::uint8_t, CMSG_SPACE(sizeof(in6_pktinfo)) + 2 * CMSG_SPACE(sizeof(int))> octets;
};

// What may come with a message: that, and extension headers, of which there may be several small ones.
struct alignas(cmsghdr) ReceivedControl {
  std::array<std::uint8_t, sizeof(ControlSpace) + 2 * kExtensionRoom> octets;
};

#ifndef UDP_SEGMENT
#define UDP_SEGMENT 103
#endif
#ifndef UDP_GRO
#define UDP_GRO 104
#endif
// Linux takes no more segments in one message before 6.9.
constexpr std::uint32_t kMostSegments = 64;

// Errors that mean the descriptor itself is of no use any more.
bool ends_source(int error) {
  return error == EBADF || error == ENOTSOCK || error == EINVAL || error == EFAULT || error == ENOTCONN;
}

// What the kernel says beside a message: the local address, the traffic class, the size of segments where
// there are several, and extension headers where the socket has asked for them.
struct Beside {
  base::IpAddress local;
  std::uint8_t traffic_class = 0;
  std::uint32_t segment = 0;
  Ipv6Extensions extensions;
};

Beside read_control(msghdr& header) {
  Beside out;
  for (cmsghdr* item = CMSG_FIRSTHDR(&header); item != nullptr; item = CMSG_NXTHDR(&header, item)) {
    if (item->cmsg_level == IPPROTO_IP && item->cmsg_type == IP_PKTINFO) {
      in_pktinfo info;
      std::memcpy(&info, CMSG_DATA(item), sizeof info);
      out.local = from_in_addr(info.ipi_addr);
    }
    if (item->cmsg_level == IPPROTO_IPV6 && item->cmsg_type == IPV6_PKTINFO) {
      in6_pktinfo info;
      std::memcpy(&info, CMSG_DATA(item), sizeof info);
      out.local = from_in6_addr(info.ipi6_addr);
    }
    if (item->cmsg_level == IPPROTO_IP && item->cmsg_type == IP_TOS) out.traffic_class = *CMSG_DATA(item);
    if (item->cmsg_level == IPPROTO_IPV6 && item->cmsg_type == IPV6_TCLASS) {
      int traffic_class = 0;
      std::memcpy(&traffic_class, CMSG_DATA(item), sizeof traffic_class);
      out.traffic_class = static_cast<std::uint8_t>(traffic_class);
    }
    if (item->cmsg_level == SOL_UDP && item->cmsg_type == UDP_GRO) {
      int size = 0;
      std::memcpy(&size, CMSG_DATA(item), sizeof size);
      if (size > 0) out.segment = static_cast<std::uint32_t>(size);
    }
    if (item->cmsg_level == IPPROTO_IPV6) out.extensions.take(*item);
  }
  return out;
}

struct ReceiveChunk {
  std::array<mmsghdr, kReceiveChunk> messages;
  std::array<iovec, kReceiveChunk> vectors;
  std::array<SocketAddress, kReceiveChunk> addresses;
  std::array<ReceivedControl, kReceiveChunk> controls;
  std::array<base::BufferRef, kReceiveChunk> buffers;
  std::size_t prepared = 0;

  void prepare(base::PacketPool& pool, std::size_t wanted, const ReceiveOptions& options);
};

void ReceiveChunk::prepare(base::PacketPool& pool, std::size_t wanted, const ReceiveOptions& options) {
  const std::size_t most = std::min({wanted, kReceiveChunk, options.at_once});
  for (prepared = 0; prepared < most; ++prepared) {
    const std::size_t i = prepared;
    buffers[i] = pool.take();
    if (!buffers[i]) return;
    vectors[i] = {buffers[i].data() + base::kHeadroom, options.longest};
    messages[i] = {};
    msghdr& header = messages[i].msg_hdr;
    header.msg_name = &addresses[i];
    header.msg_namelen = sizeof addresses[i];
    header.msg_iov = &vectors[i];
    header.msg_iovlen = 1;
    header.msg_control = controls[i].octets.data();
    header.msg_controllen = controls[i].octets.size();
  }
}

// Hands message `i` over to the batch; false when it is not fit for that.
bool accept(ReceiveChunk& chunk, std::size_t i, const ReceiveOptions& options, base::PacketBatch& batch) {
  mmsghdr& message = chunk.messages[i];
  const int cut_off = MSG_TRUNC | (options.ipv6_header_for != 0 ? MSG_CTRUNC : 0);
  if ((message.msg_hdr.msg_flags & cut_off) != 0) return false;
  std::uint32_t skip = 0;
  if (options.strip_ipv4_header) {
    skip = message.msg_len == 0 ? 0u : (chunk.buffers[i].data()[base::kHeadroom] & 0x0fu) * 4u;
    if (skip < 20 || skip > message.msg_len) return false;
  }
  base::Frame frame;
  frame.remote = from_socket_address(chunk.addresses[i]);
  if (options.raw) frame.remote.port = 0;
  const Beside beside = read_control(message.msg_hdr);
  if (beside.extensions.overflowed()) return false;
  frame.local = {beside.local, options.local_port};
  frame.traffic_class = beside.traffic_class;
  frame.buffer = std::move(chunk.buffers[i]);
  frame.set_single(base::kHeadroom + skip, message.msg_len - skip);
  if (beside.segment != 0 && beside.segment < frame.length) {
    frame.stride = beside.segment;
    frame.count = (frame.length + frame.stride - 1) / frame.stride;
  }
  if (options.ipv6_header_for != 0) beside.extensions.put_in_front(frame, options.ipv6_header_for);
  return batch.push(std::move(frame));
}

// Throws away up to `count` waiting packets; returns how many there were.
std::uint64_t discard(int descriptor, std::size_t count) {
  std::uint64_t gone = 0;
  for (std::size_t tries = 0; tries < count; ++tries) {
    std::uint8_t octet;
    if (recv(descriptor, &octet, sizeof octet, MSG_DONTWAIT | MSG_TRUNC) >= 0) {
      ++gone;
    } else if (errno == EAGAIN) {
      break;
    }
  }
  return gone;
}

struct SendChunk {
  std::array<mmsghdr, kSendChunk> messages;
  std::array<iovec, kSendChunk> vectors;
  std::array<SocketAddress, kSendChunk> addresses;
  std::array<ControlSpace, kSendChunk> controls;
  std::array<std::uint32_t, kSendChunk> strides;
  std::size_t count = 0;

  // Datagrams in message `i`.
  std::uint64_t datagrams(std::size_t i) const {
    return strides[i] == 0 ? 1 : (vectors[i].iov_len + strides[i] - 1) / strides[i];
  }
};

// Adds a control message to those that the header has.
template <class Info>
void put_control(msghdr& header, ControlSpace& space, int level, int type, const Info& info) {
  std::uint8_t* const at = space.octets.data() + header.msg_controllen;
  std::memset(at, 0, CMSG_SPACE(sizeof info));
  auto* const item = reinterpret_cast<cmsghdr*>(at);
  item->cmsg_level = level;
  item->cmsg_type = type;
  item->cmsg_len = CMSG_LEN(sizeof info);
  std::memcpy(CMSG_DATA(item), &info, sizeof info);
  header.msg_control = space.octets.data();
  header.msg_controllen += CMSG_SPACE(sizeof info);
}

// The source address as a control message (ip(7), RFC 3542 6.2).
void put_source(msghdr& header, ControlSpace& space, const base::IpAddress& source) {
  if (!source.is_set() || source.is_unspecified()) return;
  if (source.is_v4()) {
    in_pktinfo info{};
    info.ipi_spec_dst = to_in_addr(source);
    put_control(header, space, IPPROTO_IP, IP_PKTINFO, info);
  } else {
    in6_pktinfo info{};
    info.ipi6_addr = to_in6_addr(source);
    put_control(header, space, IPPROTO_IPV6, IPV6_PKTINFO, info);
  }
}

void put_traffic_class(msghdr& header, ControlSpace& space, const base::Frame& frame) {
  if (frame.traffic_class == 0) return;
  const bool v6 = frame.remote.address.is_v6();
  put_control(header, space, v6 ? IPPROTO_IPV6 : IPPROTO_IP, v6 ? IPV6_TCLASS : IP_TOS,
              static_cast<int>(frame.traffic_class));
}

base::Endpoint destination_in(base::ByteSpan packet) {
  if (packet.size() >= 20 && packet[0] >> 4 == 4) {
    return {base::IpAddress::from_bytes(packet.subspan(16, 4)), 0};
  }
  if (packet.size() >= 40 && packet[0] >> 4 == 6) {
    return {base::IpAddress::from_bytes(packet.subspan(24, 16)), 0};
  }
  return {};
}

void fill_message(msghdr& header, iovec& vector, SocketAddress& address, base::ByteSpan payload,
                  const base::Endpoint& remote) {
  header = {};
  vector = {const_cast<std::uint8_t*>(payload.data()), payload.size()};
  header.msg_iov = &vector;
  header.msg_iovlen = 1;
  header.msg_namelen = to_socket_address(remote, address);
  header.msg_name = header.msg_namelen == 0 ? nullptr : &address;
}

// `stride` is the size of the segments of a train, 0 for a single one.
void append(SendChunk& chunk, Destination destination, const base::Frame& frame, base::ByteSpan segment,
            std::uint32_t stride) {
  const std::size_t i = chunk.count++;
  chunk.messages[i] = {};
  base::Endpoint remote = destination == Destination::packet ? destination_in(segment) : frame.remote;
  if (destination == Destination::remote_address) remote.port = 0;
  msghdr& header = chunk.messages[i].msg_hdr;
  fill_message(header, chunk.vectors[i], chunk.addresses[i], segment, remote);
  if (destination != Destination::packet) {
    put_source(header, chunk.controls[i], frame.local.address);
    put_traffic_class(header, chunk.controls[i], frame);
  }
  chunk.strides[i] = stride;
  if (stride != 0) {
    put_control(header, chunk.controls[i], SOL_UDP, UDP_SEGMENT, static_cast<std::uint16_t>(stride));
  }
}

// Whether an error may stem from an ICMP answer to an earlier packet rather than from this one.
bool may_be_pending(int error) {
  return error == ECONNREFUSED || error == EHOSTUNREACH || error == ENETUNREACH || error == EPROTO;
}

// Sends the datagrams of a train that the kernel did not take as one. Returns the refused ones.
std::uint64_t send_singly(int descriptor, SendChunk& chunk, std::size_t i) {
  std::uint64_t refused = 0;
  msghdr header = chunk.messages[i].msg_hdr;
  header.msg_controllen -= CMSG_SPACE(sizeof(std::uint16_t));  // the size of the segments, which is the last
  if (header.msg_controllen == 0) header.msg_control = nullptr;
  auto* const octets = static_cast<std::uint8_t*>(chunk.vectors[i].iov_base);
  for (std::size_t at = 0; at < chunk.vectors[i].iov_len; at += chunk.strides[i]) {
    iovec part{octets + at, std::min<std::size_t>(chunk.strides[i], chunk.vectors[i].iov_len - at)};
    header.msg_iov = &part;
    if (sendmsg(descriptor, &header, MSG_DONTWAIT | MSG_NOSIGNAL) < 0) ++refused;
  }
  return refused;
}

// Whether an error means that the train, not the datagrams in it, was refused: no such option on this socket,
// a device without checksum offload, segments longer than the path takes.
bool refuses_train(int error) {
  return error == EINVAL || error == EIO || error == ENOPROTOOPT || error == EMSGSIZE || error == EOPNOTSUPP;
}

// Sends what the chunk holds and empties it. Returns the refused ones; `blocked` tells that the socket's
// buffer is full, `trains` is cleared where the kernel does not take them.
std::uint64_t flush(int descriptor, SendChunk& chunk, bool& blocked, bool& trains) {
  std::uint64_t refused = 0;
  bool repeated = false;
  std::size_t at = 0;
  while (at < chunk.count && !blocked) {
    const int sent = sendmmsg(descriptor, &chunk.messages[at], static_cast<unsigned>(chunk.count - at),
                              MSG_DONTWAIT | MSG_NOSIGNAL);
    if (sent > 0) {
      at += static_cast<std::size_t>(sent);
      repeated = false;
    } else if (errno == EAGAIN) {
      blocked = true;
    } else if (chunk.strides[at] != 0 && refuses_train(errno)) {
      // These two can come from one path alone: its MTU is smaller than a segment (EINVAL before Linux 6.5).
      if (errno != EMSGSIZE && errno != EINVAL) trains = false;
      refused += send_singly(descriptor, chunk, at++);
    } else if (errno != EINTR && (repeated || !may_be_pending(errno))) {
      refused += chunk.datagrams(at++);
      repeated = false;
    } else if (errno != EINTR) {
      repeated = true;
    }
  }
  for (; at < chunk.count; ++at) refused += chunk.datagrams(at);
  chunk.count = 0;
  return refused;
}

}  // namespace

base::Status receive_messages(int descriptor, const ReceiveOptions& options, base::PacketPool& pool,
                              base::PacketBatch& batch, std::uint64_t& dropped) {
  int errors = 0;
  ReceiveChunk chunk;
  while (!batch.full() && batch.octets() < options.octets) {
    const std::size_t room = base::PacketBatch::kCapacity - batch.size();
    chunk.prepare(pool, room, options);
    if (chunk.prepared == 0) {
      // With packets to hand on, the caller gives buffers back before it asks again.
      if (batch.empty()) dropped += discard(descriptor, room);
      return {};
    }
    const int got = recvmmsg(descriptor, chunk.messages.data(), static_cast<unsigned>(chunk.prepared),
                             MSG_DONTWAIT, nullptr);
    if (got < 0) {
      const int error = errno;
      if (error == EAGAIN) return {};
      if (ends_source(error)) return base::local_error("receiving: " + errno_text(error));
      if (error != EINTR && ++errors >= kPendingErrors) return {};
      continue;
    }
    for (std::size_t i = 0; i < static_cast<std::size_t>(got); ++i) {
      if (!accept(chunk, i, options, batch)) ++dropped;
    }
    if (static_cast<std::size_t>(got) < chunk.prepared) return {};
  }
  return {};
}

namespace {

std::uint64_t send_all(int descriptor, Destination destination, base::PacketBatch& batch, bool& trains,
                       const DontFragmentOf* dont_fragment) {
  std::uint64_t refused = 0;
  bool blocked = false;
  SendChunk chunk;
  for (const base::Frame& frame : batch) {
    if (dont_fragment != nullptr && !dont_fragment->of.is(frame.dont_fragment)) {
      refused += flush(descriptor, chunk, blocked, trains);  // what waits leaves as it wants to
      dont_fragment->of.set(descriptor, dont_fragment->family, frame.dont_fragment);
    }
    const bool whole = trains && frame.count > 1 && frame.count <= kMostSegments;
    for (std::uint32_t i = 0; i < (whole ? 1 : frame.count); ++i) {
      if (blocked) {
        refused += whole ? frame.count : 1;
        continue;
      }
      append(chunk, destination, frame, whole ? frame.bytes() : frame.segment(i), whole ? frame.stride : 0);
      if (chunk.count == kSendChunk) refused += flush(descriptor, chunk, blocked, trains);
    }
  }
  refused += flush(descriptor, chunk, blocked, trains);
  batch.clear();
  return refused;
}

}  // namespace

std::uint64_t send_messages(int descriptor, Destination destination, base::PacketBatch& batch, bool& trains) {
  return send_all(descriptor, destination, batch, trains, nullptr);
}

std::uint64_t send_messages(int descriptor, Destination destination, base::PacketBatch& batch) {
  bool trains = false;
  return send_all(descriptor, destination, batch, trains, nullptr);
}

std::uint64_t send_messages(int descriptor, Destination destination, base::PacketBatch& batch, bool& trains,
                            DontFragmentOf dont_fragment) {
  return send_all(descriptor, destination, batch, trains, &dont_fragment);
}

int send_message(int descriptor, const base::Endpoint& local, const base::Endpoint& remote,
                 base::ByteSpan payload) {
  msghdr header;
  iovec vector;
  SocketAddress address;
  ControlSpace control;
  fill_message(header, vector, address, payload, remote);
  put_source(header, control, local.address);
  bool repeated = false;
  while (sendmsg(descriptor, &header, MSG_DONTWAIT | MSG_NOSIGNAL) < 0) {
    const int error = errno;
    if (error == EINTR) continue;
    if (repeated || !may_be_pending(error)) return error;
    repeated = true;
  }
  return 0;
}

}  // namespace tun
