#include "esp/tunnel.h"

#include "esp/ip_header.h"

namespace esp {

std::optional<Counter> accept_inner(std::uint8_t next_header, base::ByteSpan text,
                                    const spd::SelectorPair& selectors, std::uint32_t& length) {
  // Dummy packets are discarded without indicating an error (RFC 4303 2.6).
  if (next_header == base::ip_protocol::kNoNext) return Counter::in_dummy;
  if (next_header != base::ip_protocol::kIpIp && next_header != base::ip_protocol::kIpv6) {
    return Counter::in_next_header;
  }
  const auto inner = parse_ip(text);
  if (!inner || next_header_of(inner->family()) != next_header) return Counter::in_inner_size;
  // The inner packet must match the selectors of the SA it came on, or it is dropped (RFC 4301 5.2, step 4).
  if (!selectors.matches(inner->inbound_key())) {
    // Of a fragment that is not the first no ports can be seen: only selectors of all ports, or OPAQUE, take
    // it (RFC 4301 7).
    return inner->fragment && !inner->ports_known ? Counter::in_fragment : Counter::in_selector;
  }
  length = inner->length;
  return {};
}

}  // namespace esp
