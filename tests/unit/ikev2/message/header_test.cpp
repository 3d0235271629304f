#include "ikev2/message/header.h"

#include <catch2/catch_test_macros.hpp>

#include "ikev2/message/message.h"
#include "tests/unit/ikev2/octets.h"

using namespace ikev2;
using test::hex, test::malformed;

namespace {

const std::string kWire = "f40329997e6563dd 984e52c554274bc6 21 20 22 08 00000007 0000001c";

base::Bytes with(std::size_t at, std::uint8_t value) {
  base::Bytes wire = hex(kWire);
  wire.at(at) = value;
  return wire;
}

}  // namespace

TEST_CASE("A header is read field by field and written the same (RFC 7296 3.1)") {
  const auto h = parse_header(hex(kWire));
  REQUIRE(h.has_value());
  CHECK(h->spi_i == base::IkeSpi(0xf40329997e6563dd));
  CHECK(h->spi_r == base::IkeSpi(0x984e52c554274bc6));
  CHECK(h->next_payload == PayloadType::sa);
  CHECK(h->major == 2);
  CHECK(h->minor == 0);
  CHECK(h->exchange == ExchangeType::ike_sa_init);
  CHECK(h->initiator);
  CHECK_FALSE(h->response);
  CHECK(h->message_id == base::MessageId(7));
  CHECK(h->length == 28);
  base::Bytes out;
  base::Writer writer(out);
  write_header(*h, writer);
  CHECK(out == hex(kWire));
}

TEST_CASE("B001: A datagram of fewer than 28 octets is malformed (RFC 7296 3.1)") {
  const base::Bytes whole = hex(kWire);
  for (std::size_t size = 0; size < kHeaderSize; ++size) {
    CHECK(malformed(parse_header(base::ByteSpan(whole).first(size)), "needs"));
  }
}

TEST_CASE("B002: A length that is not that of the datagram is malformed (RFC 7296 3.1)") {
  for (const std::uint8_t length : std::initializer_list<std::uint8_t>{0, 27, 29, 255})
    CHECK(malformed(parse_header(with(27, length)), "header says"));
  CHECK(malformed(parse_header(test::join({with(24, 0xff)})), "header says"));
  CHECK(malformed(parse_header(test::join({hex(kWire), hex("00")})), "header says"));
}

TEST_CASE("B013: A message of up to 16384 octets is read, a longer one is malformed") {
  base::Bytes wire = hex(kWire);
  wire.resize(kMaxMessage);
  base::store_be32(wire.data() + 24, kMaxMessage);
  CHECK(parse_header(wire).has_value());
  wire.resize(kMaxMessage + 1);
  base::store_be32(wire.data() + 24, kMaxMessage + 1);
  CHECK(malformed(parse_header(wire), "16384 are allowed"));
}

TEST_CASE("B003: Any version is returned, for the engine to answer (RFC 7296 2.5)") {
  CHECK(parse_header(with(17, 0x10))->major == 1);
  CHECK(parse_header(with(17, 0xf0))->major == 15);
  CHECK(parse_header(with(17, 0x2f))->minor == 15);
}

TEST_CASE("B004: Reserved flags and the version flag are ignored, and sent as zero (RFC 7296 3.1)") {
  const auto h = parse_header(with(19, 0xff));
  REQUIRE(h.has_value());
  CHECK(h->initiator);
  CHECK(h->response);
  base::Bytes out;
  base::Writer writer(out);
  write_header(*h, writer);
  CHECK(out[19] == 0x28);
  const auto none = parse_header(with(19, 0xd7));
  CHECK_FALSE(none->initiator);
  CHECK_FALSE(none->response);
}

TEST_CASE("B008: Unknown exchange types are read, for the engine to drop (RFC 7296 3.1)") {
  CHECK(parse_header(with(18, 240))->exchange == static_cast<ExchangeType>(240));
}
