// Any sequence of fragments, as if their ICVs were good: what an authenticated peer can send. The input is
// cut into datagrams by lengths of two octets; of each the first octet is the next payload, the rest what
// stands behind SKF's generic header.
#include <cstdlib>

#include "ikev2/message/fragment.h"
#include "ikev2/message/rules.h"
#include "tests/fuzz/trusting_cipher.h"

namespace {

using namespace ikev2;

// Header and SKF stand as they should, so that the numbers and the text are what is tried.
base::Bytes framed(base::ByteSpan input) {
  base::Bytes datagram(kHeaderSize + 4);
  if (!input.empty()) base::append(datagram, input.subspan(1));
  datagram[16] = static_cast<std::uint8_t>(PayloadType::skf);
  datagram[17] = 0x20;
  datagram[18] = static_cast<std::uint8_t>(ExchangeType::ike_auth);
  base::store_be32(datagram.data() + 24, static_cast<std::uint32_t>(datagram.size()));
  datagram[28] = input.empty() ? 0 : input[0];
  base::store_be16(datagram.data() + 30, static_cast<std::uint16_t>(datagram.size() - kHeaderSize));
  return datagram;
}

void take(Reassembly& set, const base::Bytes& datagram, crypto::Cipher& cipher) {
  const auto header = parse_header(datagram);
  if (header.has_error()) return;
  const auto place = find_envelope(*header, datagram);
  if (place.has_error()) return;
  const auto numbers = fragment_numbers(datagram, *place);
  if (numbers.has_error() || set.preview(header->message_id, *numbers) != Reassembly::Outcome::fits) return;
  auto fragment = open_fragment(datagram, *place, cipher);
  if (fragment.has_error()) return;
  if (set.add(header->message_id, std::move(*fragment)) != Reassembly::Outcome::complete) return;
  Message message{*header, {}};
  auto payloads = set.take();
  if (!set.empty()) std::abort();
  if (payloads.has_error()) return;
  message.payloads = std::move(*payloads);
  (void)check_rules(message);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  fuzz::TrustingCipher cipher;
  Reassembly set;
  base::ByteSpan input(data, size);
  while (input.size() >= 2) {
    const std::size_t length = std::min<std::size_t>(base::load_be16(input.data()), input.size() - 2);
    take(set, framed(input.subspan(2, length)), cipher);
    input = input.subspan(2 + length);
  }
  return 0;
}
