#include "ikev2/message/protect.h"

#include <catch2/catch_test_macros.hpp>

#include "tests/support/fake_provider.h"
#include "tests/support/fixed_rng.h"
#include "tests/unit/ikev2/octets.h"

using namespace ikev2;
using test::asks_for, test::hex, test::malformed;

namespace {

const crypto::CipherSpec kCbc{crypto::Encr::aes_cbc, 256, crypto::Integ::sha1_96};
const crypto::CipherSpec kGcm{crypto::Encr::aes_gcm_16, 128, crypto::Integ::none};

std::unique_ptr<crypto::Cipher> make(const crypto::CipherSpec& spec) {
  const base::Bytes encr(crypto::encr_key_size(spec), 1), integ(crypto::integ_key_size(spec), 2);
  return test::FakeProvider().cipher(spec, encr, integ).value();
}

Header header(ExchangeType exchange = ExchangeType::informational) {
  Header h;
  h.spi_i = base::IkeSpi(0xf40329997e6563dd);
  h.spi_r = base::IkeSpi(0x984e52c554274bc6);
  h.exchange = exchange;
  h.initiator = true;
  h.message_id = base::MessageId(3);
  return h;
}

base::Bytes sealed(crypto::Cipher& cipher, const std::vector<Payload>& payloads) {
  test::FixedRng rng;
  std::uint64_t counter = 5;
  return seal(header(), payloads, cipher, counter, rng).value();
}

base::Result<Message> opened(const base::Bytes& wire, crypto::Cipher& cipher) {
  auto parsed = parse_header(wire);
  if (parsed.has_error()) return std::move(parsed).error();
  return open(*parsed, wire, cipher);
}

// A message whose encrypted part is exactly `text`, pad length included, with a good ICV. Payloads of
// `before`, written with their headers, stand in front of SK.
base::Bytes raw(crypto::Cipher& cipher, base::Bytes text, PayloadType first, const base::Bytes& before = {},
                PayloadType before_type = PayloadType::sk) {
  base::Bytes wire;
  base::Writer out(wire);
  Header h = header();
  h.next_payload = before.empty() ? PayloadType::sk : before_type;
  const std::size_t sk = 4 + cipher.iv_size() + text.size() + cipher.icv_size();
  h.length = static_cast<std::uint32_t>(kHeaderSize + before.size() + sk);
  write_header(h, out);
  out.bytes(before);
  out.u8(static_cast<std::uint8_t>(first));
  out.u8(0);
  out.u16(static_cast<std::uint16_t>(sk));
  const std::size_t iv_at = wire.size();
  out.zeros(cipher.iv_size());
  base::Bytes tag(cipher.icv_size());
  crypto::CipherItem item;
  item.source = item.destination = text.data();
  item.length = static_cast<std::uint32_t>(text.size());
  item.aad = base::ByteSpan(wire).first(iv_at);
  item.iv = base::ByteSpan(wire).subspan(iv_at);
  item.tag = tag.data();
  cipher.seal({&item, 1});
  REQUIRE(item.ok);
  base::append(wire, text);
  base::append(wire, tag);
  return wire;
}

void set_length(base::Bytes& wire) {
  base::store_be32(wire.data() + 24, static_cast<std::uint32_t>(wire.size()));
}

}  // namespace

TEST_CASE("What is sealed opens again, with CBC and with an AEAD (RFC 7296 3.14, RFC 5282)") {
  const std::vector<Payload> payloads{DeletePayload{ProtocolId::esp, {0xc0b24047}}, VendorPayload{hex("aa")}};
  for (const auto& spec : {kCbc, kGcm}) {
    const auto cipher = make(spec);
    const base::Bytes wire = sealed(*cipher, payloads);
    const auto message = opened(wire, *cipher);
    REQUIRE(message.has_value());
    CHECK(message->header.message_id == base::MessageId(3));
    CHECK(message->header.next_payload == PayloadType::sk);
    REQUIRE(message->payloads.size() == 2);
    CHECK(std::get<DeletePayload>(message->payloads[0]).spis == std::vector<std::uint32_t>{0xc0b24047});
  }
}

TEST_CASE(
    "A sealed message with CBC is padded to the block, with an AEAD not at all (RFC 7296 3.14, RFC 5282 3)") {
  const auto cbc = make(kCbc), gcm = make(kGcm);
  for (std::size_t size = 0; size < 40; ++size) {
    const std::vector<Payload> payloads{VendorPayload{base::Bytes(size, 1)}};
    CHECK((sealed(*cbc, payloads).size() - 28 - 4 - 16 - 12) % 16 == 0);
    CHECK(sealed(*cbc, payloads).size() - 28 - 4 - 16 - 12 < 4 + size + 1 + 16);
    CHECK(sealed(*gcm, payloads).size() == 28 + 4 + 8 + 4 + size + 1 + 16);
  }
}

TEST_CASE(
    "Counter IVs count up from message to message, random ones come from the generator (RFC 5282 3.1)") {
  test::FixedRng rng;
  std::uint64_t counter = 5;
  const auto gcm = make(kGcm);
  CHECK(base::load_be64(seal(header(), {}, *gcm, counter, rng)->data() + 32) == 5);
  CHECK(base::load_be64(seal(header(), {}, *gcm, counter, rng)->data() + 32) == 6);
  CHECK(counter == 7);
  const auto cbc = make(kCbc);
  const base::Bytes iv = hex("000102030405060708090a0b0c0d0e0f");
  rng.put(iv);
  const auto wire = seal(header(), {}, *cbc, counter, rng);
  CHECK(base::Bytes(wire->begin() + 32, wire->begin() + 48) == iv);
  CHECK(counter == 7);
}

TEST_CASE("Sealing fails when the counter of IVs is used up") {
  test::FixedRng rng;
  std::uint64_t counter = ~std::uint64_t{0};
  const auto gcm = make(kGcm);
  const auto result = seal(header(), {}, *gcm, counter, rng);
  REQUIRE(result.has_error());
  CHECK(result.error().family == base::ErrorFamily::local);
}

TEST_CASE("Sealing refuses a message that would pass 65535 octets") {
  test::FixedRng rng;
  std::uint64_t counter = 0;
  const auto gcm = make(kGcm);
  const std::vector<Payload> payloads(3, VendorPayload{base::Bytes(30000, 1)});
  CHECK(seal(header(), payloads, *gcm, counter, rng).has_error());
}

TEST_CASE("B027: A protected message without payloads opens empty: a liveness check (RFC 7296 1.4)") {
  for (const auto& spec : {kCbc, kGcm}) {
    const auto cipher = make(spec);
    CHECK(opened(sealed(*cipher, {}), *cipher)->payloads.empty());
  }
}

TEST_CASE(
    "Any flipped bit of a protected message fails it, and the untouched message still opens (RFC 7296 "
    "3.14)") {
  for (const auto& spec : {kCbc, kGcm}) {
    const auto cipher = make(spec);
    const base::Bytes wire = sealed(*cipher, {VendorPayload{hex("aabb")}});
    for (std::size_t at = 0; at < wire.size(); ++at) {
      base::Bytes bad = wire;
      bad[at] ^= 1;
      CAPTURE(at);
      CHECK(opened(bad, *cipher).has_error());
    }
    base::Bytes bad = wire;
    bad.back() ^= 1;
    CHECK(opened(bad, *cipher).error().family == base::ErrorFamily::crypto);
    CHECK(opened(wire, *cipher).has_value());
  }
}

TEST_CASE(
    "An SK payload too short for IV, pad length and ICV is malformed before any decryption (RFC 7296 3.14)") {
  const auto cipher = make(kCbc);
  for (std::size_t size = 0; size <= 16 + 12; ++size) {
    base::Bytes wire = sealed(*cipher, {});
    wire.resize(32 + size);
    base::store_be16(wire.data() + 30, static_cast<std::uint16_t>(4 + size));
    set_length(wire);
    const auto result = opened(wire, *cipher);
    CHECK(malformed(result, "SK payload of"));
    CHECK_FALSE(result.error().notify.has_value());  // dropped, not answered
  }
}

TEST_CASE(
    "An encrypted part that is no multiple of the block is malformed before any decryption (RFC 7296 3.14)") {
  const auto cipher = make(kCbc);
  for (std::size_t extra = 1; extra < 16; ++extra) {
    base::Bytes wire = sealed(*cipher, {});
    wire.resize(wire.size() + extra);
    base::store_be16(wire.data() + 30, static_cast<std::uint16_t>(wire.size() - 28));
    set_length(wire);
    CHECK(malformed(opened(wire, *cipher), "no multiple of 16"));
  }
}

TEST_CASE("B027: A pad length that passes the encrypted part asks for INVALID_SYNTAX (RFC 7296 3.14)") {
  const auto cipher = make(kGcm);
  for (const char* text : {"01", "ff", "0000000005", "0000000000ff"}) {
    const auto result = opened(raw(*cipher, hex(text), PayloadType::none), *cipher);
    CAPTURE(text);
    CHECK(malformed(result, "pad length"));
    CHECK(asks_for(result, NotifyType::invalid_syntax));
  }
}

TEST_CASE("Padding of any content and of up to 255 octets is accepted (RFC 7296 3.14, RFC 5282 3)") {
  const auto cipher = make(kGcm);
  base::Bytes text = hex("00000005 aa");
  text.resize(text.size() + 255, 0x5a);
  text.push_back(255);
  const auto message = opened(raw(*cipher, text, PayloadType::vendor), *cipher);
  REQUIRE(message.has_value());
  CHECK(std::get<VendorPayload>(message->payloads.at(0)).data == hex("aa"));
  CHECK(opened(raw(*cipher, hex("0102030404"), PayloadType::none), *cipher)->payloads.empty());
}

TEST_CASE("B014: A good ICV over a bad chain asks for INVALID_SYNTAX (RFC 7296 2.21.2)") {
  const auto cipher = make(kGcm);
  for (const char* text : {"0000000300", "000000ff00", "aa00", "2b000004 00"}) {
    const auto result = opened(raw(*cipher, hex(text), PayloadType::vendor), *cipher);
    CHECK(malformed(result, ""));
    CHECK(asks_for(result, NotifyType::invalid_syntax));
  }
  CHECK(asks_for(opened(raw(*cipher, hex("0000000400"), PayloadType::sk), *cipher),
                 NotifyType::invalid_syntax));
}

TEST_CASE("B012: Payloads in clear before SK are passed over, and authenticated (RFC 7296 3.14)") {
  const auto cipher = make(kGcm);
  const base::Bytes clear = hex("2e00000c 01000000 00000000");  // a DELETE that nobody vouches for
  const base::Bytes wire = raw(*cipher, hex("00000004 00"), PayloadType::vendor, clear, PayloadType::del);
  const auto message = opened(wire, *cipher);
  REQUIRE(message.has_value());
  REQUIRE(message->payloads.size() == 1);
  CHECK(std::holds_alternative<VendorPayload>(message->payloads[0]));
  base::Bytes changed = wire;
  changed[35] ^= 1;
  CHECK(opened(changed, *cipher).error().family == base::ErrorFamily::crypto);
}

TEST_CASE("B016: Up to 64 payloads may stand before SK, with one more the message is malformed") {
  const auto cipher = make(kGcm);
  for (const std::size_t count : {kMaxPayloads - 1, kMaxPayloads, kMaxPayloads + 1}) {
    base::Bytes clear;
    for (std::size_t i = 0; i < count; ++i) base::append(clear, hex(i + 1 < count ? "c8000004" : "2e000004"));
    const auto result =
        opened(raw(*cipher, hex("00"), PayloadType::none, clear, static_cast<PayloadType>(200)), *cipher);
    CHECK(result.has_value() == (count <= kMaxPayloads));
  }
}

TEST_CASE(
    "B012: A message in clear where a protected one is due is malformed and not answered (RFC 7296 2.21)") {
  const auto cipher = make(kGcm);
  const base::Bytes wire = write_clear(header(), {DeletePayload{ProtocolId::ike, {}}});
  const auto result = opened(wire, *cipher);
  CHECK(malformed(result, "in clear"));
  CHECK_FALSE(result.error().notify.has_value());
  CHECK(malformed(opened(write_clear(header(), {}), *cipher), "in clear"));
}

TEST_CASE("B023: Anything behind SK is malformed: a payload, a second SK, stray octets (RFC 7296 3.14)") {
  const auto cipher = make(kGcm);
  for (const char* more : {"00", "00000004", "00000020 0000000000000000 00"}) {
    base::Bytes wire = sealed(*cipher, {});
    base::append(wire, hex(more));
    set_length(wire);
    CHECK(malformed(opened(wire, *cipher), "left over"));
  }
}

TEST_CASE("A fragment is malformed as long as fragmentation is not negotiated (RFC 7383 2.3)") {
  const auto cipher = make(kGcm);
  base::Bytes wire = sealed(*cipher, {});
  wire[16] = 53;
  CHECK(malformed(opened(wire, *cipher), "fragment"));
}

TEST_CASE("A payload length before SK that passes the end is malformed (RFC 7296 3.2)") {
  const auto cipher = make(kGcm);
  base::Bytes wire = sealed(*cipher, {});
  for (const std::uint16_t length : std::initializer_list<std::uint16_t>{0, 3, 34, 65535}) {
    base::store_be16(wire.data() + 30, length);
    CHECK(malformed(opened(wire, *cipher), ""));
  }
}
