// The handlers that the transition table names, by exchange. Each decides, none does: what it wants done it
// appends to context.out. An error leaves the state as it was; sa/dispatch maps it to drop, answer or close.
#pragma once

#include "ikev2/core.h"
#include "ikev2/message/message.h"
#include "ikev2/sa/transition.h"

namespace ikev2 {

template <class... To>
using NextResult = base::Result<Next<To...>>;

// exchange/ike_sa_init_initiator.cpp
NextResult<InitGenerating, Closed> on_resolved(Resolving& state, ResolveDone& done, Context& context);
NextResult<InitSent, Closed> on_public_value(InitGenerating& state, KeDone& done, Context& context);
NextResult<InitSent, InitGenerating, InitAgreeing> on_init_response(InitSent& state, Message& message,
                                                                    Context& context);
NextResult<AuthSigning, Closed> on_shared_secret(InitAgreeing& state, KeDone& done, Context& context);

// exchange/ike_auth_initiator.cpp
NextResult<AuthSent, Closed> on_own_auth(AuthSigning& state, AuthDone& done, Context& context);
NextResult<AuthVerifying, Closed> on_auth_response(AuthSent& state, Message& message, Context& context);
NextResult<Idle, Closed> on_auth_verified(AuthVerifying& state, VerifyDone& done, Context& context);

// exchange/ike_sa_init_responder.cpp
// A request for which there is no SA yet. Keeps no state where it refuses or asks for a cookie.
void respond_to_init(Core& core, const Datagram& datagram, const Header& header, base::Instant now,
                     Actions& out);
NextResult<HalfOpen, Closed> on_responder_ke(InitResponding& state, KeDone& done, Context& context);

// exchange/ike_auth_responder.cpp
NextResult<AuthChecking> on_auth_request(HalfOpen& state, Message& message, Context& context);
NextResult<AuthAnswering, Closed> on_auth_checked(AuthChecking& state, VerifyDone& done, Context& context);
NextResult<Idle, Closed> on_answer_auth(AuthAnswering& state, AuthDone& done, Context& context);

// exchange/informational.cpp
NextResult<Idle, Closed> on_informational_request(Idle& state, Message& message, Context& context);
NextResult<Idle> on_probe_answer(Probing& state, Message& message, Context& context);
NextResult<Closed> on_ike_delete_answer(DeletingIke& state, Message& message, Context& context);
NextResult<Idle> on_child_delete_answer(DeletingChild& state, Message& message, Context& context);

// exchange/mobike.cpp
NextResult<Idle, Closed> on_update_answer(UpdatingAddresses& state, Message& message, Context& context);
NextResult<Idle, Closed> on_path_answer(CheckingPath& state, Message& message, Context& context);
NextResult<Idle> on_addresses_told(TellingAddresses& state, Message& message, Context& context);

// exchange/create_child_initiator.cpp
NextResult<ChildSent, Idle> on_child_public_value(ChildGenerating& state, KeDone& done, Context& context);
NextResult<ChildGenerating, ChildAgreeing, Idle, Closed> on_child_response(ChildSent& state, Message& message,
                                                                           Context& context);
NextResult<Idle> on_child_secret(ChildAgreeing& state, KeDone& done, Context& context);

// exchange/create_child_responder.cpp
NextResult<Idle, ChildResponding, RekeyResponding> on_create_child_request(Idle& state, Message& message,
                                                                           Context& context);
NextResult<Idle> on_child_answer_ke(ChildResponding& state, KeDone& done, Context& context);

// exchange/rekey_ike_initiator.cpp
NextResult<RekeySent, Idle> on_rekey_public_value(RekeyGenerating& state, KeDone& done, Context& context);
NextResult<RekeyGenerating, RekeyAgreeing, Idle, Closed> on_rekey_response(RekeySent& state, Message& message,
                                                                           Context& context);
NextResult<Idle> on_rekey_secret(RekeyAgreeing& state, KeDone& done, Context& context);

// exchange/rekey_ike_responder.cpp
NextResult<Idle> on_rekey_answer_ke(RekeyResponding& state, KeDone& done, Context& context);

}  // namespace ikev2
