#include "esp/mss_clamp.h"

#include <algorithm>

#include "base/checksum.h"

namespace esp {
namespace {

constexpr std::uint32_t kIpv6Header = 40, kTcpHeader = 20;
constexpr std::uint8_t kSyn = 0x02;
constexpr std::uint8_t kEnd = 0, kNothing = 1, kMss = 2;  // kinds of options
constexpr std::uint8_t kMssLength = 4;
constexpr std::uint32_t kLeastMss = 536;

// RFC 1624 3: HC' = ~(~HC + ~m + m'). The octets of a value that begins at an odd place stand in two words,
// whose sums are those of the value with its octets swapped.
void replace_word(std::uint8_t* checksum, std::uint8_t* at, bool odd, std::uint16_t value) {
  std::uint16_t before = base::load_be16(at), after = value;
  if (odd) {
    before = static_cast<std::uint16_t>(before << 8 | before >> 8);
    after = static_cast<std::uint16_t>(after << 8 | after >> 8);
  }
  const std::uint32_t kept = static_cast<std::uint16_t>(~base::load_be16(checksum));
  const std::uint32_t gone = static_cast<std::uint16_t>(~before);
  base::store_be16(at, value);
  base::store_be16(checksum, base::finish_sum(base::fold_sum(std::uint64_t{kept} + gone + after)));
}

void clamp_option(base::MutableByteSpan tcp, std::size_t header, std::uint32_t most) {
  for (std::size_t at = kTcpHeader; at < header && tcp[at] != kEnd;) {
    if (tcp[at] == kNothing) {
      ++at;
      continue;
    }
    if (at + 2 > header || tcp[at + 1] < 2 || at + tcp[at + 1] > header) return;
    if (tcp[at] == kMss && tcp[at + 1] == kMssLength) {
      if (base::load_be16(&tcp[at + 2]) > most)
        replace_word(&tcp[16], &tcp[at + 2], at % 2 != 0, static_cast<std::uint16_t>(most));
      return;
    }
    at += tcp[at + 1];
  }
}

}  // namespace

void clamp_mss(base::MutableByteSpan packet, std::uint32_t inner_mtu) noexcept {
  const bool v6 = packet[0] >> 4 == 6;
  const std::size_t ip = v6 ? kIpv6Header : std::size_t{4} * (packet[0] & 15);
  // A later fragment begins in the middle of something (RFC 791 3.1).
  if (!v6 && (base::load_be16(&packet[6]) & 0x1fff) != 0) return;
  if (packet.size() < ip + kTcpHeader || (packet[ip + 13] & kSyn) == 0) return;
  const base::MutableByteSpan tcp = packet.subspan(ip);
  const std::size_t header = std::size_t{4} * (tcp[12] >> 4);
  if (header < kTcpHeader || header > tcp.size()) return;
  // The fixed headers alone are taken off (RFC 6691 2).
  const std::uint32_t around = (v6 ? kIpv6Header : 20) + kTcpHeader;
  const std::uint32_t most = std::max(inner_mtu > around ? inner_mtu - around : 0, kLeastMss);
  if (most <= 0xffff) clamp_option(tcp, header, most);
}

}  // namespace esp
