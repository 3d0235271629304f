// What all payloads share: their type, and those whose type we do not know (RFC 7296 2.5).
#include "ikev2/payload/payload.h"

namespace ikev2 {
namespace {

struct TypeOf {
  PayloadType operator()(const SaPayload&) const { return PayloadType::sa; }
  PayloadType operator()(const KePayload&) const { return PayloadType::ke; }
  PayloadType operator()(const IdPayload& p) const { return p.role; }
  PayloadType operator()(const CertPayload&) const { return PayloadType::cert; }
  PayloadType operator()(const CertReqPayload&) const { return PayloadType::certreq; }
  PayloadType operator()(const AuthPayload&) const { return PayloadType::auth; }
  PayloadType operator()(const NoncePayload&) const { return PayloadType::nonce; }
  PayloadType operator()(const NotifyPayload&) const { return PayloadType::notify; }
  PayloadType operator()(const DeletePayload&) const { return PayloadType::del; }
  PayloadType operator()(const VendorPayload&) const { return PayloadType::vendor; }
  PayloadType operator()(const TsPayload& p) const { return p.role; }
  PayloadType operator()(const CpPayload&) const { return PayloadType::cp; }
  PayloadType operator()(const EapPayload&) const { return PayloadType::eap; }
  PayloadType operator()(const UnknownPayload& p) const { return p.type; }
};

}  // namespace

PayloadType type_of(const Payload& payload) { return std::visit(TypeOf{}, payload); }

void write_body(const UnknownPayload& p, base::Writer& out) { out.bytes(p.body); }

}  // namespace ikev2
