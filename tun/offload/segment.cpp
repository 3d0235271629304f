#include "tun/offload/segment.h"

#include <cstring>

#include "tun/offload/checksum.h"

namespace tun {
namespace {

constexpr std::uint8_t kTcp = 6, kUdp = 17;
constexpr std::uint8_t kFin = 0x01, kPsh = 0x08, kCwr = 0x80;

void write_ip_header(std::uint8_t* ip, std::uint32_t i, std::uint32_t length) {
  if (ip[0] >> 4 == 6) {
    base::store_be16(ip + 4, static_cast<std::uint16_t>(length - 40));
    return;
  }
  base::store_be16(ip + 2, static_cast<std::uint16_t>(length));
  base::store_be16(ip + 4, static_cast<std::uint16_t>(base::load_be16(ip + 4) + i));
  base::store_be16(ip + 10, 0);
  const std::size_t size = std::size_t{ip[0] & 0x0fu} * 4;
  base::store_be16(ip + 10, base::finish_sum(base::word_sum({ip, size})));
}

void write_tcp_header(std::uint8_t* tcp, const base::Gso& gso, std::uint32_t i, bool last) {
  base::store_be32(tcp + 4, base::load_be32(tcp + 4) + i * gso.payload);
  if (!last) tcp[13] &= static_cast<std::uint8_t>(~(kFin | kPsh));
  if (i != 0) tcp[13] &= static_cast<std::uint8_t>(~kCwr);
}

}  // namespace

void OffloadSegmenter::write(const base::Frame& frame, std::uint32_t i, std::uint8_t* to) const noexcept {
  const base::Gso& gso = frame.gso;
  const std::uint32_t length = frame.packet_length(i);
  std::memcpy(to, frame.data(), gso.header);
  const std::size_t at = gso.header + std::size_t{i} * gso.payload;
  const std::uint32_t payload = base::copy_and_sum(to + gso.header, {frame.data() + at, length - gso.header});
  write_ip_header(to, i, length);
  std::uint8_t* const transport = to + gso.transport;
  const std::uint32_t covered = length - gso.transport;
  if (gso.udp) {
    base::store_be16(transport + 4, static_cast<std::uint16_t>(covered));
  } else {
    write_tcp_header(transport, gso, i, i + 1 == frame.packets());
  }
  std::uint8_t* const field = transport + (gso.udp ? 6 : 16);
  base::store_be16(field, 0);
  // A transport header has an even size, so that its sum can be added.
  const std::uint32_t header = base::word_sum({transport, std::size_t{gso.header} - gso.transport});
  const std::uint32_t pseudo = pseudo_header_sum({to, length}, gso.udp ? kUdp : kTcp, covered);
  const std::uint16_t checksum = base::finish_sum(base::add_sums(base::add_sums(pseudo, header), payload));
  base::store_be16(field, checksum == 0 && gso.udp ? std::uint16_t{0xffff} : checksum);
}

}  // namespace tun
