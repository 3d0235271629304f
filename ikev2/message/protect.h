// The Encrypted payload, RFC 7296 3.14 and RFC 5282.
#pragma once

#include "base/rng.h"
#include "crypto/cipher.h"
#include "ikev2/message/message.h"

namespace ikev2 {

// Builds header | SK{payloads}. header.length and next_payload are filled in. A counter IV comes from
// `iv_counter`, which is increased; a random one from rng.
base::Result<base::Bytes> seal(const Header& header, const std::vector<Payload>& payloads,
                               crypto::Cipher& cipher, std::uint64_t& iv_counter, base::Rng& rng);

// Checks and opens a protected message. Families: malformed (framing; drop), crypto (the ICV is wrong; drop),
// and malformed with a notify (the ICV is good but the content is not: answer INVALID_SYNTAX inside SK).
// Payloads before SK are ignored; without SK, or with anything behind it, the message is malformed.
base::Result<Message> open(const Header& header, base::ByteSpan datagram, crypto::Cipher& cipher);

}  // namespace ikev2
