// Proposals for tests.
#pragma once

#include "ikev2/negotiate/proposal.h"

namespace test {

using ikev2::Proposal, ikev2::ProtocolId, ikev2::Transform, ikev2::TransformType;

inline Transform cbc(std::uint16_t bits) { return {TransformType::encr, 12, bits}; }
inline Transform gcm(std::uint16_t bits) { return {TransformType::encr, 20, bits}; }
inline const Transform kChacha{TransformType::encr, 28};
inline const Transform kNullCipher{TransformType::encr, 11};
inline const Transform kPrfSha1{TransformType::prf, 2}, kPrfSha256{TransformType::prf, 5};
inline const Transform kSha1{TransformType::integ, 2}, kSha256{TransformType::integ, 12},
    kNoInteg{TransformType::integ, 0};
inline const Transform kModp2048{TransformType::ke, 14}, kCurve{TransformType::ke, 31},
    kEcp256{TransformType::ke, 19}, kNoKe{TransformType::ke, 0};
inline const Transform kEsn{TransformType::esn, 1}, kNoEsn{TransformType::esn, 0};

inline Proposal ike(std::uint8_t number, std::vector<Transform> transforms) {
  return {number, ProtocolId::ike, {}, std::move(transforms)};
}
inline Proposal esp(std::uint8_t number, std::vector<Transform> transforms) {
  return {number, ProtocolId::esp, {0xc0, 0xb2, 0x40, 0x47}, std::move(transforms)};
}
inline Proposal ah(std::uint8_t number, std::vector<Transform> transforms) {
  return {number, ProtocolId::ah, {0xc0, 0xb2, 0x40, 0x47}, std::move(transforms)};
}
// As in the configuration: without number and SPI.
inline Proposal ours(Proposal proposal) {
  proposal.number = 0;
  proposal.spi.clear();
  return proposal;
}

}  // namespace test
