// The states of one exchange, of either slot of an IKE SA. Each struct holds what that state alone knows;
// what the whole handshake shares stands in Handshake (sa/ike_sa.h).
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "base/error.h"
#include "crypto/key_exchange.h"
#include "ikev2/action.h"
#include "ikev2/message/message.h"
#include "ikev2/sa/child_sa.h"

namespace ikev2 {

// What the initiator of a CREATE_CHILD_SA exchange keeps between its messages.
struct ExchangePlan {
  base::Bytes nonce_i;
  crypto::Ke method = crypto::Ke::none;  // of the KE payload; none: without
  std::vector<crypto::Ke> tried;         // groups so far, this one included
  std::vector<RequestId> requests;       // commands that wait for it
};
// The peer has begun to rekey the same SA, and we have answered: which of the two new ones stays? (RFC 7296
// 2.8.1 and 2.25)
template <class Id>
struct RekeyCollision {
  Id made_by_peer;           // the new SA of its exchange
  base::Bytes lowest_nonce;  // of its exchange
};
struct ChildPlan : ExchangePlan {
  ChildOffer offer;
  std::optional<base::ChildId> rekeys;  // unset: a new child
  std::optional<RekeyCollision<base::ChildId>> collision;
};
struct IkePlan : ExchangePlan {
  Proposals proposals;  // as sent
  base::IkeSpi spi;     // ours, of the new SA
  std::optional<RekeyCollision<std::uint64_t>> collision;
};

// Either slot.
struct Idle {};
struct Closed {  // the IKE SA is over
  std::string reason;
  bool failure = true;     // false: somebody wanted it so
  bool tell_peer = false;  // the peer believes in it still: it is sent a DELETE
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
struct UpdatingAddresses {};  // UPDATE_SA_ADDRESSES is out
struct CheckingPath {         // COOKIE2 is out, to the peer's new address
  base::Bytes cookie;
};
struct TellingAddresses {};  // our additional addresses are out

struct ChildGenerating {  // waits for our public value of CREATE_CHILD_SA for a child
  JobId job;
  std::unique_ptr<ChildPlan> plan;
};
struct ChildSent {  // CREATE_CHILD_SA for a child is out
  std::unique_ptr<ChildPlan> plan;
  std::unique_ptr<crypto::KeyExchange> own;  // null without a key exchange
};
struct ChildAgreeing {  // waits for g^ir of the child
  JobId job;
  std::unique_ptr<ChildPlan> plan;
  AgreedChild agreed;
  base::Bytes nonce_r;
};
struct RekeyGenerating {  // waits for our public value of the new IKE SA
  JobId job;
  std::unique_ptr<IkePlan> plan;
};
struct RekeySent {  // CREATE_CHILD_SA for a new IKE SA is out
  std::unique_ptr<IkePlan> plan;
  std::unique_ptr<crypto::KeyExchange> own;
};
struct RekeyAgreeing {  // waits for g^ir of the new IKE SA
  JobId job;
  std::unique_ptr<IkePlan> plan;
  ChosenProposal chosen;
  base::IkeSpi spi_r;
  base::Bytes nonce_r;
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
struct ChildResponding {  // waits for our public value and g^ir of a child
  JobId job;
  AgreedChild agreed;
  std::optional<base::ChildId> rekeys;
  base::Bytes nonce_i;
};
struct RekeyResponding {  // waits for our public value and g^ir of a new IKE SA
  JobId job;
  ChosenProposal chosen;
  base::IkeSpi spi_i;
  base::Bytes nonce_i;
};

using State = std::variant<Idle, Closed, Resolving, InitGenerating, InitSent, InitAgreeing, AuthSigning,
                           AuthSent, AuthVerifying, Probing, DeletingIke, DeletingChild, UpdatingAddresses,
                           CheckingPath, TellingAddresses, ChildGenerating, ChildSent, ChildAgreeing,
                           RekeyGenerating, RekeySent, RekeyAgreeing, InitResponding, HalfOpen, AuthChecking,
                           AuthAnswering, ChildResponding, RekeyResponding>;

// Names for logs and the diagram, in the order of the variant.
constexpr std::string_view kStateNames[] = {"Idle",
                                            "Closed",
                                            "Resolving",
                                            "InitGenerating",
                                            "InitSent",
                                            "InitAgreeing",
                                            "AuthSigning",
                                            "AuthSent",
                                            "AuthVerifying",
                                            "Probing",
                                            "DeletingIke",
                                            "DeletingChild",
                                            "UpdatingAddresses",
                                            "CheckingPath",
                                            "TellingAddresses",
                                            "ChildGenerating",
                                            "ChildSent",
                                            "ChildAgreeing",
                                            "RekeyGenerating",
                                            "RekeySent",
                                            "RekeyAgreeing",
                                            "InitResponding",
                                            "HalfOpen",
                                            "AuthChecking",
                                            "AuthAnswering",
                                            "ChildResponding",
                                            "RekeyResponding"};
static_assert(std::size(kStateNames) == std::variant_size_v<State>);
static_assert(std::size(kStateNames) <= 32, "sets of states are 32-bit masks");

}  // namespace ikev2
