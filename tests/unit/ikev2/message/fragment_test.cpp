#include "ikev2/message/fragment.h"

#include <catch2/catch_test_macros.hpp>

#include "ikev2/message/protect.h"
#include "tests/support/fake_provider.h"
#include "tests/support/fixed_rng.h"
#include "tests/unit/ikev2/octets.h"

using namespace ikev2;
using test::hex, test::malformed;
using Outcome = Reassembly::Outcome;

namespace {

const crypto::CipherSpec kCbc{crypto::Encr::aes_cbc, 256, crypto::Integ::sha1_96};
const crypto::CipherSpec kGcm{crypto::Encr::aes_gcm_16, 128, crypto::Integ::none};
constexpr base::MessageId kId{3};

std::unique_ptr<crypto::Cipher> make(const crypto::CipherSpec& spec) {
  const base::Bytes encr(crypto::encr_key_size(spec), 1), integ(crypto::integ_key_size(spec), 2);
  return test::FakeProvider().cipher(spec, encr, integ).value();
}

Header header() {
  Header h;
  h.spi_i = base::IkeSpi(0xf40329997e6563dd);
  h.spi_r = base::IkeSpi(0x984e52c554274bc6);
  h.exchange = ExchangeType::ike_auth;
  h.initiator = true;
  h.message_id = kId;
  return h;
}

// A nonce-like body that differs at each place.
std::vector<Payload> payloads_of(std::size_t size) {
  base::Bytes data(size);
  for (std::size_t i = 0; i < size; ++i) data[i] = static_cast<std::uint8_t>(i * 7 + i / 256);
  return {VendorPayload{data}, NotifyPayload{NotifyType::initial_contact, ProtocolId::none, {}, {}}};
}

std::vector<base::Bytes> cut(crypto::Cipher& cipher, std::size_t size, std::size_t limit) {
  test::FixedRng rng;
  std::uint64_t counter = 1;
  return seal_within(header(), payloads_of(size), cipher, counter, rng, limit).value();
}

base::Result<Fragment> opened(const base::Bytes& wire, crypto::Cipher& cipher) {
  auto parsed = parse_header(wire);
  if (parsed.has_error()) return std::move(parsed).error();
  auto place = find_envelope(*parsed, wire);
  if (place.has_error()) return std::move(place).error();
  return open_fragment(wire, *place, cipher);
}

Fragment piece(std::uint16_t number, std::uint16_t total, const char* text = "aa") {
  return {number, total, number == 1 ? PayloadType::vendor : PayloadType::none, hex(text)};
}

// One fragment whose numbers and text are free to choose, with a good ICV.
base::Bytes raw(crypto::Cipher& cipher, const char* numbers, const base::Bytes& text) {
  test::FixedRng rng;
  std::uint64_t counter = 1;
  return seal_text(header(), {PayloadType::skf, PayloadType::vendor, hex(numbers)}, text, cipher, counter,
                   rng)
      .value();
}

}  // namespace

TEST_CASE("A message within the limit stays whole, one octet more is cut (RFC 7383 2.5)") {
  for (const auto& spec : {kCbc, kGcm}) {
    const auto cipher = make(spec);
    const std::size_t whole = cut(*cipher, 700, 65535).front().size();
    CHECK(cut(*cipher, 700, whole).size() == 1);
    CHECK(cut(*cipher, 700, whole).front()[16] == 46);  // SK
    CHECK(cut(*cipher, 700, whole - 1).size() == 2);
    CHECK(cut(*cipher, 700, whole - 1).front()[16] == 53);  // SKF
  }
}

TEST_CASE("Fragments of every limit keep within it and give the message again, in any order (RFC 7383 2.6)") {
  for (const auto& spec : {kCbc, kGcm}) {
    const auto cipher = make(spec);
    for (std::size_t limit = 120; limit < 600; limit += 29) {
      CAPTURE(limit);
      const auto wires = cut(*cipher, 600, limit);
      Reassembly set;
      Outcome last = Outcome::fits;
      for (auto wire = wires.rbegin(); wire != wires.rend(); ++wire) {
        CHECK(wire->size() <= limit);
        auto fragment = opened(*wire, *cipher);
        REQUIRE(fragment.has_value());
        CHECK((fragment->number == 1) == (fragment->first == PayloadType::vendor));
        last = set.add(kId, std::move(*fragment));
      }
      REQUIRE(last == Outcome::complete);
      const auto payloads = set.take();
      REQUIRE(payloads.has_value());
      CHECK(std::get<VendorPayload>(payloads->at(0)).data ==
            std::get<VendorPayload>(payloads_of(600).at(0)).data);
      CHECK(payloads->size() == 2);
      CHECK(set.empty());
    }
  }
}

TEST_CASE("Each fragment has an IV of its own (RFC 7383 2.5)") {
  const auto cipher = make(kGcm);
  const auto wires = cut(*cipher, 600, 200);
  for (std::size_t i = 0; i < wires.size(); ++i) CHECK(base::load_be64(wires[i].data() + 36) == i + 1);
}

TEST_CASE("A message that needs too many fragments, or a limit without room for text, is not cut") {
  const auto cipher = make(kGcm);
  test::FixedRng rng;
  std::uint64_t counter = 1;
  CHECK(seal_within(header(), payloads_of(6000), *cipher, counter, rng, 120).has_error());
  CHECK(seal_within(header(), payloads_of(600), *cipher, counter, rng, 40).has_error());
  CHECK(seal_within(header(), payloads_of(600), *cipher, counter, rng, {}).value().size() == 1);
}

TEST_CASE("B073: fragment number 0, above the total, or a total of 0 is malformed, whatever the ICV says") {
  const auto cipher = make(kGcm);
  for (const char* numbers : {"00000002", "00030002", "00000000", "00010000"}) {
    CAPTURE(numbers);
    CHECK(malformed(opened(raw(*cipher, numbers, hex("00000004")), *cipher), "fragment"));
  }
  CHECK(opened(raw(*cipher, "00020002", hex("00000004")), *cipher).has_value());
}

TEST_CASE("B074: a fragment with a lower total is left out, one with a higher total begins anew") {
  Reassembly set;
  CHECK(set.add(kId, piece(1, 3)) == Outcome::fits);
  CHECK(set.add(kId, piece(2, 2)) == Outcome::shrunk);
  CHECK(set.preview(kId, {2, 2}) == Outcome::shrunk);
  CHECK(set.add(kId, piece(2, 3)) == Outcome::fits);
  CHECK(set.add(kId, piece(3, 4)) == Outcome::fits);  // the two of three are forgotten
  CHECK(set.preview(kId, {1, 4}) == Outcome::fits);
  CHECK(set.add(kId, piece(1, 4, "00000005")) == Outcome::fits);
  CHECK(set.add(kId, piece(2, 4, "01")) == Outcome::fits);
  CHECK(set.add(kId, piece(3, 4)) == Outcome::duplicate);
  CHECK(set.add(kId, piece(4, 4, "")) == Outcome::complete);
  CHECK_FALSE(set.take().has_value());  // 00000005 01 aa has an octet too many
}

TEST_CASE("B075: a fragment too short for its numbers, IV, pad length and ICV is malformed") {
  const auto cipher = make(kCbc);
  for (std::size_t size = 0; size <= 4 + 16 + 12; ++size) {
    base::Bytes wire = raw(*cipher, "00010002", hex("00000004"));
    wire.resize(32 + size);
    base::store_be16(wire.data() + 30, static_cast<std::uint16_t>(4 + size));
    base::store_be32(wire.data() + 24, static_cast<std::uint32_t>(wire.size()));
    const auto result = opened(wire, *cipher);
    CAPTURE(size);
    CHECK(malformed(result, ""));
    CHECK_FALSE(result.error().notify.has_value());
  }
}

TEST_CASE("B076: any flipped bit of a fragment fails it, its numbers included (RFC 7383 2.5)") {
  for (const auto& spec : {kCbc, kGcm}) {
    const auto cipher = make(spec);
    const base::Bytes wire = cut(*cipher, 300, 200).front();
    for (std::size_t at = 0; at < wire.size(); ++at) {
      base::Bytes bad = wire;
      bad[at] ^= 1;
      CAPTURE(at);
      CHECK(opened(bad, *cipher).has_error());
    }
    CHECK(opened(wire, *cipher).has_value());
  }
}

TEST_CASE("A bad pad length in a fragment drops it and asks for no answer") {
  const auto cipher = make(kGcm);
  base::Bytes wire = raw(*cipher, "00010002", {});
  // The one octet behind the IV is the pad length; the fake cipher's tag is made anew for 0xff.
  const auto place = find_envelope(*parse_header(wire), wire).value();
  const std::size_t at = place.body + 4 + cipher->iv_size();
  std::uint8_t pad = 0xff;
  crypto::CipherItem item;
  item.source = item.destination = &pad;
  item.length = 1;
  item.aad = base::ByteSpan(wire).first(place.body + 4);
  item.iv = base::ByteSpan(wire).subspan(place.body + 4, cipher->iv_size());
  item.tag = wire.data() + at + 1;
  cipher->seal({&item, 1});
  wire[at] = pad;
  const auto result = opened(wire, *cipher);
  CHECK(malformed(result, "pad length"));
  CHECK_FALSE(result.error().notify.has_value());
}

TEST_CASE(
    "B077: of an announced 65535 fragments none is taken; the limits hold at 64 fragments and 16384 octets") {
  Reassembly set;
  CHECK(set.preview(kId, {1, 65535}) == Outcome::too_many);
  CHECK(set.add(kId, piece(1, 65535)) == Outcome::too_many);
  CHECK(set.add(kId, piece(1, kMaxFragments + 1)) == Outcome::too_many);
  CHECK(set.empty());
  CHECK(set.add(kId, piece(1, kMaxFragments)) == Outcome::fits);
  Fragment large{2, kMaxFragments, PayloadType::none, base::Bytes(kMaxMessage - 1)};
  CHECK(set.add(kId, large) == Outcome::fits);
  CHECK(set.add(kId, piece(3, kMaxFragments)) == Outcome::too_many);
  CHECK(set.add(kId, piece(4, kMaxFragments, "")) == Outcome::fits);
}

TEST_CASE("B077: there is one set at a time, that of the latest message id") {
  Reassembly set;
  CHECK(set.add(base::MessageId(3), piece(1, 2, "00000005")) == Outcome::fits);
  CHECK(set.add(base::MessageId(4), piece(2, 2, "01")) == Outcome::fits);
  CHECK(set.add(base::MessageId(4), piece(1, 2, "00000005")) == Outcome::complete);
  CHECK(set.take().has_value());
}

TEST_CASE(
    "B078: a duplicate with other content changes nothing, and the first payload is fragment 1's word") {
  Reassembly set;
  Fragment second = piece(2, 2, "bb");
  second.first = PayloadType::del;  // not its to say
  CHECK(set.add(kId, second) == Outcome::fits);
  CHECK(set.add(kId, piece(2, 2, "cc")) == Outcome::duplicate);
  CHECK(set.preview(kId, {2, 2}) == Outcome::duplicate);
  CHECK(set.add(kId, piece(1, 2, "00000005")) == Outcome::complete);
  const auto payloads = set.take();
  REQUIRE(payloads.has_value());
  CHECK(std::get<VendorPayload>(payloads->at(0)).data == hex("bb"));
}

TEST_CASE(
    "B080: payloads in clear before SKF are passed over up to 64, with one more the message is malformed") {
  const auto cipher = make(kGcm);
  for (const std::size_t count : {kMaxPayloads, kMaxPayloads + 1}) {
    base::Bytes wire = raw(*cipher, "00010002", hex("00000004"));
    base::Bytes clear;
    for (std::size_t i = 0; i < count; ++i) base::append(clear, hex(i + 1 < count ? "c8000004" : "35000004"));
    wire[16] = 200;
    wire.insert(wire.begin() + 28, clear.begin(), clear.end());
    base::store_be32(wire.data() + 24, static_cast<std::uint32_t>(wire.size()));
    const auto parsed = parse_header(wire);
    CHECK(find_envelope(*parsed, wire).has_value() == (count == kMaxPayloads));
    CHECK(opened(wire, *cipher).has_error());  // they are covered by the ICV, and were not there
  }
}

TEST_CASE("B023: SK behind SKF, SKF behind SK, and anything else behind SKF is malformed") {
  const auto cipher = make(kGcm);
  for (const char* more : {"00", "00000004", "35000004", "2e000004"}) {
    base::Bytes wire = raw(*cipher, "00010002", hex("00000004"));
    base::append(wire, hex(more));
    base::store_be32(wire.data() + 24, static_cast<std::uint32_t>(wire.size()));
    CHECK(malformed(opened(wire, *cipher), "left over"));
  }
}
