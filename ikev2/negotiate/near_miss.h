// Why proposals do not fit, in one line for a person.
#pragma once

#include <string>
#include <vector>

#include "ikev2/negotiate/proposal.h"

namespace ikev2 {

// One transform type of which two proposals have nothing in common.
struct Miss {
  TransformType type{};
  std::vector<Transform> offered, allowed;
};

// Why a peer's proposal cannot be taken whatever its algorithms are: another protocol, an SPI that must not
// be, a transform type that we do not know. Empty where none of that holds.
std::string unfit(const Proposal& theirs, ProtocolId protocol);

// "nearest proposal 1: integrity: offered sha1-96, allowed hmac-sha2-256-128"
std::string explain(unsigned number, const std::vector<Miss>& misses);

// "no proposal chosen: <why>; offered A, B; allowed C", with the lists cut to a readable length.
std::string refusal_text(const std::string& why, const Proposals& offered, const Proposals& allowed);

}  // namespace ikev2
