// Options that all outer sockets share.
#pragma once

#include "base/ip.h"
#include "base/result.h"

namespace tun {

// Reports the local address of each datagram (IP_PKTINFO, IPV6_RECVPKTINFO), sets SO_MARK where `mark` is
// not 0, and turns path MTU discovery off: DF stays clear and the kernel fragments outer packets that are
// too big, so that no ICMP message can stop a tunnel (RFC 4301 8.1 leaves DF of the outer header to us; see
// DontFragmentSwitch).
// Errors name the option and, for SO_MARK, the missing capability.
base::Status set_outer_options(int descriptor, base::IpFamily family, std::uint32_t mark);

// Whether what a socket sends gets DF (IPv4), and is refused rather than fragmented where the device takes
// less. What the kernel believes of the path is not asked then: it learns that from anybody's ICMP. Of IPv6
// the source alone fragments. One thread sends by a socket that is changed.
class DontFragmentSwitch {
 public:
  bool is(bool on) const { return on_ == on; }
  void set(int descriptor, base::IpFamily family, bool on);

 private:
  bool on_ = false;  // as set_outer_options() leaves it
};

// SO_RCVBUF and SO_SNDBUF in octets: beyond the system's limits with CAP_NET_ADMIN, else as far as they go.
void set_buffers(int descriptor, int octets);

}  // namespace tun
