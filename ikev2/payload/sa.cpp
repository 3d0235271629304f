// Security Association payload, RFC 7296 3.3: proposals (3.3.1), transforms (3.3.2), attributes (3.3.5):
//
//                      1                   2                   3
//  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// | Last Substruc |   RESERVED    |         Proposal Length       |
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// | Proposal Num  |  Protocol ID  |    SPI Size   |Num  Transforms|
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// ~                        SPI (variable)                         ~
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
//
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// | Last Substruc |   RESERVED    |        Transform Length       |
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// |Transform Type |   RESERVED    |          Transform ID         |
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
//
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// |A|       Attribute Type        |    AF=0  Attribute Length     |
// |F|                             |    AF=1  Attribute Value      |
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// |                   AF=0  Attribute Value                       |
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
#include <algorithm>

#include "ikev2/payload/payload.h"

namespace ikev2 {
namespace {

constexpr std::uint8_t kLast = 0, kMoreProposals = 2, kMoreTransforms = 3;
constexpr std::uint16_t kShortFormat = 0x8000;           // AF: type and value, no length
constexpr std::uint16_t kKeyLength = 14 | kShortFormat;  // always in the short format, RFC 7296 3.3.5

// Whether the key length, given or not, is one that the transform can have. RFC 7296 3.3.5: it MUST be there
// for ciphers of several key lengths, and MUST NOT for any transform of a fixed one.
bool key_length_fits(const Transform& transform, bool given) {
  if (transform.type != TransformType::encr) return !given;
  const crypto::EncrInfo* info = crypto::find(static_cast<crypto::Encr>(transform.id));
  if (info == nullptr) return true;  // nobody can choose it anyway
  if (!info->takes_key_length()) return !given;
  return given && transform.key_bits != 0 &&
         std::find(info->key_bits.begin(), info->key_bits.end(), transform.key_bits) != info->key_bits.end();
}

// RFC 7296 3.3.6: a transform with an attribute that is not understood MUST be considered unacceptable; the
// others of its type are processed as usual.
base::Status parse_attributes(base::Reader in, Transform& transform) {
  bool key_length = false;
  while (!in.empty()) {
    ASSIGN_OR_RETURN(const std::uint16_t type, in.u16("attribute type"));
    ASSIGN_OR_RETURN(const std::uint16_t value, in.u16("attribute value"));
    if (type == kKeyLength && !key_length) {
      key_length = true;
      transform.key_bits = value;
      continue;
    }
    transform.usable = false;
    if ((type & kShortFormat) == 0) RETURN_IF_ERROR(in.take(value, "attribute value"));
  }
  if (!key_length_fits(transform, key_length)) transform.usable = false;
  if (transform.type == TransformType::esn && transform.id > 1) transform.usable = false;  // RFC 7296 3.3.2
  return {};
}

base::Result<Transform> parse_transform(base::Reader& in, bool last) {
  ASSIGN_OR_RETURN(const std::uint8_t marker, in.u8("transform"));
  RETURN_IF_ERROR(in.u8("reserved octet"));
  ASSIGN_OR_RETURN(const std::uint16_t length, in.u16("transform length"));
  // RFC 7296 3.3.2: 0 in the last transform of a proposal, 3 in all others.
  if (marker != (last ? kLast : kMoreTransforms)) return base::malformed("wrong mark for the last transform");
  if (length < 8) return base::malformed("transform length " + std::to_string(length) + " is below 8");
  ASSIGN_OR_RETURN(base::Reader body, in.sub(length - 4u, "transform"));
  ASSIGN_OR_RETURN(const std::uint8_t type, body.u8("transform type"));
  RETURN_IF_ERROR(body.u8("reserved octet"));
  Transform transform;
  transform.type = static_cast<TransformType>(type);
  ASSIGN_OR_RETURN(transform.id, body.u16("transform ID"));
  RETURN_IF_ERROR(parse_attributes(body, transform));
  return transform;
}

// RFC 7296 3.3.1: the SPI has 0 octets in an initial IKE proposal, 8 in a later one, 4 for AH and ESP. Which
// of 0 and 8 depends on the exchange: message/rules.
base::Status check_spi_size(ProtocolId protocol, std::size_t size) {
  bool fits = true;
  if (protocol == ProtocolId::ike) fits = size == 0 || size == 8;
  if (protocol == ProtocolId::ah || protocol == ProtocolId::esp) fits = size == 4;
  if (fits) return {};
  return base::malformed("SPI of " + std::to_string(size) + " octets in a proposal for " + name(protocol));
}

base::Result<Proposal> parse_proposal_body(base::Reader body) {
  Proposal proposal;
  ASSIGN_OR_RETURN(proposal.number, body.u8("proposal number"));
  ASSIGN_OR_RETURN(const std::uint8_t protocol, body.u8("protocol"));
  ASSIGN_OR_RETURN(const std::uint8_t spi_size, body.u8("SPI size"));
  ASSIGN_OR_RETURN(const std::uint8_t count, body.u8("number of transforms"));
  ASSIGN_OR_RETURN(const base::ByteSpan spi, body.take(spi_size, "SPI"));
  proposal.protocol = static_cast<ProtocolId>(protocol);
  proposal.spi = base::to_bytes(spi);
  RETURN_IF_ERROR(check_spi_size(proposal.protocol, spi_size));
  if (count == 0) return base::malformed("a proposal without transforms");
  for (unsigned i = 1; i <= count; ++i) {
    ASSIGN_OR_RETURN(const Transform transform, parse_transform(body, i == count));
    proposal.transforms.push_back(transform);
  }
  RETURN_IF_ERROR(body.expect_end("transforms"));
  return proposal;
}

void write_transform(const Transform& transform, bool last, base::Writer& out) {
  out.u8(last ? kLast : kMoreTransforms);
  out.u8(0);
  out.u16(transform.key_bits != 0 ? 12 : 8);
  out.u8(static_cast<std::uint8_t>(transform.type));
  out.u8(0);
  out.u16(transform.id);
  if (transform.key_bits == 0) return;
  out.u16(kKeyLength);
  out.u16(transform.key_bits);
}

void write_proposal(const Proposal& proposal, std::uint8_t number, bool last, base::Writer& out) {
  const std::size_t start = out.position();
  out.u8(last ? kLast : kMoreProposals);
  out.u8(0);
  out.u16(0);
  out.u8(number);
  out.u8(static_cast<std::uint8_t>(proposal.protocol));
  out.u8(static_cast<std::uint8_t>(proposal.spi.size()));
  out.u8(static_cast<std::uint8_t>(proposal.transforms.size()));
  out.bytes(proposal.spi);
  for (std::size_t i = 0; i < proposal.transforms.size(); ++i) {
    write_transform(proposal.transforms[i], i + 1 == proposal.transforms.size(), out);
  }
  out.patch_u16(start + 2, static_cast<std::uint16_t>(out.position() - start));
}

}  // namespace

base::Result<SaPayload> parse_sa(base::Reader body) {
  SaPayload p;
  bool more = true;
  while (more) {
    ASSIGN_OR_RETURN(const std::uint8_t marker, body.u8("proposal"));
    RETURN_IF_ERROR(body.u8("reserved octet"));
    ASSIGN_OR_RETURN(const std::uint16_t length, body.u16("proposal length"));
    if (length < 8) return base::malformed("proposal length " + std::to_string(length) + " is below 8");
    ASSIGN_OR_RETURN(const base::Reader inner, body.sub(length - 4u, "proposal"));
    ASSIGN_OR_RETURN(Proposal proposal, parse_proposal_body(inner));
    // RFC 7296 3.3.1: numbers start at 1 and grow; an answer has the number of the accepted proposal.
    const unsigned before = p.proposals.empty() ? 0 : p.proposals.back().number;
    if (proposal.number <= before) {
      return base::malformed("proposal number " + std::to_string(proposal.number) + " after " +
                             std::to_string(before));
    }
    p.proposals.push_back(std::move(proposal));
    // RFC 7296 3.3.1: 0 in the last proposal, 2 in all others.
    if (marker != kLast && marker != kMoreProposals)
      return base::malformed("wrong mark for the last proposal");
    more = marker == kMoreProposals;
  }
  RETURN_IF_ERROR(body.expect_end("proposals"));
  return p;
}

void write_body(const SaPayload& p, base::Writer& out) {
  for (std::size_t i = 0; i < p.proposals.size(); ++i) {
    const std::uint8_t given = p.proposals[i].number;
    write_proposal(p.proposals[i], given != 0 ? given : static_cast<std::uint8_t>(i + 1),
                   i + 1 == p.proposals.size(), out);
  }
}

}  // namespace ikev2
