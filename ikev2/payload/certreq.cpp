// Certificate Request payload, RFC 7296 3.7:
//
//                      1                   2                   3
//  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// | Cert Encoding |                                               |
// +-+-+-+-+-+-+-+-+                                               |
// ~                    Certification Authority                    ~
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
#include "ikev2/payload/payload.h"

namespace ikev2 {

base::Result<CertReqPayload> parse_certreq(base::Reader body) {
  ASSIGN_OR_RETURN(const std::uint8_t encoding, body.u8("certificate encoding"));
  return CertReqPayload{encoding, base::to_bytes(body.rest())};
}

void write_body(const CertReqPayload& p, base::Writer& out) {
  out.u8(p.encoding);
  out.bytes(p.authorities);
}

}  // namespace ikev2
