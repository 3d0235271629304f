// Delete payload, RFC 7296 3.11:
//
//                      1                   2                   3
//  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// | Protocol ID   |   SPI Size    |          Num of SPIs          |
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// ~               Security Parameter Index(es) (SPI)              ~
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
#include "ikev2/payload/payload.h"

namespace ikev2 {

base::Result<DeletePayload> parse_delete(base::Reader body) {
  DeletePayload p;
  ASSIGN_OR_RETURN(const std::uint8_t protocol, body.u8("protocol"));
  ASSIGN_OR_RETURN(const std::uint8_t spi_size, body.u8("SPI size"));
  ASSIGN_OR_RETURN(const std::uint16_t count, body.u16("number of SPIs"));
  p.protocol = static_cast<ProtocolId>(protocol);
  const bool ike = p.protocol == ProtocolId::ike;
  if (!ike && p.protocol != ProtocolId::ah && p.protocol != ProtocolId::esp) {
    return base::malformed("protocol " + std::to_string(protocol) + " cannot be deleted");
  }
  // RFC 7296 3.11: the SPI size MUST be 0 for IKE (the SPI is in the message header) and 4 for AH and ESP.
  if (spi_size != (ike ? 0 : 4)) {
    return base::malformed("SPI size " + std::to_string(spi_size) + " with protocol " + name(p.protocol));
  }
  for (unsigned i = 0; i < count && !ike; ++i) {
    ASSIGN_OR_RETURN(const std::uint32_t spi, body.u32("SPI"));
    p.spis.push_back(spi);
  }
  RETURN_IF_ERROR(body.expect_end("SPIs"));
  return p;
}

void write_body(const DeletePayload& p, base::Writer& out) {
  const bool ike = p.protocol == ProtocolId::ike;
  out.u8(static_cast<std::uint8_t>(p.protocol));
  out.u8(ike ? 0 : 4);
  out.u16(ike ? 0 : static_cast<std::uint16_t>(p.spis.size()));
  if (ike) return;
  for (const std::uint32_t spi : p.spis) out.u32(spi);
}

}  // namespace ikev2
