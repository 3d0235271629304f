#include "ikev2/message/message.h"

#include <catch2/catch_test_macros.hpp>

#include "tests/unit/ikev2/octets.h"

using namespace ikev2;
using test::asks_for, test::hex, test::malformed;

namespace {

constexpr auto kUnknown = static_cast<PayloadType>(200);

base::Bytes repeat(std::size_t count, const std::string& payload) {
  base::Bytes wire;
  for (std::size_t i = 0; i < count; ++i) base::append(wire, hex(payload));
  if (count != 0) wire[wire.size() - hex(payload).size()] = 0;  // the last one ends the chain
  return wire;
}

}  // namespace

TEST_CASE("A chain is read payload by payload, and written the same (RFC 7296 3.2)") {
  const std::string wire = "2b000008 0000400e 2900000a 0123456789ab 00000009 0000400501";
  const auto chain = parse_chain(PayloadType::notify, hex(wire));
  REQUIRE(chain.has_value());
  REQUIRE(chain->size() == 3);
  CHECK(std::get<VendorPayload>(chain->at(1)).data == hex("0123456789ab"));
  base::Bytes out;
  base::Writer writer(out);
  CHECK(write_chain(*chain, writer) == PayloadType::notify);
  CHECK(out == hex(wire));
}

TEST_CASE("A chain without payloads is empty (RFC 7296 1.4: liveness)") {
  CHECK(parse_chain(PayloadType::none, {})->empty());
  base::Bytes out;
  base::Writer writer(out);
  CHECK(write_chain({}, writer) == PayloadType::none);
  CHECK(out.empty());
}

TEST_CASE("A message in clear gets its length and its first payload's type (RFC 7296 3.1)") {
  Header header;
  header.spi_i = base::IkeSpi(1);
  header.exchange = ExchangeType::ike_sa_init;
  const base::Bytes message = write_clear(header, {VendorPayload{hex("aabb")}});
  CHECK(message == hex("0000000000000001 0000000000000000 2b202200 00000000 00000022 00000006 aabb"));
}

TEST_CASE("B014: A payload length below four is malformed (RFC 7296 3.2)") {
  for (const char* length : {"0000", "0001", "0003"}) {
    const auto chain = parse_chain(PayloadType::vendor, hex(std::string("0000") + length + "aabb"));
    CHECK(malformed(chain, "below 4"));
    CHECK(asks_for(chain, NotifyType::invalid_syntax));
  }
}

TEST_CASE("B014: A payload length past the end of the message is malformed (RFC 7296 3.2)") {
  CHECK(malformed(parse_chain(PayloadType::vendor, hex("00000007aabb")), "payload"));
  CHECK(malformed(parse_chain(PayloadType::vendor, hex("0000ffffaabb")), "payload"));
  CHECK(malformed(parse_chain(kUnknown, hex("00000007aabb")), "payload"));
}

TEST_CASE("B015: A chain that promises more payloads than there are is malformed (RFC 7296 3.2)") {
  CHECK(malformed(parse_chain(PayloadType::vendor, {}), "payload header"));
  CHECK(malformed(parse_chain(PayloadType::vendor, hex("2b000006aabb")), "payload header"));
  CHECK(malformed(parse_chain(PayloadType::vendor, hex("2b000006aabb 0000")), "payload header"));
}

TEST_CASE("B015: Octets behind the last payload are malformed (RFC 7296 3.2)") {
  CHECK(malformed(parse_chain(PayloadType::none, hex("00")), "1 octets left over"));
  const auto chain = parse_chain(PayloadType::vendor, hex("00000006aabb cc"));
  CHECK(malformed(chain, "left over"));
  CHECK(asks_for(chain, NotifyType::invalid_syntax));
}

TEST_CASE("B016: 64 payloads are read, 65 are malformed, and so is any larger number") {
  const std::string vendor = "2b000004";
  CHECK(parse_chain(PayloadType::vendor, repeat(63, vendor))->size() == 63);
  CHECK(parse_chain(PayloadType::vendor, repeat(kMaxPayloads, vendor))->size() == kMaxPayloads);
  CHECK(malformed(parse_chain(PayloadType::vendor, repeat(kMaxPayloads + 1, vendor)), "more than 64"));
  CHECK(malformed(parse_chain(kUnknown, repeat(4000, "c8000004")), "more than 64"));
}

TEST_CASE(
    "B017, B021: Payloads of unknown types, those of IKEv1 too, are kept with their critical bit (RFC 7296 "
    "2.5)") {
  for (const int type : {1, 13, 20, 32, 49, 52, 54, 130, 255}) {
    CAPTURE(type);
    const auto chain = parse_chain(static_cast<PayloadType>(type), hex("00800005 aa"));
    REQUIRE(chain.has_value());
    const auto& unknown = std::get<UnknownPayload>(chain->at(0));
    CHECK(static_cast<int>(unknown.type) == type);
    CHECK(unknown.critical);
    CHECK(unknown.body == hex("aa"));
  }
  CHECK_FALSE(std::get<UnknownPayload>(parse_chain(kUnknown, hex("007f0004"))->at(0)).critical);
}

TEST_CASE("B020: The critical bit and reserved bits of known payloads are ignored (RFC 7296 2.5)") {
  const auto chain = parse_chain(PayloadType::vendor, hex("00ff0005 aa"));
  REQUIRE(chain.has_value());
  CHECK(std::get<VendorPayload>(chain->at(0)).data == hex("aa"));
}

TEST_CASE("B023: An Encrypted payload inside a chain is malformed (RFC 7296 3.14)") {
  CHECK(malformed(parse_chain(PayloadType::sk, hex("00000008 00000000")), "SK"));
  CHECK(malformed(parse_chain(PayloadType::vendor, hex("2e000004 00000008 00000000")), "SK"));
  CHECK(malformed(parse_chain(PayloadType::skf, hex("00000008 00010001")), "SKF"));
}

TEST_CASE("An error in a payload names the payload and asks for INVALID_SYNTAX (RFC 7296 3.10.1)") {
  const auto chain = parse_chain(PayloadType::nonce, hex("00000006 aabb"));
  CHECK(malformed(chain, "Nonce payload: nonce of 2 octets"));
  CHECK(asks_for(chain, NotifyType::invalid_syntax));
}

TEST_CASE("Payloads of one message are found by type, role and notify") {
  const Message message{
      {},
      {IdPayload{PayloadType::idr, {IdType::fqdn, hex("62")}, {}},
       IdPayload{PayloadType::idi, {IdType::fqdn, hex("61")}, {}}, TsPayload{PayloadType::tsr, {}, 0},
       NotifyPayload{NotifyType::cookie, {}, {}, hex("01")},
       NotifyPayload{NotifyType::cookie, {}, {}, hex("02")},
       NotifyPayload{NotifyType::ts_unacceptable, {}, {}, {}}}};
  CHECK(message.find_id(PayloadType::idi)->id.data == hex("61"));
  CHECK(message.find_id(PayloadType::idr)->id.data == hex("62"));
  CHECK(message.find_ts(PayloadType::tsi) == nullptr);
  CHECK(message.find_ts(PayloadType::tsr) != nullptr);
  CHECK(message.find<SaPayload>() == nullptr);
  CHECK(message.find_notify(NotifyType::cookie)->data == hex("01"));
  CHECK(message.find_notify(NotifyType::rekey_sa) == nullptr);
  CHECK(message.notifies(NotifyType::cookie).size() == 2);
  CHECK(message.first_error()->type == NotifyType::ts_unacceptable);
  CHECK(Message{}.first_error() == nullptr);
}
