#include "esp/traffic_class.h"

#include "base/checksum.h"

namespace esp {
namespace {

constexpr std::uint8_t kEcn = 3, kNotEct = 0, kEct0 = 2, kCe = 3;

}  // namespace

std::uint8_t traffic_class_of(base::ByteSpan packet) {
  if (packet[0] >> 4 != 6) return packet[1];
  return static_cast<std::uint8_t>(packet[0] << 4 | packet[1] >> 4);
}

void set_traffic_class(base::MutableByteSpan packet, std::uint8_t traffic_class) {
  if (packet[0] >> 4 == 6) {
    packet[0] = static_cast<std::uint8_t>(0x60 | traffic_class >> 4);
    packet[1] = static_cast<std::uint8_t>(traffic_class << 4 | (packet[1] & 15));
    return;
  }
  // RFC 1624 3: HC' = ~(~HC + ~m + m').
  const std::uint16_t before = base::load_be16(packet.data());
  packet[1] = traffic_class;
  const std::uint32_t gone = static_cast<std::uint16_t>(~before);
  const std::uint32_t sum = static_cast<std::uint16_t>(~base::load_be16(&packet[10]));
  base::store_be16(&packet[10], base::finish_sum(base::fold_sum(std::uint64_t{sum} + gone +
                                                                base::load_be16(packet.data()))));
}

bool merge_ecn(base::MutableByteSpan inner, std::uint8_t outer_traffic_class) {
  const std::uint8_t outer = outer_traffic_class & kEcn;
  if (outer == kNotEct || outer == kEct0) return true;
  const std::uint8_t before = traffic_class_of(inner);
  const std::uint8_t ecn = before & kEcn;
  if (ecn == kNotEct) return outer != kCe;
  const bool changes = outer == kCe ? ecn != kCe : ecn == kEct0;  // outer ECT(1) outranks inner ECT(0)
  if (changes) set_traffic_class(inner, static_cast<std::uint8_t>((before & ~kEcn) | outer));
  return true;
}

}  // namespace esp
