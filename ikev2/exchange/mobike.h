// MOBIKE, RFC 4555: the outer addresses of an IKE SA and its children change.
//
//   HDR, SK {N(UPDATE_SA_ADDRESSES), N(NAT_DETECTION_*)}   -->
//                                    <--   HDR, SK {N(NAT_DETECTION_*)}
//                                    <--   HDR, SK {N(COOKIE2)}             return routability
//   HDR, SK {N(COOKIE2)}   -->
#pragma once

#include <optional>
#include <vector>

#include "ikev2/core.h"
#include "ikev2/message/message.h"

namespace ikev2 {

// IKE_AUTH: MOBIKE_SUPPORTED, our additional addresses, and NO_NATS_ALLOWED with `encap: esp`
// (3.2, 3.4, 3.9). A responder says so only where the initiator did.
void add_mobility(Context& context, std::vector<Payload>& payloads);
// What the peer's IKE_AUTH says of it. Before our own answer as responder.
void take_mobility(Context& context, const Message& message);
// The notify that refuses a message whose NO_NATS_ALLOWED does not fit where it came from (3.9).
std::optional<NotifyPayload> prohibited_nat(const Context& context, const Message& message);

// Whether an SA should be on the NAT-T port for the sake of later moves (3.3).
bool wants_natt_port(const IkeSa& sa);

// The addresses of this host are these now, or its routes have changed. SAs that we chose the addresses of
// ask for their way to the peer; the others tell theirs.
void network_changed(Core& core, std::vector<base::IpAddress> addresses, base::Instant now, Actions& out);
// The answer to that question.
void on_route(Context& context, ResolveDone& done);
// A request of ours finds no answer: where the peer has told of other addresses, and we are the one who
// chooses, the next of them is tried, one after the other (RFC 4555 3.5, 3.10).
void try_other_address(Context& context);
// Begins what MOBIKE has to do in our slot, which is free. False: nothing.
bool begin_mobility_exchange(Context& context);

// What INFORMATIONAL requests ask of MOBIKE; adds to the answer (3.5 to 3.9).
void answer_mobility(Context& context, const Message& message, std::vector<Payload>& answer);

// A liveness check shows how the peer sees us, where we are behind a NAT (3.8).
std::vector<Payload> probe_payloads(Context& context);
void take_probe_answer(Context& context, const Message& message);

}  // namespace ikev2
