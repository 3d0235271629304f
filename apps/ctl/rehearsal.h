// Two engines in memory that negotiate with each other: what two profiles would agree on, found out by the
// code that negotiates in earnest. No packet is sent, and no time passes.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "config/model.h"
#include "crypto/provider.h"
#include "ikev2/status.h"

namespace ctl {

// One profile of one file.
struct RehearsalSide {
  std::string title;  // "pr1 of left.yaml"
  ikev2::PeerConfig peer;
  std::vector<config::Credential> credentials;
};

struct RehearsedChild {
  std::string name;                          // of the initiator's configuration
  std::string peer_name;                     // of the responder's
  std::optional<ikev2::ChildStatus> agreed;  // as the initiator sees it
  std::string reason;                        // where it is not agreed, the initiator's words
  // The first rekeying, when key exchanges of children happen for the first time.
  bool rekeyed = false;
  crypto::Ke rekey_ke = crypto::Ke::none;
  std::string rekey_reason;
};

struct Rehearsal {
  bool swapped = false;                              // the second side initiates, since the first one cannot
  std::shared_ptr<const ikev2::IkeSaStatus> ike_sa;  // as it came up at the initiator; null where it did not
  std::vector<RehearsedChild> children;              // those of the initiator
  // Why not, the first reason first: "pr1 of right.yaml: no proposal chosen: …".
  std::vector<std::string> reasons;
  std::vector<std::string> notes;  // what was assumed
  bool agreed() const;
};

// Credentials are moved out of the sides.
Rehearsal rehearse(RehearsalSide first, RehearsalSide second, const crypto::Provider& provider,
                   base::Rng& rng);

}  // namespace ctl
