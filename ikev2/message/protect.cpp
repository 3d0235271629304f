// The Encrypted payload, RFC 7296 3.14:
//
//                      1                   2                   3
//  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// | Next Payload  |C|  RESERVED   |         Payload Length        |
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
#include "ikev2/message/protect.h"

#include "ikev2/message/generic_header.h"

namespace ikev2 {
namespace {

// What the length of the text must be a multiple of: the block in CBC (RFC 7296 3.14); AEADs and counter
// modes take any length (RFC 5282 3).
std::size_t granule(const crypto::Cipher& cipher) {
  return cipher.iv_is_random() && cipher.block_size() > 1 ? cipher.block_size() : 1;
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

// Where the SK payload stands in a message.
struct SkPayload {
  PayloadType first = PayloadType::none;  // of the payloads inside
  std::size_t body = 0;                   // offset of the IV
};

// RFC 7296 3.14: SK is the last payload. Others may stand before it, in clear: nobody vouches for their
// meaning, so that they are passed over.
base::Result<SkPayload> find_sk(const Header& header, base::ByteSpan datagram) {
  base::Reader in(datagram);
  RETURN_IF_ERROR(in.take(kHeaderSize, "header"));
  PayloadType type = header.next_payload;
  for (std::size_t count = 0; count <= kMaxPayloads; ++count) {
    if (type == PayloadType::none) return base::malformed("a message in clear where a protected one is due");
    if (type == PayloadType::skf) return base::malformed("a fragment, and fragmentation was not negotiated");
    ASSIGN_OR_RETURN(const GenericPayload payload, take_payload(in, type));
    if (type == PayloadType::sk) {
      RETURN_IF_ERROR(in.expect_end("message behind SK"));
      return SkPayload{payload.next, datagram.size() - payload.body.size()};
    }
    type = payload.next;
  }
  return base::malformed("more than " + std::to_string(kMaxPayloads) + " payloads before SK");
}

base::Error invalid_syntax(std::string reason) {
  base::Error error = base::malformed(std::move(reason));
  error.notify = static_cast<std::uint16_t>(NotifyType::invalid_syntax);
  return error;
}

// Checks the ICV and decrypts; the result ends with padding and pad length.
base::Result<base::Bytes> decrypt(base::ByteSpan datagram, std::size_t body, crypto::Cipher& cipher) {
  const std::size_t have = datagram.size() - body, iv = cipher.iv_size(), icv = cipher.icv_size();
  if (have < iv + icv + 1) {
    return base::malformed("SK payload of " + std::to_string(have) + " octets, needs " +
                           std::to_string(iv + icv + 1));
  }
  const std::size_t length = have - iv - icv;
  if (length % granule(cipher) != 0) {
    return base::malformed("encrypted part of " + std::to_string(length) + " octets is no multiple of " +
                           std::to_string(granule(cipher)));
  }
  base::Bytes text = base::to_bytes(datagram.subspan(body + iv, length));
  base::Bytes tag = base::to_bytes(datagram.last(icv));
  crypto::CipherItem item;
  item.source = item.destination = text.data();
  item.length = static_cast<std::uint32_t>(length);
  item.aad = datagram.first(body);
  item.iv = datagram.subspan(body, iv);
  item.tag = tag.data();
  cipher.open({&item, 1});
  if (!item.ok) return base::crypto_error("the integrity check of a protected message failed");
  return text;
}

}  // namespace

base::Result<base::Bytes> seal(const Header& header, const std::vector<Payload>& payloads,
                               crypto::Cipher& cipher, std::uint64_t& iv_counter, base::Rng& rng) {
  base::Bytes text;
  base::Writer inner(text);
  const PayloadType first = write_chain(payloads, inner);
  const std::size_t unit = granule(cipher), pad = (unit - (text.size() + 1) % unit) % unit;
  inner.zeros(pad);
  inner.u8(static_cast<std::uint8_t>(pad));
  const std::size_t sk = kGenericHeaderSize + cipher.iv_size() + text.size() + cipher.icv_size();
  if (kHeaderSize + sk > 0xffff) return base::local_error("the message would exceed 65535 octets");

  base::Bytes message;
  base::Writer out(message);
  Header complete = header;
  complete.next_payload = PayloadType::sk;
  complete.length = static_cast<std::uint32_t>(kHeaderSize + sk);
  write_header(complete, out);
  out.u8(static_cast<std::uint8_t>(first));
  out.u8(0);
  out.u16(static_cast<std::uint16_t>(sk));
  const std::size_t iv_at = out.position();
  RETURN_IF_ERROR(write_iv(cipher, iv_counter, rng, out));
  const std::size_t text_at = out.position();
  out.bytes(text);
  out.zeros(cipher.icv_size());

  // RFC 7296 3.14 and RFC 5282 5.1: what is authenticated begins with the header and goes on, in clear, up to
  // the generic header of SK.
  crypto::CipherItem item;
  item.source = item.destination = message.data() + text_at;
  item.length = static_cast<std::uint32_t>(text.size());
  item.aad = base::ByteSpan(message).first(iv_at);
  item.iv = base::ByteSpan(message).subspan(iv_at, cipher.iv_size());
  item.tag = message.data() + text_at + text.size();
  cipher.seal({&item, 1});
  if (!item.ok) return base::local_error("encryption of a message failed");
  return message;
}

base::Result<Message> open(const Header& header, base::ByteSpan datagram, crypto::Cipher& cipher) {
  ASSIGN_OR_RETURN(const SkPayload sk, find_sk(header, datagram));
  ASSIGN_OR_RETURN(const base::Bytes text, decrypt(datagram, sk.body, cipher));
  const std::size_t trailer = text.back() + std::size_t{1};  // padding of any content, and its length
  if (trailer > text.size()) {
    return invalid_syntax("pad length " + std::to_string(text.back()) + " in an encrypted part of " +
                          std::to_string(text.size()) + " octets");
  }
  Message message{header, {}};
  ASSIGN_OR_RETURN(message.payloads,
                   parse_chain(sk.first, base::ByteSpan(text).first(text.size() - trailer)));
  return message;
}

}  // namespace ikev2
