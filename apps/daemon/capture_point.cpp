#include "apps/daemon/capture_point.h"

#include <algorithm>
#include <array>

#include "base/checksum.h"
#include "esp/ip_header.h"
#include "esp/natt.h"
#include "esp/traffic_class.h"
#include "esp/transport.h"

namespace daemon_app {
namespace {

constexpr std::uint32_t kUdpHeader = 8, kMarker = 4;

// The headers that the kernel takes off and puts on, as far as it is known what they were.
struct OuterHeader {
  std::array<std::uint8_t, esp::kMaxFixedHeader + kUdpHeader + kMarker> octets;
  std::size_t size = 0;
  base::ByteSpan span() const { return base::ByteSpan(octets).first(size); }
};

struct Ends {
  base::Endpoint from, to;
};
Ends ends_of(const base::Endpoint& local, const base::Endpoint& remote, bool inbound) {
  return inbound ? Ends{remote, local} : Ends{local, remote};
}

// Nothing where the addresses are of two families, or not known.
OuterHeader write_ip(const Ends& ends, std::uint8_t protocol, std::size_t payload,
                     std::uint8_t traffic_class) {
  OuterHeader header;
  if (ends.from.address.family() != ends.to.address.family() || !ends.to.address.is_set()) return header;
  header.size = esp::write_header(header.octets.data(), ends.from.address, ends.to.address, protocol,
                                  static_cast<std::uint32_t>(payload));
  if (traffic_class != 0)
    esp::set_traffic_class(base::MutableByteSpan(header.octets).first(header.size), traffic_class);
  return header;
}

// Without checksum, as ESP in UDP goes over IPv4 (RFC 3948 2.1).
OuterHeader write_udp(const Ends& ends, std::size_t payload, std::uint8_t traffic_class) {
  OuterHeader header = write_ip(ends, base::ip_protocol::kUdp, kUdpHeader + payload, traffic_class);
  if (header.size == 0) return header;
  std::uint8_t* const udp = &header.octets[header.size];
  base::store_be16(udp, ends.from.port);
  base::store_be16(udp + 2, ends.to.port);
  base::store_be16(udp + 4, static_cast<std::uint16_t>(kUdpHeader + payload));
  base::store_be16(udp + 6, 0);
  header.size += kUdpHeader;
  return header;
}

// Where the SPI of ESP or AH stands in what a frame holds; nullopt where there is none.
std::optional<base::Spi> spi_of(base::ByteSpan segment, OuterForm form) {
  std::size_t at = 0;
  if (form == OuterForm::packet) {
    const auto split = esp::split_for_transport(segment);
    if (!split) return {};
    at = split->header + (split->next_header == base::ip_protocol::kAh ? 4 : 0);
    if (split->next_header == base::ip_protocol::kUdp) at += kUdpHeader;
  }
  if (segment.size() < at + 4) return {};
  return base::Spi(base::load_be32(&segment[at]));
}

}  // namespace

bool CapturePoint::wants(base::ByteSpan segment, OuterForm form, bool inbound) const noexcept {
  if (form == OuterForm::udp_payload && inbound && esp::classify(segment) != esp::DatagramKind::esp)
    return false;
  const auto spi = spi_of(segment, form);
  if (!spi || (inbound && (spi->value & lane_mask_) != lane_)) return false;
  if (filter_->everything) return true;
  const auto& spis = inbound ? filter_->spis_in : filter_->spis_out;
  return std::binary_search(spis.begin(), spis.end(), *spi);
}

void CapturePoint::push(base::Instant now, bool inbound, base::ByteSpan front, base::ByteSpan rest) noexcept {
  const std::int64_t at = now.time_since_epoch().count() + wall_offset_;
  if (!ring_.push(at, inbound, front, rest)) lost_.fetch_add(1, std::memory_order_relaxed);
}

void CapturePoint::record_outer(const base::PacketBatch& batch, OuterForm form, bool inbound,
                                base::Instant now) noexcept {
  if (filter_->plain) return;
  for (std::size_t k = 0; k < batch.size(); ++k) {
    const base::Frame& frame = batch[k];
    for (std::uint32_t i = 0; i < frame.count; ++i) {
      if (frame.count > 1 && std::uint64_t{i} * frame.stride >= frame.length) break;
      const base::ByteSpan segment = frame.segment(i);
      if (!wants(segment, form, inbound)) continue;
      if (form == OuterForm::packet) {
        push(now, inbound, segment, {});
        continue;
      }
      const Ends ends = ends_of(frame.local, frame.remote, inbound);
      const OuterHeader header =
          form == OuterForm::udp_payload
              ? write_udp(ends, segment.size(), frame.traffic_class)
              : write_ip(ends, base::ip_protocol::kEsp, segment.size(), frame.traffic_class);
      if (header.size != 0) push(now, inbound, header.span(), segment);
    }
  }
}

void CapturePoint::record_inner(const base::PacketBatch& batch, bool inbound, base::Instant now) noexcept {
  if (!filter_->plain) return;
  for (std::size_t k = 0; k < batch.size(); ++k) {
    const base::Frame& frame = batch[k];
    for (std::uint32_t i = 0; i < frame.count; ++i) {
      const base::ByteSpan packet = frame.segment(i);
      if (!filter_->everything) {
        const auto inner = esp::parse_ip(packet);
        if (!inner) continue;
        const spd::PacketKey key = inbound ? inner->inbound_key() : inner->outbound_key();
        const auto& all = filter_->selectors;
        if (std::none_of(all.begin(), all.end(), [&](const auto& one) { return one.matches(key); })) continue;
      }
      push(now, inbound, packet, {});
    }
  }
}

void CapturePoint::record_ike(const base::Endpoint& local, const base::Endpoint& remote, bool marked,
                              base::ByteSpan message, bool inbound, base::Instant now) noexcept {
  if (filter_->plain) return;
  const auto& peers = filter_->peers;
  if (!filter_->everything && std::find(peers.begin(), peers.end(), remote.address) == peers.end()) return;
  const std::size_t marker = marked ? kMarker : 0;
  OuterHeader header = write_udp(ends_of(local, remote, inbound), marker + message.size(), 0);
  if (header.size == 0) return;
  std::fill_n(&header.octets[header.size], marker, std::uint8_t{0});
  header.size += marker;
  push(now, inbound, header.span(), message);
}

}  // namespace daemon_app
