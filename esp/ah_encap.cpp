#include "esp/ah_encap.h"

#include <array>
#include <cstring>

#include "esp/ah_header.h"
#include "esp/lifetime.h"
#include "esp/sequence.h"
#include "esp/traffic_class.h"

namespace esp {
namespace {

struct Scratch {
  std::array<std::uint8_t, kMaxAhHeaders> headers;  // as the ICV covers them
  std::array<std::uint8_t, 4> esn_high;
};

bool outer_v6(const OutboundSa& sa, const EncapItem& item) {
  if (sa.params.mode == Mode::tunnel) return sa.params.remote.address.is_v6();
  return item.frame.data()[0] >> 4 == 6;
}

// Octets of an IP packet here: what the length field of IPv4 can say (RFC 791 3.1).
constexpr std::size_t kLongest = 65535;

std::optional<Counter> refusal(const OutboundSa& sa, const EncapItem& item) {
  const std::uint32_t ah = ah_size(sa.cipher->icv_size(), outer_v6(sa, item));
  const bool tunnel = sa.params.mode == Mode::tunnel;
  const std::size_t in_front = ah + (tunnel ? kMaxFixedHeader : 0);
  if (item.frame.headroom() < in_front) return Counter::out_no_buffer;
  if (item.frame.length + in_front > kLongest) return Counter::out_too_big;
  if (!tunnel && item.split.header + ah > kMaxAhHeaders) return Counter::out_header;
  if (past_hard_lifetime(sa.params, sa.traffic)) return Counter::out_expired;
  return {};
}

// Makes room for an AH of `ah` octets and fills the headers in front of it. Returns how many octets those
// are.
std::uint32_t open_gap(const OutboundSa& sa, EncapItem& item, std::uint32_t ah) {
  base::Frame& frame = item.frame;
  if (sa.params.mode == Mode::transport) {
    std::uint8_t* const from = frame.data();
    std::memmove(from - ah, from, item.split.header);
    frame.set_single(frame.offset - ah, frame.length + ah);
    return item.split.header;
  }
  std::array<std::uint8_t, kMaxFixedHeader> header;
  const std::uint32_t size = write_header(header.data(), sa.params.local.address, sa.params.remote.address,
                                          base::ip_protocol::kAh, ah + frame.length);
  item.split = {size, size == kMaxFixedHeader ? 6u : 9u, item.next_header, true};
  const std::uint8_t traffic_class = traffic_class_of(frame.bytes());
  frame.set_single(frame.offset - size - ah, frame.length + size + ah);
  std::memcpy(frame.data(), header.data(), size);
  set_traffic_class(frame.bytes(), traffic_class);
  return size;
}

// The kernel gives a number to IPv4 packets without one, behind the ICV's back; so none leaves without.
void give_identification(std::uint8_t* header, std::uint64_t sequence) {
  if (header[0] >> 4 != 4 || base::load_be16(header + 4) != 0) return;
  base::store_be16(header + 4, static_cast<std::uint16_t>(sequence % 0xffff + 1));
}

void write_ah(std::uint8_t* at, const OutboundSa& sa, std::uint8_t next_header, std::uint32_t size,
              std::uint64_t sequence) {
  std::memset(at, 0, size);  // RESERVED "MUST be set to zero" (RFC 4302 2.3), ICV and padding
  at[0] = next_header;
  at[1] = static_cast<std::uint8_t>(size / 4 - 2);
  base::store_be32(at + 4, sa.params.spi.value);
  base::store_be32(at + 8, static_cast<std::uint32_t>(sequence));
}

// Turns the frame of the item into an AH packet without its ICV. False where a header cannot be protected.
bool build(const OutboundSa& sa, EncapItem& item, std::uint64_t sequence, Scratch& scratch,
           crypto::CipherItem& c) {
  const std::uint32_t ah = ah_size(sa.cipher->icv_size(), outer_v6(sa, item));
  const std::uint32_t front = open_gap(sa, item, ah);
  const base::MutableByteSpan packet = item.frame.bytes();
  give_identification(packet.data(), sequence);
  write_ah(&packet[front], sa, item.split.next_header, ah, sequence);
  finish_header(packet, item.split.next_at, base::ip_protocol::kAh);
  std::memcpy(scratch.headers.data(), packet.data(), front + ah);
  if (!mute_headers(base::MutableByteSpan(scratch.headers).first(front))) return false;
  c.aad = base::ByteSpan(scratch.headers).first(front + ah);
  c.source = c.destination = packet.data() + front + ah;
  c.length = static_cast<std::uint32_t>(packet.size() - front - ah);
  c.tag = &packet[front + kAhFixed];
  if (sa.params.suite.esn) {  // behind the packet (RFC 4302 3.3.3.1: the high half is covered, not sent)
    base::store_be32(scratch.esn_high.data(), static_cast<std::uint32_t>(sequence >> 32));
    c.aad_tail = scratch.esn_high;
  }
  return true;
}

}  // namespace

void ah_encapsulate(OutboundSa& sa, std::span<EncapItem> items, std::span<const std::uint8_t> run) noexcept {
  std::array<crypto::CipherItem, kMaxRun> sealing;
  std::array<Scratch, kMaxRun> scratch;
  std::array<EncapItem*, kMaxRun> owner;
  std::size_t n = 0;
  for (const std::uint8_t index : run) {
    EncapItem& item = items[index];
    item.drop = refusal(sa, item);
    if (item.drop) continue;
    const auto sequence = take_sequence(sa.next_sequence, sa.params.suite.esn);
    if (!sequence) {
      item.drop = Counter::out_sequence;
      continue;
    }
    if (!build(sa, item, *sequence, scratch[n], sealing[n])) {
      item.drop = Counter::out_header;
      continue;
    }
    sa.traffic.add(1, item.inner_length);
    owner[n++] = &item;
  }
  sa.cipher->seal({sealing.data(), n});
  for (std::size_t i = 0; i < n; ++i) {
    if (!sealing[i].ok) owner[i]->drop = Counter::out_crypto;
  }
}

}  // namespace esp
