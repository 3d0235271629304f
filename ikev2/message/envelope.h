// What the Encrypted payload (RFC 7296 3.14) and the Encrypted Fragment payload (RFC 7383 2.5) share: a text
// behind an IV, padded, and covered by an ICV together with everything in front of it.
#pragma once

#include "base/rng.h"
#include "crypto/cipher.h"
#include "ikev2/message/header.h"

namespace ikev2 {

struct Envelope {
  PayloadType type = PayloadType::sk;     // sk or skf
  PayloadType first = PayloadType::none;  // of the payloads inside
  base::Bytes preamble;                   // between the generic header and the IV: fragment number and total
};

// Octets of the whole message whose envelope holds a text of that size.
std::size_t sealed_size(std::size_t text, std::size_t preamble, const crypto::Cipher& cipher);
// The longest text for which the message has at most `limit` octets; 0 where not even one octet fits.
std::size_t text_room(std::size_t limit, std::size_t preamble, const crypto::Cipher& cipher);

// Builds header | envelope{text}. header.length and next_payload are filled in. A counter IV comes from
// `iv_counter`, which is increased; a random one from rng.
base::Result<base::Bytes> seal_text(const Header& header, const Envelope& envelope, base::ByteSpan text,
                                    crypto::Cipher& cipher, std::uint64_t& iv_counter, base::Rng& rng);

// Where the envelope stands in a message.
struct EnvelopePlace {
  PayloadType type = PayloadType::sk;     // sk or skf
  PayloadType first = PayloadType::none;  // of the payloads inside
  std::size_t body = 0;                   // offset behind the generic header
};

// Payloads before the envelope are passed over: nobody vouches for their meaning. Without one, or with
// anything behind it, the message is malformed.
base::Result<EnvelopePlace> find_envelope(const Header& header, base::ByteSpan datagram);

// Checks the ICV and decrypts what stands behind `preamble` octets of the body; the padding is off.
// Families: malformed (framing), crypto (the ICV is wrong), and malformed with INVALID_SYNTAX (the ICV is
// good, the pad length is not).
base::Result<base::Bytes> open_text(base::ByteSpan datagram, const EnvelopePlace& place, std::size_t preamble,
                                    crypto::Cipher& cipher);

}  // namespace ikev2
