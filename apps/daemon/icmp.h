// ICMP errors for packets that a tunnel cannot take: slow path, built with libtins.
#pragma once

#include <optional>

#include "base/bytes.h"
#include "base/time.h"

namespace daemon_app {

// The whole IP packet that answers `packet`: destination unreachable, fragmentation needed (RFC 792, RFC
// 1191 4), or packet too big (RFC 4443 3.2). Its source is the packet's own destination, which lies inside
// the tunnel's selectors. `mtu` is the largest inner packet, in octets. Nullopt where RFC 1122 3.2.2 and RFC
// 4443 2.4 forbid an error: about an ICMP error, a later fragment, or a multicast or unspecified source.
std::optional<base::Bytes> make_too_big(base::ByteSpan packet, std::uint32_t mtu);

// Why a packet goes nowhere, and what its sender is told (RFC 4301 5.1.1).
enum class Unreachable {
  prohibited,  // a policy says so: code 13 of IPv4, 1 of IPv6
  host,        // no SA comes up, since the peer is not reached: code 1 of IPv4, 3 of IPv6
};
// The same for destination unreachable (RFC 792, RFC 4443 3.1), which nobody is told of a multicast either.
std::optional<base::Bytes> make_unreachable(base::ByteSpan packet, Unreachable why);

// RFC 4443 2.4 (f), RFC 1812 4.3.2.8: at most `burst` errors at once, refilled at `per_second`.
class IcmpLimit {
 public:
  explicit IcmpLimit(double per_second = 200, double burst = 50)
      : per_second_(per_second), burst_(burst), tokens_(burst) {}
  bool admit(base::Instant now);

 private:
  const double per_second_, burst_;
  double tokens_;
  base::Instant last_{};
};

}  // namespace daemon_app
