// What routers and hosts beside a tunnel say: ICMP's "too big", ARP and Neighbor Discovery, Ethernet frames;
// and packets whose MSS is lowered, which are cut into fragments, or are probes. The first octet says which.
#include <cstdlib>

#include "esp/ip_fragment.h"
#include "esp/ip_header.h"
#include "esp/mss_clamp.h"
#include "esp/path_probe.h"
#include "tun/ethernet/port.h"
#include "tun/icmp_socket.h"

namespace {

void require(bool holds) {
  if (!holds) std::abort();
}

void too_big(base::ByteSpan octets) {
  for (const base::IpFamily family : {base::IpFamily::v4, base::IpFamily::v6}) {
    const auto said = tun::read_too_big(family, octets);
    if (said) require(said->payload_size >= 8 && said->source.family() == family);
  }
}

// A port takes any frame, and answers what it asks for itself with nothing.
void frame(base::ByteSpan octets) {
  std::size_t written = 0;
  tun::EthernetPort port({2, 0, 0, 0, 0, 1}, [&](base::ByteSpan made) {
    require(tun::read_resolution(made).has_value());
    return ++written != 0;
  });
  port.set_answered(
      {{base::AddressRange::all(base::IpFamily::v4), base::AddressRange::all(base::IpFamily::v6)}, {}});
  if (port.take(octets)) {
    base::Bytes packet(octets.begin() + tun::kEthernetHeader, octets.end());
    tun::count_hop(packet);
  }
  require(written <= 1);
}

void packet(base::ByteSpan octets) {
  const auto inner = esp::parse_ip(octets);
  if (!inner) return;
  base::Bytes whole(octets.begin(), octets.begin() + inner->length);
  if (esp::is_tcp(whole)) esp::clamp_mss(whole, octets[octets.size() - 1] * 8u);
  if (!inner->source.is_v4()) return;
  const std::uint32_t mtu = 20u + octets[octets.size() - 1] * 4u;
  const std::uint32_t count = esp::fragments_of(whole, mtu);
  base::Bytes part(mtu);
  for (std::uint32_t i = 0; i < count; ++i) {
    const std::uint32_t length = esp::write_fragment(whole, mtu, i, part.data());
    require(length <= mtu && esp::parse_ip(base::ByteSpan(part).first(length)).has_value());
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2) return 0;
  const base::ByteSpan octets(data + 1, size - 1);
  if (data[0] % 4 == 0) too_big(octets);
  if (data[0] % 4 == 1) frame(octets);
  if (data[0] % 4 == 2) packet(octets);
  if (data[0] % 4 == 3) esp::read_probe(octets);
  return 0;
}
