// The states of one exchange, of either slot of an IKE SA. Each struct holds what that state alone knows;
// what the whole handshake shares stands in Handshake (sa/ike_sa.h).
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <variant>

#include "base/error.h"
#include "crypto/key_exchange.h"
#include "ikev2/action.h"
#include "ikev2/message/message.h"

namespace ikev2 {

// Either slot.
struct Idle {};
struct Closed {  // the IKE SA is over
  std::string reason;
  bool failure = true;  // false: somebody wanted it so
};

// Slot `ours`: exchanges that we began.
struct Resolving {  // waits for the peer's address
  JobId job;
};
struct InitGenerating {  // waits for our public value
  JobId job;
};
struct InitSent {  // IKE_SA_INIT is out
  std::unique_ptr<crypto::KeyExchange> own;
  std::optional<base::Error> refusal;  // an unauthenticated error notify that may be forged
};
struct InitAgreeing {  // waits for g^ir
  JobId job;
};
struct AuthSigning {  // waits for our AUTH value
  JobId job;
};
struct AuthSent {};     // IKE_AUTH is out
struct AuthVerifying {  // waits for the verdict on the responder's AUTH
  JobId job;
  Message response;
};
struct Probing {};      // an empty INFORMATIONAL is out: liveness
struct DeletingIke {};  // DELETE of the IKE SA is out
struct DeletingChild {  // DELETE of a child is out
  base::ChildId child;
};

// Slot `theirs`: exchanges that the peer began.
struct InitResponding {  // waits for our public value and g^ir
  JobId job;
};
struct HalfOpen {};    // IKE_SA_INIT is answered; waits for IKE_AUTH
struct AuthChecking {  // waits for the verdict on the initiator's AUTH
  JobId job;
  Message request;
  std::optional<base::Error> refusal;  // known already: answered after equal work, RFC 7296 2.21.2
};
struct AuthAnswering {  // waits for our AUTH value
  JobId job;
  Message request;
};

using State = std::variant<Idle, Closed, Resolving, InitGenerating, InitSent, InitAgreeing, AuthSigning,
                           AuthSent, AuthVerifying, Probing, DeletingIke, DeletingChild, InitResponding,
                           HalfOpen, AuthChecking, AuthAnswering>;

// Names for logs and the diagram, in the order of the variant.
constexpr std::string_view kStateNames[] = {
    "Idle",           "Closed",   "Resolving",     "InitGenerating", "InitSent",    "InitAgreeing",
    "AuthSigning",    "AuthSent", "AuthVerifying", "Probing",        "DeletingIke", "DeletingChild",
    "InitResponding", "HalfOpen", "AuthChecking",  "AuthAnswering"};
static_assert(std::size(kStateNames) == std::variant_size_v<State>);

}  // namespace ikev2
