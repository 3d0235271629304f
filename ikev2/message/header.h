// The 28-octet IKE header, RFC 7296 3.1.
#pragma once

#include "base/reader.h"
#include "base/strong.h"
#include "base/writer.h"
#include "ikev2/types.h"

namespace ikev2 {

constexpr std::size_t kHeaderSize = 28;

struct Header {
  base::IkeSpi spi_i, spi_r;
  PayloadType next_payload = PayloadType::none;
  std::uint8_t major = 2, minor = 0;
  ExchangeType exchange{};
  bool initiator = false;  // I flag: the sender began the IKE SA
  bool response = false;   // R flag
  base::MessageId message_id;
  std::uint32_t length = 0;  // of the whole message
};

// Fails as malformed on fewer than 28 octets, more than kMaxMessage, or when length is not that of the
// datagram: to be dropped without an answer. Any version is returned: the engine answers
// INVALID_MAJOR_VERSION.
base::Result<Header> parse_header(base::ByteSpan datagram);
void write_header(const Header& header, base::Writer& out);

}  // namespace ikev2
