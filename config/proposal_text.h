// Proposals as users write them: names joined by '/', or strongSwan's spelling joined by '-'.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "ikev2/negotiate/proposal.h"

namespace config {

// "aes-cbc-256/hmac-sha1/sha1-96/modp-2048" or "aes256-sha1-modp2048". The error names the word that is wrong
// and, where one is near, what may have been meant. Weak algorithms are accepted and named in `warnings`.
base::Result<ikev2::Proposal> parse_ike_proposal(std::string_view text, std::vector<std::string>& warnings);
base::Result<ikev2::Proposal> parse_child_proposal(std::string_view text, std::vector<std::string>& warnings);
// The same for AH: integrity algorithms, no encryption.
base::Result<ikev2::Proposal> parse_ah_proposal(std::string_view text, std::vector<std::string>& warnings);

ikev2::Proposals default_ike_proposals();
ikev2::Proposals default_child_proposals();
ikev2::Proposals default_ah_proposals();

}  // namespace config
