// TCP packets without payload, for tests of what reads their options.
#pragma once

#include "base/checksum.h"
#include "base/ip.h"

namespace support {

inline base::Bytes mss_option(std::uint16_t mss) {
  return {2, 4, static_cast<std::uint8_t>(mss >> 8), static_cast<std::uint8_t>(mss)};
}

// The sum of the pseudo-header and all of TCP: 0xffff where the checksum is right.
inline std::uint32_t tcp_sum(base::ByteSpan packet) {
  const bool v6 = packet[0] >> 4 == 6;
  const std::size_t header = v6 ? 40 : 20;
  const base::ByteSpan addresses = v6 ? packet.subspan(8, 32) : packet.subspan(12, 8);
  const std::uint32_t pseudo =
      base::fold_sum(std::uint64_t{base::word_sum(addresses)} + 6 + packet.size() - header);
  return base::add_sums(pseudo, base::word_sum(packet.subspan(header)));
}
inline bool checksum_holds(base::ByteSpan packet) { return tcp_sum(packet) == 0xffff; }

// From 10.1.0.1 or 2001:db8:1::1, port 1000, to 10.2.0.2 or 2001:db8:2::2, port 80. `options` are filled up
// with zeros to a multiple of four.
inline base::Bytes tcp_packet(bool v6, std::uint8_t flags, base::Bytes options) {
  options.resize((options.size() + 3) / 4 * 4);
  const std::size_t header = v6 ? 40 : 20;
  base::Bytes p(header + 20 + options.size());
  const auto source = base::IpAddress::parse(v6 ? "2001:db8:1::1" : "10.1.0.1").value();
  const auto destination = base::IpAddress::parse(v6 ? "2001:db8:2::2" : "10.2.0.2").value();
  p[0] = v6 ? 0x60 : 0x45;
  base::store_be16(&p[v6 ? 4 : 2], static_cast<std::uint16_t>(v6 ? p.size() - 40 : p.size()));
  p[v6 ? 6 : 9] = 6;
  p[v6 ? 7 : 8] = 64;
  source.write(&p[v6 ? 8 : 12]);
  destination.write(&p[v6 ? 24 : 16]);
  if (!v6) {
    base::store_be16(&p[6], 0x4000);
    base::store_be16(&p[10], base::internet_checksum(base::ByteSpan(p).first(20)));
  }
  std::uint8_t* const tcp = &p[header];
  base::store_be16(tcp, 1000);
  base::store_be16(tcp + 2, 80);
  base::store_be32(tcp + 4, 0x01020304);
  tcp[12] = static_cast<std::uint8_t>((20 + options.size()) / 4 << 4);
  tcp[13] = flags;
  std::copy(options.begin(), options.end(), tcp + 20);
  base::store_be16(tcp + 16, base::finish_sum(tcp_sum(p)));
  return p;
}

}  // namespace support
