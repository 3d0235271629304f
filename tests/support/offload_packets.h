// TCP and UDP packets with good checksums, for the tests of tun/offload/.
#pragma once

#include <vector>

#include "base/packet.h"
#include "tun/offload/segment.h"
#include "tun/offload/virtio_header.h"

namespace offload {

// RFC 1071 the slow and obvious way.
inline std::uint16_t obvious_checksum(base::ByteSpan bytes) {
  std::uint64_t sum = 0;
  for (std::size_t i = 0; i < bytes.size(); i += 2) {
    sum += static_cast<std::uint64_t>(bytes[i]) << 8 | (i + 1 < bytes.size() ? bytes[i + 1] : 0u);
  }
  while (sum >> 16 != 0) sum = (sum & 0xffff) + (sum >> 16);
  return static_cast<std::uint16_t>(~sum & 0xffff);
}

inline std::uint32_t ip_header(base::ByteSpan packet) { return packet[0] >> 4 == 6 ? 40 : 20; }
inline bool is_udp(base::ByteSpan packet) { return packet[packet[0] >> 4 == 6 ? 6 : 9] == 17; }

// Of a whole packet: pseudo header, transport header and payload.
inline std::uint16_t transport_checksum(base::ByteSpan packet) {
  const std::uint32_t at = ip_header(packet);
  base::Bytes all = base::to_bytes(at == 40 ? packet.subspan(8, 32) : packet.subspan(12, 8));
  base::append(all, base::Bytes{0, is_udp(packet) ? std::uint8_t{17} : std::uint8_t{6}});
  base::Bytes length(2);
  base::store_be16(length.data(), static_cast<std::uint16_t>(packet.size() - at));
  base::append(all, length);
  base::append(all, packet.subspan(at));
  return obvious_checksum(all);
}
inline bool checksums_are_good(base::ByteSpan packet) {
  const bool v6 = packet[0] >> 4 == 6;
  return transport_checksum(packet) == 0 && (v6 || obvious_checksum(packet.first(20)) == 0);
}

struct Shape {
  bool v6 = false, udp = false;
  std::uint16_t port = 1000;
  std::uint16_t id = 1;
  bool dont_fragment = true;
  std::uint32_t sequence = 1, acknowledgement = 77;
  std::uint16_t window = 500;
  std::uint8_t flags = 0x10;  // ACK
  std::uint8_t tos = 0, hop_limit = 64;
  base::Bytes options;  // of TCP; a multiple of 4 octets
  base::Bytes payload;
};

inline void store_checksums(base::Bytes& p) {
  const std::uint32_t at = ip_header(p);
  if (at == 20) {
    base::store_be16(&p[10], 0);
    base::store_be16(&p[10], obvious_checksum(base::ByteSpan(p).first(20)));
  }
  const std::size_t field = at + (is_udp(p) ? 6u : 16u);
  base::store_be16(&p[field], 0);
  const std::uint16_t sum = transport_checksum(p);
  base::store_be16(&p[field], sum == 0 && is_udp(p) ? std::uint16_t{0xffff} : sum);
}

inline base::Bytes make(const Shape& s) {
  const std::size_t at = s.v6 ? 40 : 20, header = s.udp ? 8 : 20 + s.options.size();
  base::Bytes p(at + header);
  if (s.v6) {
    base::store_be32(&p[0], 0x60000000u | std::uint32_t{s.tos} << 20);
    base::store_be16(&p[4], static_cast<std::uint16_t>(header + s.payload.size()));
    p[6] = s.udp ? 17 : 6;
    p[7] = s.hop_limit;
    p[8] = p[24] = 0xfd;
    p[23] = 1;
    p[39] = 2;
  } else {
    p[0] = 0x45;
    p[1] = s.tos;
    base::store_be16(&p[2], static_cast<std::uint16_t>(at + header + s.payload.size()));
    base::store_be16(&p[4], s.id);
    base::store_be16(&p[6], s.dont_fragment ? 0x4000 : 0);
    p[8] = s.hop_limit;
    p[9] = s.udp ? 17 : 6;
    base::store_be32(&p[12], 0x0a000001);
    base::store_be32(&p[16], 0x0a000002);
  }
  std::uint8_t* const t = &p[at];
  base::store_be16(t, s.port);
  base::store_be16(t + 2, 443);
  if (s.udp) {
    base::store_be16(t + 4, static_cast<std::uint16_t>(8 + s.payload.size()));
  } else {
    base::store_be32(t + 4, s.sequence);
    base::store_be32(t + 8, s.acknowledgement);
    t[12] = static_cast<std::uint8_t>(header / 4 << 4);
    t[13] = s.flags;
    base::store_be16(t + 14, s.window);
    std::copy(s.options.begin(), s.options.end(), t + 20);
  }
  base::append(p, s.payload);
  store_checksums(p);
  return p;
}

inline base::Bytes counting(std::size_t size, std::uint8_t first = 0) {
  base::Bytes out(size);
  for (std::size_t i = 0; i < size; ++i) out[i] = static_cast<std::uint8_t>(first + i * 5);
  return out;
}

// What a TUN device would give: `bytes` behind `header`, as packets.
inline std::vector<base::Bytes> expand(base::PacketPool& pool, const tun::VirtioHeader& header,
                                       base::ByteSpan bytes) {
  base::Frame frame;
  frame.buffer = pool.take();
  std::copy(bytes.begin(), bytes.end(), frame.buffer.data() + base::kHeadroom);
  frame.set_single(base::kHeadroom, static_cast<std::uint32_t>(bytes.size()));
  std::vector<base::Bytes> out;
  if (!tun::accept_virtio(header, frame)) return out;
  if (frame.gso.payload == 0) return {base::to_bytes(frame.bytes())};
  const tun::OffloadSegmenter segmenter;
  for (std::uint32_t i = 0; i < frame.packets(); ++i) {
    base::Bytes packet(frame.packet_length(i));
    segmenter.write(frame, i, packet.data());
    out.push_back(std::move(packet));
  }
  return out;
}

}  // namespace offload
