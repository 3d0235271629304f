// Certificate payload, RFC 7296 3.6:
//
//                      1                   2                   3
//  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// | Cert Encoding |                                               |
// +-+-+-+-+-+-+-+-+                                               |
// ~                       Certificate Data                        ~
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
#include "ikev2/payload/payload.h"

namespace ikev2 {

base::Result<CertPayload> parse_cert(base::Reader body) {
  ASSIGN_OR_RETURN(const std::uint8_t encoding, body.u8("certificate encoding"));
  return CertPayload{encoding, base::to_bytes(body.rest())};
}

void write_body(const CertPayload& p, base::Writer& out) {
  out.u8(p.encoding);
  out.bytes(p.data);
}

}  // namespace ikev2
