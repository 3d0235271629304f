// The payloads of IKEv2 as parsed values (RFC 7296 3.2 to 3.16). A value of these types is well-formed.
// parse_X and write_X of each stand in payload/<x>.cpp; they handle the body behind the generic header.
#pragma once

#include <array>
#include <variant>
#include <vector>

#include "base/reader.h"
#include "base/writer.h"
#include "crypto/algorithms.h"
#include "ikev2/identity.h"
#include "ikev2/negotiate/proposal.h"
#include "ikev2/types.h"
#include "spd/selector.h"

namespace ikev2 {

struct SaPayload {  // 3.3
  Proposals proposals;
};
struct KePayload {  // 3.4
  crypto::Ke method = crypto::Ke::none;
  base::Bytes data;
};
struct IdPayload {                      // 3.5
  PayloadType role = PayloadType::idi;  // idi or idr
  Identity id;
  // The body as it travelled, reserved octets included: AUTH covers it (RestOfIDPayload, 2.15). Filled by
  // parse; write uses id.
  base::Bytes body;
};
struct CertPayload {  // 3.6
  std::uint8_t encoding = 0;
  base::Bytes data;
};
struct CertReqPayload {  // 3.7
  std::uint8_t encoding = 0;
  base::Bytes authorities;
};
struct AuthPayload {  // 3.8
  AuthMethod method = AuthMethod::shared_key_mic;
  base::Bytes data;
};
struct NoncePayload {  // 3.9: 16 to 256 octets
  base::Bytes nonce;
};
struct NotifyPayload {  // 3.10
  NotifyType type = NotifyType::invalid_syntax;
  ProtocolId protocol = ProtocolId::none;
  base::Bytes spi;
  base::Bytes data;
};
struct DeletePayload {  // 3.11: spis empty for IKE
  ProtocolId protocol = ProtocolId::ike;
  std::vector<std::uint32_t> spis;
};
struct VendorPayload {  // 3.12
  base::Bytes data;
};
struct TsPayload {                      // 3.13
  PayloadType role = PayloadType::tsi;  // tsi or tsr
  spd::TrafficSelectors selectors;      // of types that we know
  std::size_t unknown = 0;              // how many of other types were skipped
};
struct CpPayload {  // 3.15, kept whole
  base::Bytes body;
};
struct EapPayload {  // 3.16, kept whole
  base::Bytes message;
};
struct UnknownPayload {  // 2.5
  PayloadType type{};
  bool critical = false;
  base::Bytes body;
};

using Payload = std::variant<SaPayload, KePayload, IdPayload, CertPayload, CertReqPayload, AuthPayload,
                             NoncePayload, NotifyPayload, DeletePayload, VendorPayload, TsPayload, CpPayload,
                             EapPayload, UnknownPayload>;

PayloadType type_of(const Payload& payload);

base::Result<SaPayload> parse_sa(base::Reader body);
base::Result<KePayload> parse_ke(base::Reader body);
base::Result<IdPayload> parse_id(base::Reader body, PayloadType role);
base::Result<CertPayload> parse_cert(base::Reader body);
base::Result<CertReqPayload> parse_certreq(base::Reader body);
base::Result<AuthPayload> parse_auth(base::Reader body);
base::Result<NoncePayload> parse_nonce(base::Reader body);
base::Result<NotifyPayload> parse_notify(base::Reader body);
base::Result<DeletePayload> parse_delete(base::Reader body);
base::Result<VendorPayload> parse_vendor(base::Reader body);
base::Result<TsPayload> parse_ts(base::Reader body, PayloadType role);
base::Result<CpPayload> parse_cp(base::Reader body);
base::Result<EapPayload> parse_eap(base::Reader body);

void write_body(const SaPayload& p, base::Writer& out);
void write_body(const KePayload& p, base::Writer& out);
void write_body(const IdPayload& p, base::Writer& out);
void write_body(const CertPayload& p, base::Writer& out);
void write_body(const CertReqPayload& p, base::Writer& out);
void write_body(const AuthPayload& p, base::Writer& out);
void write_body(const NoncePayload& p, base::Writer& out);
void write_body(const NotifyPayload& p, base::Writer& out);
void write_body(const DeletePayload& p, base::Writer& out);
void write_body(const VendorPayload& p, base::Writer& out);
void write_body(const TsPayload& p, base::Writer& out);
void write_body(const CpPayload& p, base::Writer& out);
void write_body(const EapPayload& p, base::Writer& out);
void write_body(const UnknownPayload& p, base::Writer& out);

// The ID payload body (RestOfIDPayload): ID type, three zero octets, data. RFC 7296 2.15.
base::Bytes id_body(const Identity& id);

}  // namespace ikev2
