// Any protected message, as if its ICV were good: what an authenticated peer can send.
#include "ikev2/message/protect.h"
#include "ikev2/message/rules.h"
#include "tests/fuzz/trusting_cipher.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  base::Bytes datagram(data, data + size);
  // The lengths of the header and of an SK payload right behind it follow the size of the input.
  if (size >= ikev2::kHeaderSize) base::store_be32(datagram.data() + 24, static_cast<std::uint32_t>(size));
  if (size >= 32 && datagram[16] == 46)
    base::store_be16(datagram.data() + 30, static_cast<std::uint16_t>(size - 28));
  const auto header = ikev2::parse_header(datagram);
  if (header.has_error()) return 0;
  fuzz::TrustingCipher cipher;
  const auto message = ikev2::open(*header, datagram, cipher);
  if (message.has_value()) (void)ikev2::check_rules(*message);
  return 0;
}
