// The payload chain, RFC 7296 3.2. Before each body stands the generic payload header:
//
//                      1                   2                   3
//  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// | Next Payload  |C|  RESERVED   |         Payload Length        |
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
#include "ikev2/message/message.h"

#include "ikev2/message/generic_header.h"

namespace ikev2 {
namespace {

// One payload of the variant out of its parser's result; an error gets the payload's name in front.
template <class T>
base::Result<Payload> wrap(PayloadType type, base::Result<T> parsed) {
  if (parsed.has_value()) return Payload(std::move(*parsed));
  base::Error error = std::move(parsed).error();
  error.reason = name(type) + " payload: " + error.reason;
  return error;
}

base::Result<Payload> parse_body(PayloadType type, bool critical, base::ByteSpan bytes) {
  const base::Reader body(bytes);
  switch (type) {
    case PayloadType::sa:
      return wrap(type, parse_sa(body));
    case PayloadType::ke:
      return wrap(type, parse_ke(body));
    case PayloadType::idi:
    case PayloadType::idr:
      return wrap(type, parse_id(body, type));
    case PayloadType::cert:
      return wrap(type, parse_cert(body));
    case PayloadType::certreq:
      return wrap(type, parse_certreq(body));
    case PayloadType::auth:
      return wrap(type, parse_auth(body));
    case PayloadType::nonce:
      return wrap(type, parse_nonce(body));
    case PayloadType::notify:
      return wrap(type, parse_notify(body));
    case PayloadType::del:
      return wrap(type, parse_delete(body));
    case PayloadType::vendor:
      return wrap(type, parse_vendor(body));
    case PayloadType::tsi:
    case PayloadType::tsr:
      return wrap(type, parse_ts(body, type));
    case PayloadType::cp:
      return wrap(type, parse_cp(body));
    case PayloadType::eap:
      return wrap(type, parse_eap(body));
    // RFC 7296 3.14: SK is the last payload of a message, and nothing is encrypted twice.
    case PayloadType::sk:
    case PayloadType::skf:
      return base::malformed(name(type) + " payload where none may stand");
    case PayloadType::none:
      break;
  }
  return Payload(UnknownPayload{type, critical, base::to_bytes(bytes)});
}

base::Result<std::vector<Payload>> parse_payloads(PayloadType first, base::ByteSpan bytes) {
  std::vector<Payload> payloads;
  base::Reader in(bytes);
  for (PayloadType type = first; type != PayloadType::none;) {
    if (payloads.size() == kMaxPayloads) {
      return base::malformed("more than " + std::to_string(kMaxPayloads) + " payloads");
    }
    ASSIGN_OR_RETURN(const GenericPayload generic, take_payload(in, type));
    // RFC 7296 2.5: the critical bit MUST be ignored on payloads whose type is known.
    ASSIGN_OR_RETURN(Payload payload, parse_body(type, generic.critical, generic.body));
    payloads.push_back(std::move(payload));
    type = generic.next;
  }
  RETURN_IF_ERROR(in.expect_end("payload chain"));
  return payloads;
}

}  // namespace

base::Result<GenericPayload> take_payload(base::Reader& in, PayloadType type) {
  ASSIGN_OR_RETURN(const std::uint8_t next, in.u8("payload header"));
  ASSIGN_OR_RETURN(const std::uint8_t flags, in.u8("payload header"));
  ASSIGN_OR_RETURN(const std::uint16_t length, in.u16("payload header"));
  if (length < kGenericHeaderSize) {
    return base::malformed(name(type) + " payload: length " + std::to_string(length) + " is below 4");
  }
  ASSIGN_OR_RETURN(const base::ByteSpan body, in.take(length - kGenericHeaderSize, "payload"));
  return GenericPayload{static_cast<PayloadType>(next), (flags & 0x80) != 0, body};
}

const IdPayload* Message::find_id(PayloadType role) const {
  for (const auto& p : payloads) {
    const auto* id = std::get_if<IdPayload>(&p);
    if (id != nullptr && id->role == role) return id;
  }
  return nullptr;
}

const TsPayload* Message::find_ts(PayloadType role) const {
  for (const auto& p : payloads) {
    const auto* ts = std::get_if<TsPayload>(&p);
    if (ts != nullptr && ts->role == role) return ts;
  }
  return nullptr;
}

const NotifyPayload* Message::find_notify(NotifyType type) const {
  for (const auto& p : payloads) {
    const auto* notify = std::get_if<NotifyPayload>(&p);
    if (notify != nullptr && notify->type == type) return notify;
  }
  return nullptr;
}

std::vector<const NotifyPayload*> Message::notifies(NotifyType type) const {
  std::vector<const NotifyPayload*> found;
  for (const auto& p : payloads) {
    const auto* notify = std::get_if<NotifyPayload>(&p);
    if (notify != nullptr && notify->type == type) found.push_back(notify);
  }
  return found;
}

const NotifyPayload* Message::first_error() const {
  for (const auto& p : payloads) {
    const auto* notify = std::get_if<NotifyPayload>(&p);
    if (notify != nullptr && is_error(notify->type)) return notify;
  }
  return nullptr;
}

base::Result<std::vector<Payload>> parse_chain(PayloadType first, base::ByteSpan bytes) {
  auto payloads = parse_payloads(first, bytes);
  if (payloads.has_value()) return payloads;
  base::Error error = std::move(payloads).error();
  error.notify = static_cast<std::uint16_t>(NotifyType::invalid_syntax);
  return error;
}

PayloadType write_chain(const std::vector<Payload>& payloads, base::Writer& out) {
  for (std::size_t i = 0; i < payloads.size(); ++i) {
    const std::size_t start = out.position();
    const PayloadType next = i + 1 < payloads.size() ? type_of(payloads[i + 1]) : PayloadType::none;
    const auto* unknown = std::get_if<UnknownPayload>(&payloads[i]);
    out.u8(static_cast<std::uint8_t>(next));
    // RFC 7296 2.5: the critical bit MUST be zero in payloads of that document.
    out.u8(unknown != nullptr && unknown->critical ? 0x80 : 0);
    out.u16(0);
    std::visit([&out](const auto& p) { write_body(p, out); }, payloads[i]);
    out.patch_u16(start + 2, static_cast<std::uint16_t>(out.position() - start));
  }
  return payloads.empty() ? PayloadType::none : type_of(payloads.front());
}

base::Bytes write_clear(const Header& header, const std::vector<Payload>& payloads) {
  base::Bytes message;
  base::Writer out(message);
  write_header(header, out);
  out.patch_u8(kNextPayloadOffset, static_cast<std::uint8_t>(write_chain(payloads, out)));
  out.patch_u32(kLengthOffset, static_cast<std::uint32_t>(message.size()));
  return message;
}

}  // namespace ikev2
