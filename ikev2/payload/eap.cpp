// Extensible Authentication Protocol payload, RFC 7296 3.16. The message is that of RFC 3748 4:
//
//                      1                   2                   3
//  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// |     Code      | Identifier    |           Length              |
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// |     Type      | Type_Data...
// +-+-+-+-+-+-+-+-+-
#include "ikev2/payload/payload.h"

namespace ikev2 {

base::Result<EapPayload> parse_eap(base::Reader body) {
  const base::ByteSpan message = body.rest();
  RETURN_IF_ERROR(body.take(2, "EAP code and identifier"));
  ASSIGN_OR_RETURN(const std::uint16_t length, body.u16("EAP length"));
  // RFC 7296 3.16: Length MUST be four less than the Payload Length.
  if (length != message.size()) {
    return base::malformed("EAP length " + std::to_string(length) + " in a payload of " +
                           std::to_string(message.size()) + " octets");
  }
  return EapPayload{base::to_bytes(message)};
}

void write_body(const EapPayload& p, base::Writer& out) { out.bytes(p.message); }

}  // namespace ikev2
