// Configuration payload, RFC 7296 3.15, and its attributes, 3.15.1:
//
//                      1                   2                   3
//  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// |   CFG Type    |                    RESERVED                   |
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
//
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// |R|         Attribute Type      |            Length             |
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// ~                             Value                             ~
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
#include "ikev2/payload/payload.h"

namespace ikev2 {

base::Result<CpPayload> parse_cp(base::Reader body) {
  CpPayload p{base::to_bytes(body.rest())};
  RETURN_IF_ERROR(body.take(4, "configuration type"));
  while (!body.empty()) {
    RETURN_IF_ERROR(body.u16("attribute type"));
    ASSIGN_OR_RETURN(const std::uint16_t length, body.u16("attribute length"));
    RETURN_IF_ERROR(body.take(length, "attribute value"));
  }
  return p;
}

void write_body(const CpPayload& p, base::Writer& out) { out.bytes(p.body); }

}  // namespace ikev2
