// The part that SK and SKF have in common; the fragment numbers stand in SKF alone (RFC 7383 2.5):
//
//                      1                   2                   3
//  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// | Next Payload  |C|  RESERVED   |         Payload Length        |
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// |        Fragment Number        |        Total Fragments        |
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// |                     Initialization Vector                     |
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// ~                    Encrypted IKE Payloads                     ~
// +               +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// |               |             Padding (0-255 octets)            |
// +-+-+-+-+-+-+-+-+                               +-+-+-+-+-+-+-+-+
// |                                               |  Pad Length   |
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// ~                    Integrity Checksum Data                    ~
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
#include "ikev2/message/envelope.h"

#include "ikev2/message/generic_header.h"
#include "ikev2/message/message.h"

namespace ikev2 {
namespace {

// What the length of the text must be a multiple of: the block in CBC (RFC 7296 3.14); AEADs and counter
// modes take any length (RFC 5282 3).
std::size_t granule(const crypto::Cipher& cipher) {
  return cipher.iv_is_random() && cipher.block_size() > 1 ? cipher.block_size() : 1;
}

// Octets around the encrypted part.
std::size_t around(std::size_t preamble, const crypto::Cipher& cipher) {
  return kHeaderSize + kGenericHeaderSize + preamble + cipher.iv_size() + cipher.icv_size();
}

std::size_t padding_of(std::size_t text, const crypto::Cipher& cipher) {
  const std::size_t unit = granule(cipher);
  return (unit - (text + 1) % unit) % unit;
}

// RFC 3602 2: the IV of CBC must be unpredictable. RFC 5282 3.1 and 7634 2: elsewhere it must not repeat.
base::Status write_iv(const crypto::Cipher& cipher, std::uint64_t& counter, base::Rng& rng,
                      base::Writer& out) {
  const std::size_t size = cipher.iv_size();
  if (size == 0) return {};
  if (cipher.iv_is_random() || size < 8) {
    out.bytes(rng.bytes(size));
    return {};
  }
  if (counter == ~std::uint64_t{0})
    return base::local_error("the initialization vectors of this key are used up");
  out.zeros(size - 8);
  out.u64(counter++);
  return {};
}

// Header, generic header and preamble, with the lengths of the complete message.
void write_front(const Header& header, const Envelope& envelope, std::size_t message, base::Writer& out) {
  Header complete = header;
  complete.next_payload = envelope.type;
  complete.length = static_cast<std::uint32_t>(message);
  write_header(complete, out);
  out.u8(static_cast<std::uint8_t>(envelope.first));
  out.u8(0);
  out.u16(static_cast<std::uint16_t>(message - kHeaderSize));
  out.bytes(envelope.preamble);
}

// Checks the ICV and decrypts; the result ends with padding and pad length.
base::Result<base::Bytes> decrypt(base::ByteSpan datagram, std::size_t iv_at, PayloadType type,
                                  crypto::Cipher& cipher) {
  const std::size_t have = datagram.size() - iv_at, iv = cipher.iv_size(), icv = cipher.icv_size();
  if (have < iv + icv + 1) {
    return base::malformed(name(type) + " payload of " + std::to_string(have) + " octets, needs " +
                           std::to_string(iv + icv + 1));
  }
  const std::size_t length = have - iv - icv;
  if (length % granule(cipher) != 0) {
    return base::malformed("encrypted part of " + std::to_string(length) + " octets is no multiple of " +
                           std::to_string(granule(cipher)));
  }
  base::Bytes text = base::to_bytes(datagram.subspan(iv_at + iv, length));
  base::Bytes tag = base::to_bytes(datagram.last(icv));
  crypto::CipherItem item;
  item.source = item.destination = text.data();
  item.length = static_cast<std::uint32_t>(length);
  item.aad = datagram.first(iv_at);
  item.iv = datagram.subspan(iv_at, iv);
  item.tag = tag.data();
  cipher.open({&item, 1});
  if (!item.ok) return base::crypto_error("the integrity check of a protected message failed");
  return text;
}

}  // namespace

std::size_t sealed_size(std::size_t text, std::size_t preamble, const crypto::Cipher& cipher) {
  return around(preamble, cipher) + text + padding_of(text, cipher) + 1;
}

std::size_t text_room(std::size_t limit, std::size_t preamble, const crypto::Cipher& cipher) {
  const std::size_t fixed = around(preamble, cipher);
  const std::size_t encrypted = limit > fixed ? (limit - fixed) / granule(cipher) * granule(cipher) : 0;
  return encrypted > 1 ? encrypted - 1 : 0;
}

base::Result<base::Bytes> seal_text(const Header& header, const Envelope& envelope, base::ByteSpan text,
                                    crypto::Cipher& cipher, std::uint64_t& iv_counter, base::Rng& rng) {
  const std::size_t size = sealed_size(text.size(), envelope.preamble.size(), cipher);
  if (size > 0xffff) return base::local_error("the message would exceed 65535 octets");
  base::Bytes message;
  base::Writer out(message);
  write_front(header, envelope, size, out);
  const std::size_t iv_at = out.position();
  RETURN_IF_ERROR(write_iv(cipher, iv_counter, rng, out));
  const std::size_t text_at = out.position(), pad = padding_of(text.size(), cipher);
  out.bytes(text);
  out.zeros(pad);
  out.u8(static_cast<std::uint8_t>(pad));
  const std::size_t tag_at = out.position();
  out.zeros(cipher.icv_size());

  // RFC 7296 3.14, RFC 5282 5.1 and RFC 7383 2.5: what is authenticated begins with the header and goes on,
  // in clear, up to the IV; fragment number and total are part of it.
  crypto::CipherItem item;
  item.source = item.destination = message.data() + text_at;
  item.length = static_cast<std::uint32_t>(tag_at - text_at);
  item.aad = base::ByteSpan(message).first(iv_at);
  item.iv = base::ByteSpan(message).subspan(iv_at, cipher.iv_size());
  item.tag = message.data() + tag_at;
  cipher.seal({&item, 1});
  if (!item.ok) return base::local_error("encryption of a message failed");
  return message;
}

base::Result<EnvelopePlace> find_envelope(const Header& header, base::ByteSpan datagram) {
  base::Reader in(datagram);
  RETURN_IF_ERROR(in.take(kHeaderSize, "header"));
  PayloadType type = header.next_payload;
  for (std::size_t count = 0; count <= kMaxPayloads; ++count) {
    if (type == PayloadType::none) return base::malformed("a message in clear where a protected one is due");
    ASSIGN_OR_RETURN(const GenericPayload payload, take_payload(in, type));
    if (type == PayloadType::sk || type == PayloadType::skf) {
      // RFC 7296 3.14 and RFC 7383 2.5: it MUST be the last payload of the message.
      RETURN_IF_ERROR(in.expect_end(type == PayloadType::sk ? "message behind SK" : "message behind SKF"));
      return EnvelopePlace{type, payload.next, datagram.size() - payload.body.size()};
    }
    type = payload.next;
  }
  return base::malformed("more than " + std::to_string(kMaxPayloads) + " payloads before SK");
}

base::Result<base::Bytes> open_text(base::ByteSpan datagram, const EnvelopePlace& place, std::size_t preamble,
                                    crypto::Cipher& cipher) {
  if (datagram.size() - place.body < preamble)
    return base::malformed(name(place.type) + " payload without its fragment numbers");
  ASSIGN_OR_RETURN(base::Bytes text, decrypt(datagram, place.body + preamble, place.type, cipher));
  const std::size_t trailer = text.back() + std::size_t{1};  // padding of any content, and its length
  if (trailer > text.size()) {
    base::Error error =
        base::malformed("pad length " + std::to_string(text.back()) + " in an encrypted part of " +
                        std::to_string(text.size()) + " octets");
    error.notify = static_cast<std::uint16_t>(NotifyType::invalid_syntax);
    return error;
  }
  text.resize(text.size() - trailer);
  return text;
}

}  // namespace ikev2
