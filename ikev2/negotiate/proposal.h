// Proposals and how one is chosen, RFC 7296 2.7 and 3.3. Pure.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "crypto/suite.h"
#include "ikev2/types.h"

namespace ikev2 {

struct Transform {
  TransformType type = TransformType::encr;
  std::uint16_t id = 0;
  std::uint16_t key_bits = 0;  // 0: no Key Length attribute
  bool usable =
      true;  // false: an attribute that we do not know, or a key length that cannot be, RFC 7296 3.3.5
  bool operator==(const Transform&) const = default;
};

// One proposal, on the wire (with number and spi) or in the configuration (both empty).
struct Proposal {
  std::uint8_t number = 0;
  ProtocolId protocol = ProtocolId::ike;
  base::Bytes spi;
  std::vector<Transform> transforms;  // in order of preference within a type
  bool operator==(const Proposal&) const = default;

  std::vector<Transform> of(TransformType type) const;
  std::string text() const;  // "aes-cbc-256/hmac-sha1/sha1-96/modp-2048"
};
using Proposals = std::vector<Proposal>;

// A transform as users write it: "aes-cbc-256", "no-esn".
std::string text(const Transform& transform);
std::string text(const Proposals& proposals);  // joined by ", "

struct ChosenProposal {
  Proposal proposal;  // exactly one transform of each type; number and spi from the peer's proposal
  crypto::CipherSpec cipher;
  crypto::Prf prf = crypto::Prf::none;
  crypto::Ke ke = crypto::Ke::none;
  bool esn = false;
};

// The responder's choice: our order of preference rules, except that a proposal whose key exchange equals
// `preferred_ke` (the group of the peer's KE payload) wins over one that would cost a round trip.
// The error is family incompatible with NO_PROPOSAL_CHOSEN, and names offered, allowed and the nearest miss:
// "no proposal chosen: nearest proposal 1: integrity: offered sha1-96, allowed hmac-sha2-256-128; offered …;
// allowed …". Proposals for another protocol, with a reserved SPI or a transform type that we do not know are
// passed over (RFC 7296 3.3.6).
base::Result<ChosenProposal> choose(const Proposals& offered, const Proposals& allowed,
                                    crypto::Ke preferred_ke);
// The initiator's check of an answer: one proposal, one transform of each type, all of them offered (RFC 7296
// 2.7). `offered` is what was sent: proposals without a number count from 1. The error is family misbehaved.
base::Result<ChosenProposal> check_answer(const Proposals& answer, const Proposals& offered);
// What an initiator sends: numbered from 1, with its SPI, and with AEAD and other ciphers in proposals of
// their own (RFC 7296 3.3). At most 255.
Proposals to_offer(const Proposals& configured, base::ByteSpan spi);
// For the first child: the same proposals without key exchange transforms (RFC 7296 1.2).
Proposals without_ke(const Proposals& proposals);
// The key exchanges that the proposals name, in order, each once.
std::vector<crypto::Ke> key_exchanges(const Proposals& proposals);

}  // namespace ikev2
