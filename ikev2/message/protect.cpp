// The Encrypted payload, RFC 7296 3.14: a payload chain in an envelope.
#include "ikev2/message/protect.h"

#include "ikev2/message/envelope.h"

namespace ikev2 {

base::Result<base::Bytes> seal(const Header& header, const std::vector<Payload>& payloads,
                               crypto::Cipher& cipher, std::uint64_t& iv_counter, base::Rng& rng) {
  base::Bytes text;
  base::Writer inner(text);
  const PayloadType first = write_chain(payloads, inner);
  return seal_text(header, {PayloadType::sk, first, {}}, text, cipher, iv_counter, rng);
}

base::Result<Message> open(const Header& header, base::ByteSpan datagram, crypto::Cipher& cipher) {
  ASSIGN_OR_RETURN(const EnvelopePlace place, find_envelope(header, datagram));
  if (place.type != PayloadType::sk) return base::malformed("a fragment where a whole message is due");
  ASSIGN_OR_RETURN(const base::Bytes text, open_text(datagram, place, 0, cipher));
  Message message{header, {}};
  ASSIGN_OR_RETURN(message.payloads, parse_chain(place.first, text));
  return message;
}

}  // namespace ikev2
