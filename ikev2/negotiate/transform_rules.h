// Which transforms a proposal must, may and must not hold, RFC 7296 3.3.3. Shared by the two sides of a
// negotiation.
#pragma once

#include "ikev2/negotiate/proposal.h"

namespace ikev2 {

enum class Need : std::uint8_t { mandatory, optional, forbidden };

// The table of RFC 7296 3.3.3. Integrity and, for AH and ESP, key exchange are optional there: leaving one
// out means NONE. Types that are not in the table are forbidden: RFC 7296 3.3.6 makes a proposal that holds
// one unacceptable.
Need need(ProtocolId protocol, TransformType type);

constexpr TransformType kTransformTypes[] = {TransformType::encr, TransformType::prf, TransformType::integ,
                                             TransformType::ke, TransformType::esn};

bool is_aead(const Transform& transform);
inline bool is_none(const Transform& transform) {
  return transform.id == 0 && (transform.type == TransformType::integ || transform.type == TransformType::ke);
}

// Whether an SPI that came with a proposal can be used: empty, or 256 and above for AH and ESP (RFC
// 4303 2.1), not zero for IKE (RFC 7296 3.1).
bool spi_fits(const Proposal& proposal);

// The result for a proposal that holds one transform of each type.
ChosenProposal make_chosen(Proposal proposal);

}  // namespace ikev2
