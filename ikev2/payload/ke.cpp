// Key Exchange payload, RFC 7296 3.4:
//
//                      1                   2                   3
//  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// |   Diffie-Hellman Group Num    |           RESERVED            |
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// ~                       Key Exchange Data                       ~
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
#include "ikev2/payload/payload.h"

namespace ikev2 {

base::Result<KePayload> parse_ke(base::Reader body) {
  ASSIGN_OR_RETURN(const std::uint16_t group, body.u16("key exchange method"));
  ASSIGN_OR_RETURN(const std::uint16_t reserved, body.u16("reserved octets"));
  (void)reserved;  // ignored on receipt, RFC 7296 3.4
  KePayload p{static_cast<crypto::Ke>(group), base::to_bytes(body.rest())};
  if (p.data.empty()) return base::malformed("no key exchange data");
  // RFC 7296 3.4: the length of a public value MUST be that of the prime modulus, with zeros in front where
  // needed; RFC 5903 7 and RFC 8031 3.1 fix it for curves. Checked here, before any arithmetic is done. KEMs,
  // whose two messages differ in size, have none in the table.
  const crypto::KeInfo* info = crypto::find(p.method);
  if (info != nullptr && info->public_size != 0 && p.data.size() != info->public_size) {
    return base::malformed("public value of " + std::string(info->name) + " has " +
                           std::to_string(p.data.size()) + " octets, not " +
                           std::to_string(info->public_size));
  }
  return p;
}

void write_body(const KePayload& p, base::Writer& out) {
  out.u16(static_cast<std::uint16_t>(p.method));
  out.u16(0);
  out.bytes(p.data);
}

}  // namespace ikev2
