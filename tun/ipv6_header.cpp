#include "tun/ipv6_header.h"

#include <netinet/in.h>

#include <cerrno>
#include <cstring>

#include "tun/socket_address.h"

namespace tun {
namespace {

constexpr std::uint32_t kHeader = 40;
constexpr std::uint8_t kHopByHop = 0, kRouting = 43, kDestinationOptions = 60;
static_assert(kHeader + kExtensionRoom <= base::kHeadroom);

}  // namespace

base::Status Ipv6Extensions::ask(int descriptor) {
  constexpr int kOn = 1;
  for (const int option : {IPV6_RECVHOPOPTS, IPV6_RECVRTHDR, IPV6_RECVDSTOPTS}) {
    if (setsockopt(descriptor, IPPROTO_IPV6, option, &kOn, sizeof kOn) != 0)
      return base::local_error("extension headers of a raw IPv6 socket: " + errno_text(errno));
  }
  return {};
}

void Ipv6Extensions::take(const cmsghdr& item) {
  std::uint8_t type = 0;
  switch (item.cmsg_type) {
    case IPV6_HOPOPTS:
      type = kHopByHop;
      break;
    case IPV6_RTHDR:
      type = kRouting;
      break;
    case IPV6_DSTOPTS:
      type = kDestinationOptions;
      break;
    default:
      return;
  }
  const std::size_t length = item.cmsg_len - CMSG_LEN(0);
  if (length > octets_.size() - size_) {
    overflowed_ = true;
    return;
  }
  if (size_ == 0) first_ = type;
  std::memcpy(octets_.data() + size_, CMSG_DATA(&item), length);
  size_ += length;
}

void Ipv6Extensions::put_in_front(base::Frame& frame, std::uint8_t next_header) const {
  const auto extensions = static_cast<std::uint32_t>(size_);
  const std::uint32_t payload = extensions + frame.length;
  frame.set_single(frame.offset - extensions - kHeader, payload + kHeader);
  std::uint8_t* const header = frame.data();
  base::store_be32(header, 0x60000000 | std::uint32_t{frame.traffic_class} << 20);
  base::store_be16(header + 4, static_cast<std::uint16_t>(payload));
  header[6] = size_ == 0 ? next_header : first_;
  header[7] = 64;
  frame.remote.address.write(header + 8);
  frame.local.address.write(header + 24);
  std::memcpy(header + kHeader, octets_.data(), size_);
}

}  // namespace tun
