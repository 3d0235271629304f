// Vendor ID payload, RFC 7296 3.12. Any content is allowed, and none of it changes what we do:
//
//                      1                   2                   3
//  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// ~                        Vendor ID (VID)                        ~
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
#include "ikev2/payload/payload.h"

namespace ikev2 {

base::Result<VendorPayload> parse_vendor(base::Reader body) {
  return VendorPayload{base::to_bytes(body.rest())};
}

void write_body(const VendorPayload& p, base::Writer& out) { out.bytes(p.data); }

}  // namespace ikev2
