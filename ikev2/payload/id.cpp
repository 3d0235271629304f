// Identification payload, RFC 7296 3.5:
//
//                      1                   2                   3
//  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// |   ID Type     |                 RESERVED                      |
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// ~                   Identification Data                         ~
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
#include "ikev2/payload/payload.h"

namespace ikev2 {
namespace {

// The length that the type demands (RFC 7296 3.5; RFC 7619 2.2 for ID_NULL, which has no data).
base::Status check_length(IdType type, std::size_t length) {
  if (known_name(type).empty()) {
    return base::malformed("identity type " + std::to_string(static_cast<unsigned>(type)) + " is unknown");
  }
  const bool fits = type == IdType::ipv4   ? length == 4
                    : type == IdType::ipv6 ? length == 16
                    : type == IdType::null ? length == 0
                                           : length > 0;
  if (fits) return {};
  return base::malformed("identity " + name(type) + " of " + std::to_string(length) + " octets");
}

}  // namespace

base::Result<IdPayload> parse_id(base::Reader body, PayloadType role) {
  IdPayload p;
  p.role = role;
  p.body = base::to_bytes(body.rest());
  ASSIGN_OR_RETURN(const std::uint8_t type, body.u8("identity type"));
  // RESERVED is ignored, and yet covered by AUTH as it travelled: it lives on in `body` (RFC 7296 2.15).
  RETURN_IF_ERROR(body.take(3, "reserved octets"));
  p.id.type = static_cast<IdType>(type);
  p.id.data = base::to_bytes(body.rest());
  RETURN_IF_ERROR(check_length(p.id.type, p.id.data.size()));
  return p;
}

void write_body(const IdPayload& p, base::Writer& out) { out.bytes(id_body(p.id)); }

base::Bytes id_body(const Identity& id) {
  base::Bytes body{static_cast<std::uint8_t>(id.type), 0, 0, 0};
  base::append(body, id.data);
  return body;
}

}  // namespace ikev2
