// The IKE SA replaced by CREATE_CHILD_SA: RFC 7296 1.3.2, 2.8, 2.18, collisions 2.25.2.
#pragma once

#include <optional>

#include "ikev2/exchange/handlers.h"

namespace ikev2 {

// The plan of the rekey of this child that we have under way, or nullptr.
ChildPlan* rekey_plan_of(IkeSa& sa, std::optional<base::ChildId> child);
// The plan of the rekey of the IKE SA that we have under way, or nullptr.
IkePlan* rekey_plan_of(IkeSa& sa);

// The peer asks for a new IKE SA.
NextResult<Idle, ChildResponding, RekeyResponding> on_ike_rekey_request(Context& context,
                                                                        const Message& request);

// What a rekey of the IKE SA has agreed on.
struct RekeyedIke {
  bool we_initiated = false;
  base::IkeSpi spi_i, spi_r;
  base::Bytes nonce_i, nonce_r;
  crypto::IkeSuite suite;
};
// Makes the new IKE SA from SK_d of this one and g^ir of the exchange (2.18). Its children come later.
base::Result<IkeSa*> make_successor(Context& context, const RekeyedIke& agreed, base::ByteSpan secret);
// The successor takes over the children; this IKE SA waits for its DELETE, ours or the peer's.
void hand_over(Context& context, IkeSa& successor, bool we_delete);
// The peer has ended the IKE SA. Where both of us were rekeying it, the peer's new one has won, and takes
// over (RFC 7296 2.25.2).
void follow_rekey(Context& context);
// Another IKE SA does the work of this one, which waits for the peer's DELETE.
void retire(Context& context, IkeSa& sa);
// An IKE SA that lost against the one that the peer made at the same time: we made it, we delete it.
void discard(Context& context, IkeSa& redundant);

}  // namespace ikev2
