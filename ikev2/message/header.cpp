// The IKE header, RFC 7296 3.1:
//
//                      1                   2                   3
//  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// |                       IKE SA Initiator's SPI                  |
// |                                                               |
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// |                       IKE SA Responder's SPI                  |
// |                                                               |
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// |  Next Payload | MjVer | MnVer | Exchange Type |     Flags     |
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// |                          Message ID                           |
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// |                            Length                             |
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
#include "ikev2/message/header.h"

#include "ikev2/message/message.h"

namespace ikev2 {
namespace {

// X(reserved) R(esponse) V(ersion) I(nitiator) X X X. V and the reserved bits are ignored on receipt and
// sent as zero, RFC 7296 3.1.
constexpr std::uint8_t kInitiator = 0x08, kResponse = 0x20;

}  // namespace

base::Result<Header> parse_header(base::ByteSpan datagram) {
  if (datagram.size() > kMaxMessage) {
    return base::malformed("message of " + std::to_string(datagram.size()) + " octets, " +
                           std::to_string(kMaxMessage) + " are allowed");
  }
  base::Reader in(datagram);
  Header h;
  ASSIGN_OR_RETURN(const std::uint64_t spi_i, in.u64("initiator's SPI"));
  ASSIGN_OR_RETURN(const std::uint64_t spi_r, in.u64("responder's SPI"));
  ASSIGN_OR_RETURN(const std::uint8_t next, in.u8("next payload"));
  ASSIGN_OR_RETURN(const std::uint8_t version, in.u8("version"));
  ASSIGN_OR_RETURN(const std::uint8_t exchange, in.u8("exchange type"));
  ASSIGN_OR_RETURN(const std::uint8_t flags, in.u8("flags"));
  ASSIGN_OR_RETURN(const std::uint32_t message_id, in.u32("message ID"));
  ASSIGN_OR_RETURN(h.length, in.u32("length"));
  if (h.length != datagram.size()) {
    return base::malformed("header says " + std::to_string(h.length) + " octets, datagram has " +
                           std::to_string(datagram.size()));
  }
  h.spi_i = base::IkeSpi(spi_i);
  h.spi_r = base::IkeSpi(spi_r);
  h.next_payload = static_cast<PayloadType>(next);
  h.major = static_cast<std::uint8_t>(version >> 4);
  h.minor = version & 15;
  h.exchange = static_cast<ExchangeType>(exchange);
  h.initiator = (flags & kInitiator) != 0;
  h.response = (flags & kResponse) != 0;
  h.message_id = base::MessageId(message_id);
  return h;
}

void write_header(const Header& header, base::Writer& out) {
  out.u64(header.spi_i.value);
  out.u64(header.spi_r.value);
  out.u8(static_cast<std::uint8_t>(header.next_payload));
  out.u8(static_cast<std::uint8_t>(header.major << 4 | header.minor));
  out.u8(static_cast<std::uint8_t>(header.exchange));
  out.u8(static_cast<std::uint8_t>((header.initiator ? kInitiator : 0) | (header.response ? kResponse : 0)));
  out.u32(header.message_id.value);
  out.u32(header.length);
}

}  // namespace ikev2
