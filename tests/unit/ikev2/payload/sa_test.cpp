#include <catch2/catch_test_macros.hpp>

#include "ikev2/payload/payload.h"
#include "tests/unit/ikev2/octets.h"

using namespace ikev2;
using test::hex, test::malformed;

namespace {

base::Result<SaPayload> parse(const std::string& text) { return parse_sa(base::Reader(hex(text))); }

// An SA payload with one ESP proposal that holds one transform, given with its header.
base::Result<SaPayload> with_transform(const std::string& transform) {
  const base::Bytes t = hex(transform);
  base::Bytes body = hex("00000000 01030401 c0b24047");
  base::store_be16(body.data() + 2, static_cast<std::uint16_t>(12 + t.size()));
  return parse_sa(base::Reader(test::join({body, t})));
}

bool usable(const base::Result<SaPayload>& sa) { return sa->proposals.at(0).transforms.at(0).usable; }

const std::string kTwoTransforms = "0300000c 0100000c 800e0100 00000008 05000001";

}  // namespace

TEST_CASE("An SA payload is read with its proposals and transforms, and written the same (RFC 7296 3.3)") {
  const std::string wire =
      "02000020 01030402 c0b24047" + kTwoTransforms + "00000014 02030401 c0b24047 00000008 0100001c";
  const auto sa = parse(wire);
  REQUIRE(sa.has_value());
  REQUIRE(sa->proposals.size() == 2);
  CHECK(sa->proposals[0].number == 1);
  CHECK(sa->proposals[0].protocol == ProtocolId::esp);
  CHECK(sa->proposals[0].spi == hex("c0b24047"));
  CHECK(sa->proposals[0].transforms ==
        std::vector<Transform>{{TransformType::encr, 12, 256}, {TransformType::esn, 1}});
  CHECK(sa->proposals[1].number == 2);
  CHECK(sa->proposals[1].transforms == std::vector<Transform>{{TransformType::encr, 28}});
  CHECK(test::written(*sa) == hex(wire));
}

TEST_CASE("Proposals without a number are written as 1, 2, and so on (RFC 7296 3.3.1)") {
  const Proposal p{0, ProtocolId::ike, {}, {{TransformType::ke, 31}}};
  CHECK(test::written(SaPayload{{p, p}}) ==
        hex("02000010 01010001 00000008 0400001f 00000010 02010001 00000008 0400001f"));
}

TEST_CASE("Reserved octets of proposals and transforms are ignored (RFC 7296 3.3.1, 3.3.2)") {
  const auto sa = parse("00ff0014 01030401 c0b24047 00ff0008 01ff001c");
  REQUIRE(sa.has_value());
  CHECK(sa->proposals[0].transforms[0] == Transform{TransformType::encr, 28});
}

TEST_CASE("B030: An SA payload without a proposal is malformed (RFC 7296 3.3)") {
  CHECK(malformed(parse(""), "proposal"));
}

TEST_CASE("B030: A proposal without transforms is malformed (RFC 7296 3.3.1)") {
  CHECK(malformed(parse("0000000c 01030400 c0b24047"), "without transforms"));
}

TEST_CASE("B030: A transform count that is not the number of transforms is malformed (RFC 7296 3.3.1)") {
  CHECK(malformed(parse("00000020 01030403 c0b24047 " + kTwoTransforms), ""));
  CHECK(malformed(parse("00000020 01030401 c0b24047 " + kTwoTransforms), ""));
  CHECK(malformed(parse("0000001c 01030401 c0b24047 00000008 0100001c 00000008 05000000"), "left over"));
}

TEST_CASE("B030: A wrong mark of the last transform is malformed (RFC 7296 3.3.2)") {
  CHECK(malformed(with_transform("03000008 0100001c"), "last transform"));
  CHECK(malformed(with_transform("02000008 0100001c"), "last transform"));
  CHECK(malformed(parse("0000001c 01030402 c0b24047 00000008 0100001c 00000008 05000000"), "last transform"));
}

TEST_CASE("B030: A wrong mark of the last proposal is malformed (RFC 7296 3.3.1)") {
  CHECK(malformed(parse("02000014 01030401 c0b24047 00000008 0100001c"), "proposal"));
  CHECK(malformed(parse("01000014 01030401 c0b24047 00000008 0100001c"), "last proposal"));
  CHECK(malformed(
      parse("00000014 01030401 c0b24047 00000008 0100001c 00000014 02030401 c0b24047 00000008 0100001c"),
      "left over"));
}

TEST_CASE("B030: Proposal numbers of zero, repeated or descending are malformed (RFC 7296 3.3.1)") {
  const std::string rest = "010001 00000008 0400001f";
  CHECK(malformed(parse("00000010 00" + rest), "number 0"));
  CHECK(malformed(parse("02000010 01" + rest + "00000010 01" + rest), "number 1 after 1"));
  CHECK(malformed(parse("02000010 02" + rest + "00000010 01" + rest), "number 1 after 2"));
}

TEST_CASE("An answer may carry any proposal number above zero (RFC 7296 3.3.1)") {
  CHECK(parse("00000010 07010001 00000008 0400001f")->proposals[0].number == 7);
}

TEST_CASE("B031: An SPI size that the protocol does not have is malformed (RFC 7296 3.3.1)") {
  const std::string t = "00000008 0400001f";
  CHECK(parse("00000010 01010001" + t).has_value());
  CHECK(parse("00000018 01010801 0102030405060708" + t).has_value());
  CHECK(malformed(parse("00000014 01010401 01020304" + t), "SPI of 4 octets"));
  CHECK(malformed(parse("00000010 01030001" + t), "SPI of 0 octets"));
  CHECK(malformed(parse("00000018 01030801 0102030405060708" + t), "SPI of 8 octets"));
  CHECK(malformed(parse("00000010 01020001" + t), "SPI of 0 octets"));
  CHECK(malformed(parse("00000010 0103ff01" + t), "SPI"));
}

TEST_CASE("B032: A proposal for an unknown protocol is kept, to be passed over (RFC 7296 3.3.6)") {
  const auto sa = parse("00000012 01c80201 0102 00000008 0400001f");
  REQUIRE(sa.has_value());
  CHECK(static_cast<int>(sa->proposals[0].protocol) == 200);
}

TEST_CASE("Proposal and transform lengths below their headers or past the end are malformed") {
  CHECK(malformed(parse("00000000 01010001 00000008 0400001f"), "below 8"));
  CHECK(malformed(parse("00000007 01010001 00000008 0400001f"), "below 8"));
  CHECK(malformed(parse("00000011 01010001 00000008 0400001f"), "needs"));
  CHECK(malformed(parse("0000ffff 01010001 00000008 0400001f"), "needs"));
  CHECK(malformed(parse("00000010 01010001 00000000 0400001f"), "below 8"));
  CHECK(malformed(parse("00000010 01010001 00000007 0400001f"), "below 8"));
  CHECK(malformed(parse("00000010 01010001 0000000c 0400001f"), "needs"));
}

TEST_CASE("A cut SA payload is malformed at every length, and never read past its end") {
  const base::Bytes whole = hex("00000020 01030402 c0b24047" + kTwoTransforms);
  REQUIRE(parse_sa(base::Reader(whole)).has_value());
  for (std::size_t size = 0; size < whole.size(); ++size) {
    const base::Bytes cut(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(size));
    CAPTURE(size);
    CHECK(malformed(parse_sa(base::Reader(cut)), ""));
  }
}

TEST_CASE("B034: A long attribute that passes the end of its transform is malformed (RFC 7296 3.3.5)") {
  CHECK(malformed(with_transform("0000000c 0100001c 00120001"), "attribute value"));
  CHECK(malformed(with_transform("00000010 0100001c 0012ffff 00000000"), "attribute value"));
  CHECK(malformed(with_transform("0000000a 0100001c 800e"), "attribute"));
}

TEST_CASE("B034: An attribute that we do not know makes its transform unusable (RFC 7296 3.3.6)") {
  CHECK_FALSE(usable(with_transform("00000010 0100000c 800e0100 80110001")));
  CHECK_FALSE(usable(with_transform("00000012 0100000c 800e0100 00120002 aabb")));
  CHECK_FALSE(usable(with_transform("00000010 0100000c 800e0100 00120000")));
}

TEST_CASE(
    "A key length that stands twice, or in the long format, makes its transform unusable (RFC 7296 3.3.5)") {
  CHECK_FALSE(usable(with_transform("00000010 0100000c 800e0100 800e0100")));
  CHECK_FALSE(usable(with_transform("0000000e 0100000c 000e0002 0100")));
}

TEST_CASE("B033: A key length that the cipher cannot have makes its transform unusable (RFC 7296 3.3.5)") {
  CHECK(usable(with_transform("0000000c 0100000c 800e0080")));
  CHECK(usable(with_transform("0000000c 0100000c 800e00c0")));
  CHECK(usable(with_transform("0000000c 01000014 800e0100")));
  for (const char* bits : {"0000", "0040", "0081", "00c1", "00ff", "0200", "ffff"}) {
    CAPTURE(bits);
    CHECK_FALSE(usable(with_transform(std::string("0000000c 0100000c 800e") + bits)));
    CHECK_FALSE(usable(with_transform(std::string("0000000c 01000014 800e") + bits)));
  }
}

TEST_CASE("B033: A cipher of several key lengths without the attribute is unusable (RFC 7296 3.3.5)") {
  for (const char* id : {"0c", "0d", "0e", "14"})
    CHECK_FALSE(usable(with_transform(std::string("00000008 010000") + id)));
}

TEST_CASE("B033: A key length on a transform of a fixed one makes it unusable (RFC 7296 3.3.5)") {
  CHECK(usable(with_transform("00000008 0100001c")));
  CHECK_FALSE(usable(with_transform("0000000c 0100001c 800e0100")));
  CHECK_FALSE(usable(with_transform("0000000c 01000003 800e00c0")));
  CHECK_FALSE(usable(with_transform("0000000c 02000005 800e0100")));
  CHECK_FALSE(usable(with_transform("0000000c 04000013 800e0100")));
}

TEST_CASE("B038: Sequence number transforms other than 0 and 1 are unusable (RFC 7296 3.3.2)") {
  CHECK(usable(with_transform("00000008 05000000")));
  CHECK(usable(with_transform("00000008 05000001")));
  CHECK_FALSE(usable(with_transform("00000008 05000002")));
  CHECK_FALSE(usable(with_transform("00000008 0500ffff")));
}

TEST_CASE("255 proposals are read, and a 256th cannot have a number") {
  base::Bytes wire;
  for (unsigned i = 1; i <= 256; ++i) {
    base::Bytes p = hex("02000010 00010001 00000008 0400001f");
    if (i == 255) p[0] = 0;
    p[4] = static_cast<std::uint8_t>(i);
    base::append(wire, p);
    if (i == 255) CHECK(parse_sa(base::Reader(wire))->proposals.size() == 255);
    if (i == 255) wire[wire.size() - 16] = 2;
  }
  wire[wire.size() - 16] = 0;
  CHECK(malformed(parse_sa(base::Reader(wire)), "number 0 after 255"));
}
