// recvmmsg and sendmmsg over batches, as UDP and raw sockets share them. Nothing here allocates or blocks.
#pragma once

#include <cstdint>

#include "base/packet.h"
#include "base/result.h"
#include "tun/packet_io.h"
#include "tun/socket_options.h"

namespace tun {

struct ReceiveOptions {
  bool raw = false;                // a raw socket: its addresses have no ports
  bool strip_ipv4_header = false;  // raw IPv4 sockets deliver the header (raw(7)); IPv6 ones do not
  // Set: an IPv6 header, and the extension headers behind it, are put in front of a payload of this protocol.
  std::uint8_t ipv6_header_for = 0;
  std::uint16_t local_port = 0;  // of the socket: the kernel reports the local address without it
  // The largest packet that is taken, in octets; longer ones are dropped and counted.
  std::uint32_t longest = base::kMaxFrame;
  // Messages a system call. Few where each may be a train of 64 KiB, so that they stay in the cache.
  std::size_t at_once = 16;
  // A batch ends with the call that has brought this many octets, although more may be waiting.
  std::size_t octets = kLongBatch;
};

// Fills `batch` as PacketSource::recv_batch says. When the pool is empty, up to a batch of waiting packets is
// thrown away and counted, so that a level-triggered loop cannot spin on them.
base::Status receive_messages(int descriptor, const ReceiveOptions& options, base::PacketPool& pool,
                              base::PacketBatch& batch, std::uint64_t& dropped);

enum class Destination : std::uint8_t {
  remote,          // the frame's remote endpoint, from its local address where that is set
  remote_address,  // the same without the port, as raw sockets want it
  packet,          // the destination in the IP header that each segment begins with
};

// Sends every segment of every frame, empties the batch, and returns how many the kernel refused. Once the
// socket's buffer is full, the rest of the batch counts as refused. Where `trains` is set, frames of several
// segments leave as one message (UDP_SEGMENT, udp(7)); it is cleared when the kernel turns out not to take
// them on this path, and then they leave one by one.
std::uint64_t send_messages(int descriptor, Destination destination, base::PacketBatch& batch, bool& trains);
std::uint64_t send_messages(int descriptor, Destination destination, base::PacketBatch& batch);

// The same, with the DF that each frame asks for; without, all leave as the socket stands.
struct DontFragmentOf {
  DontFragmentSwitch& of;  // the socket
  base::IpFamily family;
};
std::uint64_t send_messages(int descriptor, Destination destination, base::PacketBatch& batch, bool& trains,
                            DontFragmentOf dont_fragment);

// One datagram. Returns 0 or an errno value.
int send_message(int descriptor, const base::Endpoint& local, const base::Endpoint& remote,
                 base::ByteSpan payload);

}  // namespace tun
