// Notify payload, RFC 7296 3.10:
//
//                      1                   2                   3
//  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// |  Protocol ID  |   SPI Size    |      Notify Message Type      |
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// ~                Security Parameter Index (SPI)                 ~
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// ~                       Notification Data                       ~
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
#include "ikev2/payload/payload.h"

namespace ikev2 {

base::Result<NotifyPayload> parse_notify(base::Reader body) {
  NotifyPayload p;
  ASSIGN_OR_RETURN(const std::uint8_t protocol, body.u8("protocol"));
  ASSIGN_OR_RETURN(const std::uint8_t spi_size, body.u8("SPI size"));
  ASSIGN_OR_RETURN(const std::uint16_t type, body.u16("notify type"));
  ASSIGN_OR_RETURN(const base::ByteSpan spi, body.take(spi_size, "SPI"));
  p.type = static_cast<NotifyType>(type);
  p.spi = base::to_bytes(spi);
  p.data = base::to_bytes(body.rest());
  // RFC 7296 3.10: if the SPI field is empty, the protocol MUST be ignored on receipt.
  if (!p.spi.empty()) p.protocol = static_cast<ProtocolId>(protocol);
  return p;
}

void write_body(const NotifyPayload& p, base::Writer& out) {
  // RFC 7296 3.10: without an SPI the protocol MUST be sent as zero.
  out.u8(p.spi.empty() ? 0 : static_cast<std::uint8_t>(p.protocol));
  out.u8(static_cast<std::uint8_t>(p.spi.size()));
  out.u16(static_cast<std::uint16_t>(p.type));
  out.bytes(p.spi);
  out.bytes(p.data);
}

}  // namespace ikev2
