// Nonce payload, RFC 7296 3.9:
//
//                      1                   2                   3
//  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// ~                            Nonce Data                         ~
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
#include "ikev2/payload/payload.h"

namespace ikev2 {

base::Result<NoncePayload> parse_nonce(base::Reader body) {
  // RFC 7296 3.9: the size of the Nonce Data MUST be between 16 and 256 octets, inclusive.
  if (body.remaining() < 16 || body.remaining() > 256) {
    return base::malformed("nonce of " + std::to_string(body.remaining()) + " octets, 16 to 256 are allowed");
  }
  return NoncePayload{base::to_bytes(body.rest())};
}

void write_body(const NoncePayload& p, base::Writer& out) { out.bytes(p.nonce); }

}  // namespace ikev2
