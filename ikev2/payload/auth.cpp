// Authentication payload, RFC 7296 3.8:
//
//                      1                   2                   3
//  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// | Auth Method   |                RESERVED                       |
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// ~                      Authentication Data                      ~
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
#include "ikev2/payload/payload.h"

namespace ikev2 {

base::Result<AuthPayload> parse_auth(base::Reader body) {
  ASSIGN_OR_RETURN(const std::uint8_t method, body.u8("authentication method"));
  RETURN_IF_ERROR(body.take(3, "reserved octets"));  // ignored on receipt, RFC 7296 3.8
  return AuthPayload{static_cast<AuthMethod>(method), base::to_bytes(body.rest())};
}

void write_body(const AuthPayload& p, base::Writer& out) {
  out.u8(static_cast<std::uint8_t>(p.method));
  out.zeros(3);
  out.bytes(p.data);
}

}  // namespace ikev2
