// Traffic Selector payload, RFC 7296 3.13, and its selectors, 3.13.1:
//
//                      1                   2                   3
//  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// | Number of TSs |                 RESERVED                      |
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
//
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// |   TS Type     |IP Protocol ID |       Selector Length         |
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// |           Start Port          |           End Port            |
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// ~                         Starting Address                      ~
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// ~                         Ending Address                        ~
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
#include <algorithm>

#include "ikev2/payload/payload.h"

namespace ikev2 {
namespace {

constexpr std::uint8_t kIpv4Range = 7, kIpv6Range = 8;  // TS_IPV4_ADDR_RANGE, TS_IPV6_ADDR_RANGE

base::Result<spd::TrafficSelector> parse_range(base::Reader body, std::uint8_t protocol,
                                               std::size_t address_size) {
  spd::TrafficSelector ts;
  ts.protocol = protocol;
  ASSIGN_OR_RETURN(ts.first_port, body.u16("start port"));
  ASSIGN_OR_RETURN(ts.last_port, body.u16("end port"));
  ASSIGN_OR_RETURN(const base::ByteSpan first, body.take(address_size, "starting address"));
  ASSIGN_OR_RETURN(const base::ByteSpan last, body.take(address_size, "ending address"));
  // RFC 7296 3.13.1: the length of a selector is that of its type.
  RETURN_IF_ERROR(body.expect_end("selector"));
  ts.range = {base::IpAddress::from_bytes(first), base::IpAddress::from_bytes(last)};
  if (ts.range.last < ts.range.first) return base::malformed("selector ends before it starts");
  // RFC 7296 3.13.1: 65535 to 0 stands for OPAQUE ports; no other pair may run backwards.
  if (ts.last_port < ts.first_port && !ts.opaque()) return base::malformed("ports end before they start");
  return ts;
}

base::Status parse_selector(base::Reader& in, TsPayload& p) {
  ASSIGN_OR_RETURN(const std::uint8_t type, in.u8("selector type"));
  ASSIGN_OR_RETURN(const std::uint8_t protocol, in.u8("selector protocol"));
  ASSIGN_OR_RETURN(const std::uint16_t length, in.u16("selector length"));
  if (length < 4) return base::malformed("selector length " + std::to_string(length) + " is below 4");
  ASSIGN_OR_RETURN(const base::Reader body, in.sub(length - 4u, "selector"));
  if (type != kIpv4Range && type != kIpv6Range) {
    ++p.unknown;  // other types are left out of what is narrowed, RFC 7296 2.9
    return {};
  }
  ASSIGN_OR_RETURN(const auto ts, parse_range(body, protocol, type == kIpv4Range ? 4 : 16));
  p.selectors.push_back(ts);
  return {};
}

}  // namespace

base::Result<TsPayload> parse_ts(base::Reader body, PayloadType role) {
  TsPayload p;
  p.role = role;
  ASSIGN_OR_RETURN(const std::uint8_t count, body.u8("number of selectors"));
  RETURN_IF_ERROR(body.take(3, "reserved octets"));  // ignored on receipt, RFC 7296 3.13
  if (count == 0) return base::malformed("no traffic selector");
  for (unsigned i = 0; i < count; ++i) RETURN_IF_ERROR(parse_selector(body, p));
  RETURN_IF_ERROR(body.expect_end("traffic selectors"));
  return p;
}

void write_body(const TsPayload& p, base::Writer& out) {
  const std::size_t count = std::min<std::size_t>(p.selectors.size(), 255);
  out.u8(static_cast<std::uint8_t>(count));
  out.zeros(3);
  for (std::size_t i = 0; i < count; ++i) {
    const spd::TrafficSelector& ts = p.selectors[i];
    const bool v4 = ts.range.first.is_v4();
    out.u8(v4 ? kIpv4Range : kIpv6Range);
    out.u8(ts.protocol);
    out.u16(v4 ? 16 : 40);
    out.u16(ts.first_port);
    out.u16(ts.last_port);
    out.bytes(ts.range.first.bytes());
    out.bytes(ts.range.last.bytes());
  }
}

}  // namespace ikev2
